//! Opening, reading and writing.

use super::{raw, small, with_c_string, word};
use crate::Result;
use abi::{Errno, syscall};
use bitflags::bitflags;

/// The directory descriptor that means "relative to the working directory".
pub(super) const WORKING_DIRECTORY: i32 = -100;

bitflags! {
    /// How to open a file.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct OpenFlags: u32 {
        /// For writing only. Without this and [`OpenFlags::READ_WRITE`]: for reading only.
        const WRITE_ONLY = 0o1;
        /// For reading and writing.
        const READ_WRITE = 0o2;
        /// Make the file if there is none.
        const CREATE = 0o100;
        /// Fail if there is one.
        const EXCLUSIVE = 0o200;
        /// Empty it first.
        const TRUNCATE = 0o1000;
        /// Each write goes to the end.
        const APPEND = 0o2000;
        /// Calls that would block fail with EAGAIN.
        const NONBLOCK = 0o4000;
        /// Fail if it is no directory.
        const DIRECTORY = 0o200_000;
        /// Programs started from here do not get it.
        const CLOEXEC = 0o2_000_000;
    }
}

/// Opens a file. A file that is made gets mode 0644.
///
/// # Errors
///
/// Those of openat(2).
pub fn open(path: &str, flags: OpenFlags) -> Result<i32> {
    with_c_string(path, |path| {
        // SAFETY: the kernel only reads the path, which lives through the call.
        small(unsafe {
            raw::call4(
                syscall::OPENAT,
                word(WORKING_DIRECTORY),
                path,
                u64::from(flags.bits()),
                0o644,
            )
        })
    })
}

/// Reads into a buffer; 0 is the end of the file.
///
/// # Errors
///
/// Those of read(2).
pub fn read(fd: i32, buffer: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes within the buffer, which is borrowed exclusively.
    let count = unsafe {
        raw::call3(
            syscall::READ,
            word(fd),
            buffer.as_mut_ptr() as u64,
            buffer.len() as u64,
        )
    };
    count.map(|count| count as usize)
}

/// Reads at a position, without moving the file's own.
///
/// # Errors
///
/// Those of pread(2).
pub fn pread(fd: i32, buffer: &mut [u8], position: u64) -> Result<usize> {
    let (address, length) = (buffer.as_mut_ptr() as u64, buffer.len() as u64);
    // SAFETY: the kernel writes within the buffer, which is borrowed exclusively.
    let count = unsafe { raw::call4(syscall::PREAD64, word(fd), address, length, position) };
    count.map(|count| count as usize)
}

/// Writes from a buffer; may write less than all.
///
/// # Errors
///
/// Those of write(2).
pub fn write(fd: i32, bytes: &[u8]) -> Result<usize> {
    // SAFETY: the kernel only reads the buffer.
    let count = unsafe {
        raw::call3(
            syscall::WRITE,
            word(fd),
            bytes.as_ptr() as u64,
            bytes.len() as u64,
        )
    };
    count.map(|count| count as usize)
}

/// Writes all of a buffer.
///
/// # Errors
///
/// Those of write(2), and EIO when the file takes nothing.
pub fn write_all(fd: i32, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match write(fd, bytes) {
            Ok(0) => return Err(Errno::EIO),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// From where [`seek`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The file's beginning.
    Start,
    /// Where it stands.
    Current,
    /// The file's end.
    End,
}

/// Moves a file's position and returns it.
///
/// # Errors
///
/// Those of lseek(2).
pub fn seek(fd: i32, offset: i64, whence: Whence) -> Result<u64> {
    let whence = match whence {
        Whence::Start => 0,
        Whence::Current => 1,
        Whence::End => 2,
    };
    // SAFETY: the call touches no memory.
    unsafe { raw::call3(syscall::LSEEK, word(fd), offset.cast_unsigned(), whence) }
}

/// Sets a file's length.
///
/// # Errors
///
/// Those of ftruncate(2).
pub fn truncate(fd: i32, length: u64) -> Result<()> {
    // SAFETY: the call touches no memory but pages of a file; those are only reached through copies.
    unsafe { raw::call2(syscall::FTRUNCATE, word(fd), length) }.map(drop)
}

/// Makes a file that has no name and lives in memory. It is closed when another program is started from here.
///
/// # Errors
///
/// Those of `memfd_create(2)`.
pub fn memfd(name: &str) -> Result<i32> {
    const CLOEXEC: u64 = 1;
    with_c_string(name, |name| {
        // SAFETY: the kernel only reads the name.
        small(unsafe { raw::call2(syscall::MEMFD_CREATE, name, CLOEXEC) })
    })
}
