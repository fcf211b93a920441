//! Waiting for a word in memory to change.

use super::raw;
use crate::Result;
use abi::syscall;
use core::sync::atomic::AtomicU32;

const WAIT: u64 = 0;
const WAKE: u64 = 1;
const PRIVATE: u64 = 128;

/// Who may wait on the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Threads of this process.
    Private,
    /// Whoever has the memory mapped, and the kernel when a thread ends.
    Shared,
}

impl Scope {
    const fn flag(self) -> u64 {
        match self {
            Self::Private => PRIVATE,
            Self::Shared => 0,
        }
    }
}

/// Sleeps while `word` is `expected`, for at most `timeout_ns`.
///
/// # Errors
///
/// EAGAIN when the word is something else, ETIMEDOUT, EINTR.
pub fn futex_wait(word: &AtomicU32, expected: u32, timeout_ns: Option<u64>, scope: Scope) -> Result<()> {
    let time = timeout_ns.map(|ns| [ns / 1_000_000_000, ns % 1_000_000_000]);
    let time = time.as_ref().map_or(0, |time| time.as_ptr() as u64);
    let operation = WAIT | scope.flag();
    // SAFETY: the kernel only reads the word and the timeout, which both live through the call.
    unsafe {
        raw::call4(
            syscall::FUTEX,
            word.as_ptr() as u64,
            operation,
            u64::from(expected),
            time,
        )
    }
    .map(drop)
}

/// Wakes up to `count` threads that sleep on `word`, and returns how many it woke.
pub fn futex_wake(word: &AtomicU32, count: u32, scope: Scope) -> u32 {
    let operation = WAKE | scope.flag();
    // SAFETY: the address is only compared with those of the sleepers.
    let woken = unsafe { raw::call3(syscall::FUTEX, word.as_ptr() as u64, operation, u64::from(count)) };
    woken.map_or(0, |woken| woken as u32)
}
