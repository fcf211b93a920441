//! Files without a name: pipes and memory files.

use crate::file::{CloseOnExec, MemoryFile, MemoryOpen, OpenFile, pipe as make_pipe};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::{MemoryFileFlags, NAME_MAX, OpenFlags, Seals};
use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering};

/// The part of a memory file's name that the caller does not choose.
const MEMORY_PREFIX: &[u8] = b"memfd:";
/// The device on which memory files show.
const MEMORY_DEVICE: u64 = 6;

/// `pipe2`.
pub(crate) fn pipe2(kernel: &mut Kernel, [into, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let flags = OpenFlags::from_bits_retain(flags as u32);
    // Packets (O_DIRECT) are not there.
    if !(OpenFlags::CLOSE_ON_EXEC | OpenFlags::NONBLOCK).contains(flags) {
        return Err(Errno::EINVAL.into());
    }
    kernel.check_room_for_pair()?;
    kernel.install_pair(into, flags, make_pipe(flags))
}

/// `memfd_create`.
pub(crate) fn memfd_create(kernel: &mut Kernel, [name, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Huge pages are not there.
    let flags = MemoryFileFlags::from_bits(flags as u32).ok_or(Errno::EINVAL)?;
    if flags.contains(MemoryFileFlags::EXECUTE | MemoryFileFlags::NO_EXECUTE_SEAL) {
        return Err(Errno::EINVAL.into());
    }
    let longest = NAME_MAX - MEMORY_PREFIX.len();
    let name = match user::read_c_string(name, longest + 1) {
        Err(Errno::ENAMETOOLONG) => return Err(Errno::EINVAL.into()),
        name => name?,
    };
    let (mut permissions, mut seals) = (0o777, Seals::SEAL);
    if flags.contains(MemoryFileFlags::ALLOW_SEALING) {
        seals = Seals::empty();
    }
    if flags.contains(MemoryFileFlags::NO_EXECUTE_SEAL) {
        (permissions, seals) = (0o666, Seals::EXECUTE);
    }
    let inode = NEXT.fetch_add(1, Ordering::Relaxed);
    let file = MemoryFile::new(MEMORY_DEVICE, inode, permissions, seals)?;
    let path = [b"/", MEMORY_PREFIX, &name, b" (deleted)"].concat();
    let open_flags = OpenFlags::READ_WRITE | OpenFlags::LARGE_FILE;
    let open = OpenFile::nameless(Box::new(MemoryOpen(file)), open_flags, path);
    let close_on_exec = if flags.contains(MemoryFileFlags::CLOSE_ON_EXEC) {
        CloseOnExec::Yes
    } else {
        CloseOnExec::No
    };
    kernel.install(open, close_on_exec, 0)
}
