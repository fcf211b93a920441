//! Reading and writing.

use super::path::open_file;
use crate::file::{OpenFile, Progress, Seeking, UserMemory};
use crate::task::{Flow, Kernel};
use abi::Errno;
use alloc::sync::Arc;

/// `read`.
pub(crate) fn read(kernel: &mut Kernel, [descriptor, address, length, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = readable(kernel, descriptor)?;
    let mut into = UserMemory::new(address, length)?;
    open.read(kernel, &mut into)
}

/// `write`.
pub(crate) fn write(kernel: &mut Kernel, [descriptor, address, length, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = writable(kernel, descriptor)?;
    let mut from = UserMemory::new(address, length)?;
    open.write(kernel, &mut from)
}

/// `readv`.
pub(crate) fn readv(kernel: &mut Kernel, [descriptor, vector, count, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = readable(kernel, descriptor)?;
    let mut into = UserMemory::from_vector(vector, count)?;
    open.read(kernel, &mut into)
}

/// `writev`.
pub(crate) fn writev(kernel: &mut Kernel, [descriptor, vector, count, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = writable(kernel, descriptor)?;
    let mut from = UserMemory::from_vector(vector, count)?;
    open.write(kernel, &mut from)
}

/// `pread64`.
pub(crate) fn pread64(
    kernel: &mut Kernel,
    [descriptor, address, length, at, ..]: [u64; 6],
) -> Result<u64, Flow> {
    check_position(at)?;
    let open = readable(kernel, descriptor)?;
    check_seekable(&open)?;
    let mut into = UserMemory::new(address, length)?;
    let progress = open.file().read(kernel, &open, &mut into, at)?;
    conclude(kernel, progress)
}

/// `pwrite64`.
pub(crate) fn pwrite64(
    kernel: &mut Kernel,
    [descriptor, address, length, at, ..]: [u64; 6],
) -> Result<u64, Flow> {
    check_position(at)?;
    let open = writable(kernel, descriptor)?;
    check_seekable(&open)?;
    let mut from = UserMemory::new(address, length)?;
    let progress = open.file().write(kernel, &open, &mut from, at)?;
    conclude(kernel, progress)
}

fn conclude(kernel: &mut Kernel, progress: Progress) -> Result<u64, Flow> {
    match progress {
        Progress::Done(count) => Ok(count as u64),
        Progress::Wait(channel) => Err(kernel.wait_on(channel)),
    }
}

fn check_position(at: u64) -> Result<(), Errno> {
    if at > i64::MAX as u64 {
        Err(Errno::EINVAL)
    } else {
        Ok(())
    }
}

fn check_seekable(open: &OpenFile) -> Result<(), Errno> {
    match open.file().seeking() {
        Seeking::Refused => Err(Errno::ESPIPE),
        Seeking::Unknown | Seeking::Pointless | Seeking::FromStart | Seeking::Within(_) => Ok(()),
    }
}

fn readable(kernel: &Kernel, descriptor: u64) -> Result<Arc<OpenFile>, Errno> {
    let open = open_file(kernel, descriptor)?;
    match open.directory() {
        Some(_) => Err(Errno::EISDIR),
        None if open.readable() => Ok(open),
        None => Err(Errno::EBADF),
    }
}

fn writable(kernel: &Kernel, descriptor: u64) -> Result<Arc<OpenFile>, Errno> {
    let open = open_file(kernel, descriptor)?;
    if open.writable() {
        Ok(open)
    } else {
        Err(Errno::EBADF)
    }
}
