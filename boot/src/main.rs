//! Builds Bindery, packs its image, runs it in QEMU and runs its test suites.
//!
//! One host tool behind `run-qemu.sh` and `test.sh`. `run` boots Bindery, `linux` runs the same program files on
//! Debian's Linux kernel with its binder driver (the oracle every behaviour is compared with).

mod acceleration;
mod added;
mod arguments;
mod bindery;
mod build;
mod failure;
mod gdb;
mod image;
mod layout;
mod linux;
mod new;
mod options;
mod qemu;
mod ramdisk;
mod strip;
mod symbols;
mod terminal;
mod tests;
mod trace;

use std::process::ExitCode;

use arguments::Command;

fn main() -> ExitCode {
    let outcome = match arguments::parse() {
        Command::Run(options) => bindery::run(&options),
        Command::Test(options) => tests::run(&options),
        Command::New(options) => new::run(&options),
        Command::Linux(options) => linux::run(&options),
    };
    outcome.unwrap_or_else(|error| failure::report(&error))
}
