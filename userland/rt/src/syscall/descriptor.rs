//! What can be done to any file descriptor.

use super::{raw, small, word};
use crate::Result;
use abi::syscall;
use bitflags::bitflags;

const GET_DESCRIPTOR_FLAGS: u64 = 1;
const SET_DESCRIPTOR_FLAGS: u64 = 2;
const GET_STATUS_FLAGS: u64 = 3;
const SET_STATUS_FLAGS: u64 = 4;
const DUPLICATE_CLOEXEC: u64 = 1030;
const NONBLOCK: u64 = 0o4000;

bitflags! {
    /// How new descriptors behave.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct DescriptorFlags: u32 {
        /// Calls that would block fail with EAGAIN.
        const NONBLOCK = 0o4000;
        /// Programs started from here do not get it.
        const CLOEXEC = 0o2_000_000;
    }
}

/// Closes a descriptor.
///
/// # Errors
///
/// EBADF.
pub fn close(fd: i32) -> Result<()> {
    // SAFETY: a descriptor is a number; whoever still uses it gets an error, not broken memory.
    unsafe { raw::call1(syscall::CLOSE, word(fd)) }.map(drop)
}

/// Makes the lowest free number another name of the same open file.
///
/// # Errors
///
/// Those of dup(2).
pub fn dup(fd: i32) -> Result<i32> {
    // SAFETY: the call touches no memory.
    small(unsafe { raw::call1(syscall::DUP, word(fd)) })
}

/// Makes the lowest free number from `lowest` on another name of the same open file, closed on exec.
///
/// # Errors
///
/// Those of fcntl(2).
pub fn duplicate_from(fd: i32, lowest: i32) -> Result<i32> {
    // SAFETY: the call touches no memory.
    small(unsafe { raw::call3(syscall::FCNTL, word(fd), DUPLICATE_CLOEXEC, word(lowest)) })
}

/// Makes `to` another name of the same open file; what it named before is closed.
///
/// # Errors
///
/// Those of dup3(2).
pub fn dup_to(fd: i32, to: i32, flags: DescriptorFlags) -> Result<i32> {
    // SAFETY: the call touches no memory.
    small(unsafe { raw::call3(syscall::DUP3, word(fd), word(to), u64::from(flags.bits())) })
}

/// Makes a pipe: the end to read from, and the end to write to.
///
/// # Errors
///
/// Those of pipe2(2).
pub fn pipe(flags: DescriptorFlags) -> Result<(i32, i32)> {
    let mut ends = [0_i32; 2];
    // SAFETY: the kernel writes the two numbers into the array.
    unsafe { raw::call2(syscall::PIPE2, ends.as_mut_ptr() as u64, u64::from(flags.bits())) }?;
    let [reader, writer] = ends;
    Ok((reader, writer))
}

/// Whether calls on this open file return EAGAIN instead of blocking.
///
/// # Errors
///
/// EBADF.
pub fn is_nonblocking(fd: i32) -> Result<bool> {
    // SAFETY: the call touches no memory.
    let flags = unsafe { raw::call2(syscall::FCNTL, word(fd), GET_STATUS_FLAGS) }?;
    Ok(flags & NONBLOCK != 0)
}

/// Makes calls on this open file return EAGAIN instead of blocking.
///
/// # Errors
///
/// EBADF.
pub fn set_nonblocking(fd: i32) -> Result<()> {
    // SAFETY: the call touches no memory.
    let flags = unsafe { raw::call2(syscall::FCNTL, word(fd), GET_STATUS_FLAGS) }?;
    // SAFETY: as above.
    unsafe { raw::call3(syscall::FCNTL, word(fd), SET_STATUS_FLAGS, flags | NONBLOCK) }.map(drop)
}

/// Whether a descriptor is kept from programs that are started from here.
///
/// # Errors
///
/// EBADF.
pub fn closes_on_exec(fd: i32) -> Result<bool> {
    // SAFETY: the call touches no memory.
    let flags = unsafe { raw::call2(syscall::FCNTL, word(fd), GET_DESCRIPTOR_FLAGS) }?;
    Ok(flags & 1 != 0)
}

/// Keeps a descriptor from programs that are started from here.
///
/// # Errors
///
/// EBADF.
pub fn set_close_on_exec(fd: i32) -> Result<()> {
    // SAFETY: the call touches no memory.
    unsafe { raw::call3(syscall::FCNTL, word(fd), SET_DESCRIPTOR_FLAGS, 1) }.map(drop)
}
