//! The oracle: a Linux guest with the real binder driver.
//!
//! Debian's kernel package and its static busybox make a guest that runs the very program files Bindery runs, so
//! that what both print can be compared. Programs talk on the first serial port, the kernel on the second.

mod cpio;
mod initramfs;
mod package;

use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use crate::added::Added;
use crate::build::Executable;
use crate::failure;
use crate::layout::{self, Scratch};
use crate::qemu::{self, Ended, Machine, Programs};

/// The name of the log among the files of a run.
const KERNEL_LOG: &str = "kernel.log";

/// What `boot linux` understands.
#[derive(Args, Debug, Clone)]
pub(crate) struct Options {
    /// The line that /bin/sh runs; its status is the exit status.
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    pub(crate) exec: String,
    /// Puts a host file into the guest as /bin/NAME (repeatable).
    #[arg(long, value_name = "FILE[:NAME]")]
    pub(crate) add: Vec<Added>,
    /// Runs deterministically: one guest nanosecond per instruction.
    #[arg(long)]
    pub(crate) icount: bool,
    /// Gives up after this time with status 124.
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) timeout: u64,
    /// Adds to the kernel's command line.
    #[arg(long, value_name = "WORDS", default_value = "", allow_hyphen_values = true)]
    pub(crate) append: String,
    /// The kernel's version.
    #[arg(long, value_name = "VERSION", default_value = "6.12", value_parser = ["6.12", "6.1"])]
    pub(crate) kernel: String,
    /// Shows the kernel log on stderr.
    #[arg(long)]
    pub(crate) log: bool,
}

impl Options {
    /// The options for a line with the given programs.
    pub(crate) fn for_line(line: &str, programs: &[Executable], timeout: u64) -> Self {
        Self {
            exec: line.to_owned(),
            add: programs.iter().cloned().map(Added::from).collect(),
            icount: false,
            timeout,
            append: String::new(),
            kernel: "6.12".to_owned(),
            log: false,
        }
    }
}

/// Runs the line and gives what programs wrote, the exit status and the end of the kernel log.
pub(crate) fn capture(options: &Options) -> Result<(Vec<u8>, u8, String)> {
    let scratch = Scratch::new()?;
    let machine = machine(options, &scratch)?;
    let mut stdout = Vec::new();
    let status = match machine.run(Programs::Captured(&mut stdout))? {
        Ended::Status(status) => status,
        Ended::TimedOut => failure::TIMED_OUT,
        Ended::Panicked | Ended::Rebooting | Ended::TripleFault | Ended::Silent => failure::PANICKED,
    };
    Ok((stdout, status, machine.log().tail()))
}

/// Runs the line with its output on this tool's stdout.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let scratch = Scratch::new()?;
    let machine = machine(options, &scratch)?;
    qemu::publish(&scratch.file(KERNEL_LOG), &layout::target().join("linux.log"))?;
    let ended = machine.run(Programs::Stdout)?;
    match ended {
        Ended::Status(status) => Ok(ExitCode::from(status)),
        Ended::TimedOut => {
            eprintln!(
                "bindery: no end after {} s; the last lines of the kernel log:",
                options.timeout
            );
            eprint!("{}", machine.log().tail());
            Ok(ExitCode::from(failure::TIMED_OUT))
        }
        Ended::Panicked | Ended::Rebooting | Ended::TripleFault | Ended::Silent => {
            eprintln!("bindery: the Linux guest ended without a status; the last lines of its kernel log:");
            eprint!("{}", machine.log().tail());
            Ok(ExitCode::from(failure::PANICKED))
        }
    }
}

/// The QEMU machine that runs `options.exec`, with its initramfs written.
fn machine(options: &Options, scratch: &Scratch) -> Result<Machine> {
    let kernel = package::kernel(&options.kernel)?;
    let busybox = package::busybox()?;
    let archive = initramfs::pack(&kernel, &busybox, options)?;
    let initramfs = scratch.file("initramfs");
    fs::write(&initramfs, archive).with_context(|| format!("cannot write {}", initramfs.display()))?;

    let mut machine = Machine::new(
        scratch.file(KERNEL_LOG),
        Some(Duration::from_secs(options.timeout)),
    );
    if options.log {
        machine.show_log();
    }
    if options.icount {
        machine.count_instructions();
    }
    // Programs' addresses are the same each time too: a conversation may take a part of one for a command.
    let randomness = if options.icount { "nokaslr norandmaps" } else { "" };
    let command_line = format!(
        "console=ttyS1,115200 quiet panic=-1 rdinit=/init {randomness} {}",
        options.append
    );
    machine.argument("-m").argument("512");
    machine.argument("-kernel").argument(kernel.image);
    machine.argument("-initrd").argument(initramfs);
    machine.argument("-append").argument(command_line.trim());
    Ok(machine)
}
