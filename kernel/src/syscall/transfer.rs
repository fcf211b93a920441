//! Reading and writing.

use super::path::open_file;
use crate::file::{OpenFile, Seeking, UserMemory};
use crate::task::{Flow, Kernel};
use abi::Errno;
use alloc::sync::Arc;

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Read,
    Write,
}

/// Where in the file they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the open file's position.
    Position,
    /// Where the fourth argument says.
    Told,
}

/// Where they are in the caller's memory, by the second and the third argument.
type Memory = fn(u64, u64) -> Result<UserMemory, Errno>;

/// `read`.
pub(crate) fn read(kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
    transfer(
        kernel,
        arguments,
        Direction::Read,
        UserMemory::new,
        Place::Position,
    )
}

/// `write`.
pub(crate) fn write(kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
    transfer(
        kernel,
        arguments,
        Direction::Write,
        UserMemory::new,
        Place::Position,
    )
}

/// `readv`.
pub(crate) fn readv(kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
    transfer(
        kernel,
        arguments,
        Direction::Read,
        UserMemory::from_vector,
        Place::Position,
    )
}

/// `writev`.
pub(crate) fn writev(kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
    transfer(
        kernel,
        arguments,
        Direction::Write,
        UserMemory::from_vector,
        Place::Position,
    )
}

/// `pread64`.
pub(crate) fn pread64(kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
    transfer(kernel, arguments, Direction::Read, UserMemory::new, Place::Told)
}

/// `pwrite64`.
pub(crate) fn pwrite64(kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
    transfer(kernel, arguments, Direction::Write, UserMemory::new, Place::Told)
}

#[inline(never)]
fn transfer(
    kernel: &mut Kernel,
    [descriptor, address, length, at, ..]: [u64; 6],
    direction: Direction,
    memory: Memory,
    place: Place,
) -> Result<u64, Flow> {
    if place == Place::Told && at > i64::MAX as u64 {
        return Err(Errno::EINVAL.into());
    }
    let open = open_file(kernel, descriptor)?;
    check_direction(&open, direction)?;
    if place == Place::Told && open.file().seeking() == Seeking::Refused {
        return Err(Errno::ESPIPE.into());
    }
    let mut memory = memory(address, length)?;
    let count = match (place, direction) {
        (Place::Position, Direction::Read) => return open.read(kernel, &mut memory),
        (Place::Position, Direction::Write) => return open.write(kernel, &mut memory),
        (Place::Told, Direction::Read) => open.file().read(kernel, &open, &mut memory, at),
        (Place::Told, Direction::Write) => open.file().write(kernel, &open, &mut memory, at),
    };
    Ok(count? as u64)
}

fn check_direction(open: &Arc<OpenFile>, direction: Direction) -> Result<(), Errno> {
    let is_open_for_it = match direction {
        Direction::Read if open.directory().is_some() => return Err(Errno::EISDIR),
        Direction::Read => open.readable(),
        Direction::Write => open.writable(),
    };
    if is_open_for_it { Ok(()) } else { Err(Errno::EBADF) }
}
