//! Failures of the tool itself: one line on stderr, exit status 2.

use std::process::ExitCode;

/// Exit status of everything that goes wrong outside the guest.
pub(crate) const USAGE: u8 = 2;

/// Exit status of a guest that did not end in time, as `timeout(1)` has it.
pub(crate) const TIMED_OUT: u8 = 124;

/// Exit status of a guest whose kernel panicked.
pub(crate) const PANICKED: u8 = 101;

/// Prints `error` with its causes on one line and gives the exit status for it.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("bindery: {error:#}");
    ExitCode::from(USAGE)
}
