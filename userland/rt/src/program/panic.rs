//! What happens when a program panics: it says where, and ends.

use crate::io::Standard;
use crate::syscall::{exit, getpid, gettid};
use core::fmt::Write;
use core::panic::PanicInfo;

/// The status of a program that panicked, as Rust's standard library has it.
const PANICKED: i32 = 101;

/// Prints the panic to standard error and ends the process. Needs no heap.
pub fn panicked(info: &PanicInfo<'_>) -> ! {
    let mut error = Standard::error();
    // Nothing can be done about an error while telling of an error.
    let _ = writeln!(error, "[{}:{}] {info}", getpid(), gettid());
    drop(error);
    exit(PANICKED)
}
