//! Signals: ignoring them, and letting them interrupt a blocked call.

use crate::Result;
use crate::syscall::{raw, word};
use abi::syscall;
use core::arch::naked_asm;

/// Ends a process at once. Cannot be handled.
pub const KILL: i32 = 9;
/// For the program's own purposes.
pub const USER1: i32 = 10;
/// A pipe that nobody reads was written to.
pub const PIPE: i32 = 13;
/// Asks a process to end.
pub const TERMINATE: i32 = 15;

const DEFAULT: u64 = 0;
const IGNORE: u64 = 1;
const RESTORER: u64 = 0x0400_0000;
const SET_SIZE: u64 = 8;

/// The kernel's `struct sigaction`.
#[repr(C)]
struct Action {
    handler: u64,
    flags: u64,
    restorer: u64,
    mask: u64,
}

extern "C" fn nothing(_signal: i32) {}

/// Returns from a handler to where the thread was interrupted.
#[unsafe(naked)]
extern "C" fn restore() {
    naked_asm!("mov eax, {number}", "syscall", "ud2", number = const syscall::RT_SIGRETURN)
}

fn set(signal: i32, handler: u64) -> Result<()> {
    let action = Action {
        handler,
        flags: RESTORER,
        restorer: restore as *const () as u64,
        mask: 0,
    };
    // SAFETY: the kernel only reads the action. Its handler is none, or a function that does nothing and returns
    // through `restore`, so it can run at any moment.
    unsafe {
        raw::call4(
            syscall::RT_SIGACTION,
            word(signal),
            &raw const action as u64,
            0,
            SET_SIZE,
        )
    }
    .map(drop)
}

/// Lets a signal pass without effect.
///
/// # Errors
///
/// EINVAL when the signal cannot be ignored.
pub fn ignore(signal: i32) -> Result<()> {
    set(signal, IGNORE)
}

/// Lets a signal interrupt blocked calls with EINTR, and do nothing else.
///
/// # Errors
///
/// EINVAL when the signal cannot be handled.
pub fn interrupt(signal: i32) -> Result<()> {
    set(signal, nothing as *const () as u64)
}

/// Gives a signal back the meaning it has at the start of a program.
///
/// # Errors
///
/// EINVAL when there is no such signal.
pub fn reset(signal: i32) -> Result<()> {
    set(signal, DEFAULT)
}
