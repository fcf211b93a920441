//! Opening, closing, positions and lengths.

use super::path::{UserPath, open_file};
use crate::file::{CloseOnExec, Seeking, descriptor_limit};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::{OpenFlags, SEEK_CUR, SEEK_DATA, SEEK_END, SEEK_HOLE, SEEK_SET};

/// Permission bits of a new file.
const PERMISSIONS: u32 = 0o7777;

/// `openat`.
pub(crate) fn openat(kernel: &mut Kernel, [directory, path, flags, mode, ..]: [u64; 6]) -> Result<u64, Flow> {
    // Flags that do not exist are ignored, as they always were on Linux.
    let flags = OpenFlags::from_bits_truncate(flags as u32);
    let path = UserPath::read_at(kernel, directory, path)?;
    let limit = descriptor_limit(kernel.process());
    kernel.process().files.lowest_free(0, limit)?;
    let mode = mode as u32 & PERMISSIONS & !kernel.process().umask;
    let open = kernel.open_path(&path.base, &path.path, flags | OpenFlags::LARGE_FILE, mode)?;
    let close_on_exec = if flags.contains(OpenFlags::CLOSE_ON_EXEC) {
        CloseOnExec::Yes
    } else {
        CloseOnExec::No
    };
    kernel.install(open, close_on_exec, 0)
}

/// `close`.
pub(crate) fn close(kernel: &mut Kernel, [descriptor, ..]: [u64; 6]) -> Result<u64, Flow> {
    let process = kernel.process().id;
    kernel.close_descriptor(process, descriptor as i32)?;
    Ok(0)
}

/// `lseek`.
pub(crate) fn lseek(kernel: &mut Kernel, [descriptor, offset, whence, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = open_file(kernel, descriptor)?;
    let whence = whence as u32;
    if whence > SEEK_HOLE {
        return Err(Errno::EINVAL.into());
    }
    let length = match open.file().seeking() {
        Seeking::Refused | Seeking::Unknown => return Err(Errno::ESPIPE.into()),
        Seeking::Pointless => return Ok(0),
        Seeking::FromStart => None,
        Seeking::Within(length) => Some(length),
    };
    let offset = offset as i64;
    let base = match (whence, length) {
        (SEEK_SET, _) => 0,
        (SEEK_CUR, _) => open.position(),
        (SEEK_END, Some(length)) => length,
        (SEEK_DATA | SEEK_HOLE, Some(_)) => return seek_data(kernel, descriptor, offset, whence),
        _ => return Err(Errno::EINVAL.into()),
    };
    let position = (base as i64).checked_add(offset).ok_or(Errno::EOVERFLOW)?;
    let position = u64::try_from(position).map_err(|_| Errno::EINVAL)?;
    open.set_position(position);
    Ok(position)
}

/// Every byte of a file is data, and the only hole is behind its end.
fn seek_data(kernel: &Kernel, descriptor: u64, offset: i64, whence: u32) -> Result<u64, Flow> {
    let open = open_file(kernel, descriptor)?;
    let length = open.facts().size;
    let offset = u64::try_from(offset)
        .ok()
        .filter(|&offset| offset < length)
        .ok_or(Errno::ENXIO)?;
    let position = if whence == SEEK_DATA { offset } else { length };
    open.set_position(position);
    Ok(position)
}

/// `ftruncate`.
pub(crate) fn ftruncate(kernel: &mut Kernel, [descriptor, length, ..]: [u64; 6]) -> Result<u64, Flow> {
    if length > i64::MAX as u64 {
        return Err(Errno::EINVAL.into());
    }
    let open = open_file(kernel, descriptor)?;
    if !open.writable() {
        return Err(Errno::EINVAL.into());
    }
    open.file().resize(kernel, length)?;
    Ok(0)
}

/// `fallocate`: only making a file longer (mode 0) is there.
pub(crate) fn fallocate(
    kernel: &mut Kernel,
    [descriptor, mode, offset, length, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let open = open_file(kernel, descriptor)?;
    if offset > i64::MAX as u64 || length > i64::MAX as u64 || length == 0 {
        return Err(Errno::EINVAL.into());
    }
    if mode as u32 != 0 {
        return Err(Errno::EOPNOTSUPP.into());
    }
    if !open.writable() {
        return Err(Errno::EBADF.into());
    }
    let Some(memory) = open.file().memory() else {
        return Err(match open.file().seeking() {
            Seeking::Refused => Errno::ESPIPE,
            Seeking::Unknown | Seeking::Pointless | Seeking::FromStart | Seeking::Within(_) => Errno::ENODEV,
        }
        .into());
    };
    let end = offset
        .checked_add(length)
        .filter(|&end| end <= i64::MAX as u64)
        .ok_or(Errno::EFBIG)?;
    if end > memory.length() {
        memory.set_length(kernel, end)?;
    }
    Ok(0)
}

/// `fsync` and `fdatasync`: nothing here is on a medium.
pub(crate) fn fsync(kernel: &mut Kernel, [descriptor, ..]: [u64; 6]) -> Result<u64, Flow> {
    match open_file(kernel, descriptor)?.file().seeking() {
        Seeking::Refused | Seeking::Unknown => Err(Errno::EINVAL.into()),
        Seeking::Pointless | Seeking::FromStart | Seeking::Within(_) => Ok(0),
    }
}
