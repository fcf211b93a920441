//! Waiting for several files: epoll, and the files that exist to be waited for.

use super::{raw, small, word};
use crate::Result;
use abi::{Errno, syscall};

const CLOEXEC: u64 = 0o2_000_000;
const CLOCK_MONOTONIC: u64 = 1;

/// One event of an epoll set, as the kernel lays it out.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, packed)]
pub struct EpollEvent {
    /// What happened, or what to wait for; the bits of poll(2), and 1 << 31 for edges only.
    pub events: u32,
    /// The caller's word for the file.
    pub data: u64,
}

/// What to do with a file of an epoll set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpollChange {
    /// Take it in.
    Add,
    /// Take it out.
    Remove,
    /// Wait for other events.
    Modify,
}

/// Makes an empty epoll set.
///
/// # Errors
///
/// Those of `epoll_create1(2)`.
pub fn epoll_create() -> Result<i32> {
    // SAFETY: the call touches no memory.
    small(unsafe { raw::call1(syscall::EPOLL_CREATE1, CLOEXEC) })
}

/// Changes what an epoll set waits for.
///
/// # Errors
///
/// Those of `epoll_ctl(2)`.
pub fn epoll_control(set: i32, change: EpollChange, fd: i32, event: EpollEvent) -> Result<()> {
    let operation = match change {
        EpollChange::Add => 1,
        EpollChange::Remove => 2,
        EpollChange::Modify => 3,
    };
    let event = &raw const event as u64;
    // SAFETY: the kernel only reads the event.
    unsafe { raw::call4(syscall::EPOLL_CTL, word(set), operation, word(fd), event) }.map(drop)
}

/// Waits for events of a set, for at most `timeout_ms` (-1: for ever), and returns how many it wrote.
///
/// # Errors
///
/// Those of `epoll_wait(2)`.
pub fn epoll_wait(set: i32, events: &mut [EpollEvent], timeout_ms: i32) -> Result<usize> {
    let room = i32::try_from(events.len()).map_err(|_| Errno::EINVAL)?;
    let address = events.as_mut_ptr() as u64;
    // SAFETY: the kernel writes at most `room` events into the slice.
    let count = unsafe {
        raw::call4(
            syscall::EPOLL_WAIT,
            word(set),
            address,
            word(room),
            word(timeout_ms),
        )
    };
    count.map(|count| count as usize)
}

/// Makes a counter that can be waited for.
///
/// # Errors
///
/// Those of eventfd2(2).
pub fn eventfd(initial: u32) -> Result<i32> {
    // SAFETY: the call touches no memory.
    small(unsafe { raw::call2(syscall::EVENTFD2, u64::from(initial), CLOEXEC) })
}

/// Makes a timer that becomes readable every `interval_ns`.
///
/// # Errors
///
/// Those of `timerfd_create(2)` and `timerfd_settime(2)`.
pub fn timerfd(interval_ns: u64) -> Result<i32> {
    // SAFETY: the call touches no memory.
    let fd = small(unsafe { raw::call2(syscall::TIMERFD_CREATE, CLOCK_MONOTONIC, CLOEXEC) })?;
    let (seconds, nanoseconds) = (interval_ns / 1_000_000_000, interval_ns % 1_000_000_000);
    let setting = [seconds, nanoseconds, seconds, nanoseconds];
    // SAFETY: the kernel only reads the setting.
    unsafe { raw::call4(syscall::TIMERFD_SETTIME, word(fd), 0, setting.as_ptr() as u64, 0) }?;
    Ok(fd)
}
