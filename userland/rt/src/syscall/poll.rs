//! Waiting for one of a few files.

use super::{raw, word};
use crate::Result;
use abi::syscall;
use bitflags::bitflags;

bitflags! {
    /// What can happen to a file.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[repr(transparent)]
    pub struct PollEvents: i16 {
        /// There is something to read.
        const IN = 1;
        /// Something urgent.
        const PRI = 2;
        /// There is room to write.
        const OUT = 4;
        /// The file failed.
        const ERROR = 8;
        /// The other end is gone.
        const HANG_UP = 16;
        /// No such descriptor.
        const INVALID = 32;
        const _ = !0;
    }
}

/// One file to wait for.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct PollFd {
    /// The descriptor.
    pub fd: i32,
    /// What to wait for.
    pub events: PollEvents,
    /// What happened.
    pub happened: PollEvents,
}

impl PollFd {
    /// Waits for something to read.
    pub const fn readable(fd: i32) -> Self {
        Self {
            fd,
            events: PollEvents::IN,
            happened: PollEvents::empty(),
        }
    }
}

/// Waits for one of `files`, for at most `timeout_ms` (-1: for ever), and returns how many have something.
///
/// # Errors
///
/// Those of poll(2).
pub fn poll(files: &mut [PollFd], timeout_ms: i32) -> Result<usize> {
    let (address, count) = (files.as_mut_ptr() as u64, files.len() as u64);
    // SAFETY: the kernel writes the last field of each element; every value of it is valid.
    let ready = unsafe { raw::call3(syscall::POLL, address, count, word(timeout_ms)) };
    ready.map(|ready| ready as usize)
}
