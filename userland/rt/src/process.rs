//! Processes by fork, as Linux has them.
//!
//! Bindery's own programs start each other through the kernel's process manager, which is a binder object. These calls
//! are for programs that do on Linux what they do here, such as the conformance suite.

use crate::Result;
use crate::syscall::{exit, raw, small, with_c_string, word};
use abi::thread::PR_SET_PDEATHSIG;
use abi::{Errno, syscall};
use alloc::vec::Vec;

const SIGNAL_CHILD: u64 = 17;

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It returned this status.
    Exited(i32),
    /// This signal killed it.
    Killed(i32),
}

/// Starts a copy of this process that runs `child` and ends with its result. Gives the copy's number.
///
/// Only the calling thread goes on in the copy. A lock that another thread holds at this moment stays locked there.
///
/// # Errors
///
/// Those of fork(2).
pub fn fork(child: impl FnOnce() -> i32) -> Result<i32> {
    // SAFETY: the copy has its own memory; in it, this thread goes on alone behind the call and never returns from
    // this function.
    let pid = small(unsafe { raw::call5(syscall::CLONE, SIGNAL_CHILD, 0, 0, 0, 0) })?;
    if pid == 0 {
        exit(child());
    }
    Ok(pid)
}

/// Waits for a child to end; -1 waits for any. Gives its number and how it ended.
///
/// # Errors
///
/// ECHILD, EINTR.
pub fn wait(pid: i32) -> Result<(i32, Ended)> {
    let mut status = 0_i32;
    // SAFETY: the kernel writes the status word.
    let pid = small(unsafe { raw::call4(syscall::WAIT4, word(pid), &raw mut status as u64, 0, 0) })?;
    let ended = match status & 0x7f {
        0 => Ended::Exited((status >> 8) & 0xff),
        signal => Ended::Killed(signal),
    };
    Ok((pid, ended))
}

/// Lets the kernel send this process a signal when the thread that made it ends.
///
/// # Errors
///
/// EINVAL for no signal.
pub fn end_with_parent(signal: i32) -> Result<()> {
    // SAFETY: the call touches no memory of the program.
    unsafe { raw::call2(syscall::PRCTL, PR_SET_PDEATHSIG, word(signal)) }.map(drop)
}

/// Replaces this process's program. Returns only when that fails.
pub fn execute(path: &str, arguments: &[&str], variables: &[&str]) -> Errno {
    fn terminated(texts: &[&str]) -> Vec<Vec<u8>> {
        texts
            .iter()
            .map(|text| [text.as_bytes(), &[0]].concat())
            .collect()
    }
    fn addresses(texts: &[Vec<u8>]) -> Vec<u64> {
        texts.iter().map(|text| text.as_ptr() as u64).chain([0]).collect()
    }
    let (arguments, variables) = (terminated(arguments), terminated(variables));
    let (arguments, variables) = (addresses(&arguments), addresses(&variables));
    let result = with_c_string(path, |path| {
        // SAFETY: the kernel only reads the path and the two lists, which live through the call.
        unsafe {
            raw::call3(
                syscall::EXECVE,
                path,
                arguments.as_ptr() as u64,
                variables.as_ptr() as u64,
            )
        }
    });
    result.err().unwrap_or(Errno::EINVAL)
}
