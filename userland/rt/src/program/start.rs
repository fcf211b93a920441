//! From the entry point to main.

use crate::environment::{self, Arguments};
use crate::syscall::exit;
use crate::thread;

/// Prepares the process and runs its main function.
///
/// # Safety
///
/// Called once, by the code at the entry point. `stack` is the stack pointer that the kernel entered the program with:
/// the argument count, the arguments, null, the environment, null.
pub unsafe fn run(stack: *const usize, main: fn(Arguments) -> i32) -> ! {
    // SAFETY: the caller's promise; the kernel's lists lie there as long as the process lives.
    unsafe { environment::adopt(stack) };
    thread::adopt_main();
    let status = main(environment::arguments());
    thread::drop_locals();
    exit(status)
}
