//! The interactive shell.
//!
//! `shell` reads lines from its console, `shell -c LINE` runs one; so does the environment variable `BINDERY_EXEC`,
//! which is how the first shell of a run with `--exec` is told its line.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod commands;
mod platform;
mod terminal;

use alloc::format;

use abi::kernel_objects::trace::{LINE_BEGINS, LINE_ENDS};
use libbinder::kernel::{Trace, kernel};
use platform::Platform;
use rt::environment;
use shell::Shell;
use shell::execute::{Use, WRONG_USE};
use shell::variables::Variables;

rt::program!(main);

/// The variable that a traced run has.
const TRACED: &str = "BINDERY_TRACE";

fn main(arguments: rt::Arguments) -> i32 {
    let line = match (arguments.get(1), arguments.get(2)) {
        (None, _) => environment::get("BINDERY_EXEC"),
        (Some("-c"), Some(line)) => Some(line),
        _ => {
            rt::eprintln!("usage: shell [-c LINE]");
            return WRONG_USE;
        }
    };
    let usage = if line.is_some() {
        Use::Script
    } else {
        Use::Interactive
    };
    let platform = match Platform::new(usage) {
        Ok(platform) => platform,
        Err(error) => {
            rt::eprintln!("shell: {error}");
            return 1;
        }
    };
    let pairs: alloc::vec::Vec<_> = environment::variables()
        .filter(|(name, _)| *name != TRACED)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let mut variables = Variables::from_environment(pairs.iter().map(|pair| pair.as_str()));
    variables.own = rt::syscall::getpid();
    let files = platform.files();
    let mut shell = Shell::new(platform, variables, files, usage);
    match line {
        Some(line) if environment::get(TRACED).is_some() => run_marked(&mut shell, line),
        Some(line) => shell.run(line),
        None => terminal::run(&mut shell),
    }
}

/// Runs a line between two marks in the trace of this run.
fn run_marked(shell: &mut Shell<Platform>, line: &str) -> i32 {
    let trace = kernel().and_then(|kernel| kernel.trace());
    // A line runs whether or not it is recorded well.
    let mark = |text| trace.as_ref().map(|trace: &Trace| trace.mark(text));
    let _ = mark(LINE_BEGINS);
    let status = shell.run(line);
    let _ = mark(LINE_ENDS);
    status
}
