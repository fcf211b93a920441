//! The commands that need this system: files, processes, services, the kernel's objects.
//!
//! Each is a function from its arguments and files to a status. What it prints it gathers first and writes in one
//! piece, so that lines of several programs do not mix.

mod argument;
mod binder;
mod dumpsys;
mod files;
pub(crate) use files::shown;
mod kernel;
mod service;
mod trace;

use abi::Errno;
use alloc::format;
use alloc::string::String;

use crate::platform::Descriptor;
use rt::syscall;
use shell::system::Files;

/// A command: its arguments without its name, and its files.
pub(crate) type Run = fn(&[String], &Files<Descriptor>) -> Outcome;

/// What came of a command: what it printed, or why it failed.
pub(crate) type Outcome = Result<String, Failure>;

/// Why a command failed.
pub(crate) enum Failure {
    /// Its arguments make no sense; this is how they should look.
    Usage(&'static str),
    /// It was printed before, this much, and then went wrong.
    Failed(String),
}

impl Failure {
    /// A failure about `what`, for the reason `error`.
    pub(crate) fn of(what: &str, error: impl core::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {error}"))
    }
}

/// The commands' names with their help.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (
        "binder",
        "state|stats|transactions|log|failed: what the driver tells about itself.",
    ),
    ("cat", "[FILE...]: prints files, or what comes in."),
    ("dmesg", "Prints the kernel log."),
    ("dumpsys", "[NAME]: asks services to print their state."),
    ("free", "Prints how much memory there is."),
    ("handles", "PID: lists what a process may reach."),
    ("ls", "[DIRECTORY...]: lists names."),
    ("panic", "Lets the kernel panic, to see what it says then."),
    ("poweroff", "[STATUS]: switches the machine off."),
    (
        "ps",
        "Lists processes with their threads, and what each waits for.",
    ),
    ("reboot", "Starts the machine anew."),
    (
        "service",
        "list | check NAME | call NAME CODE [i32 N|i64 N|f N|d N|s16 TEXT|null|fd FILE|nfd N|afd FILE]...",
    ),
    (
        "trace",
        "on [EVENTS] | off | show [EVENTS]: records what binder does, and shows it.",
    ),
    ("uptime", "Prints how long the system runs."),
];

/// What each of them does, in the same order.
const RUNS: [Run; NAMES.len()] = [
    binder::run,
    files::cat,
    kernel::dmesg,
    dumpsys::run,
    kernel::free,
    binder::handles,
    files::ls,
    kernel::panic,
    kernel::power_off,
    kernel::ps,
    kernel::reboot,
    service::run,
    trace::run,
    kernel::uptime,
];

/// Runs the command at this place of [`NAMES`]; its status.
pub(crate) fn run(index: usize, arguments: &[String], files: &Files<Descriptor>) -> i32 {
    let (name, _) = NAMES[index];
    let words = arguments.get(1..).unwrap_or_default();
    let (output, error, status) = match RUNS[index](words, files) {
        Ok(output) => (output, None, 0),
        Err(Failure::Usage(usage)) => (String::new(), Some(format!("shell: usage: {name} {usage}\n")), 2),
        Err(Failure::Failed(why)) => (String::new(), Some(format!("shell: {name}: {why}\n")), 1),
    };
    let written = syscall::write_all(files.output.number(), output.as_bytes());
    if let Some(error) = error {
        // Where even errors cannot be written there is nobody to tell.
        let _ = syscall::write_all(files.errors.number(), error.as_bytes());
    }
    match written {
        Ok(()) => status,
        Err(Errno::EPIPE) => 128 + rt::signal::PIPE,
        Err(_) => 1,
    }
}
