//! What is known of a file: `stat` and its relatives, links, access checks.

use super::path::{UserPath, file_of, find};
use crate::file::tree::{Content, Last, System};
use crate::file::{Facts, FileSystem, UserMemory};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::{
    AT_EACCESS, AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE, AT_SYMLINK_NOFOLLOW, R_OK,
    W_OK, X_OK,
};
use abi::status::STATX_RESERVED;
use zerocopy::IntoBytes;

/// Permission bits that let anyone execute a file.
const EXECUTABLE: u32 = 0o111;

/// `fstat`.
pub(crate) fn fstat(kernel: &mut Kernel, [descriptor, into, ..]: [u64; 6]) -> Result<u64, Flow> {
    let facts = file_of(kernel, descriptor)?.facts();
    tell(into, facts)
}

/// `newfstatat`.
pub(crate) fn newfstatat(
    kernel: &mut Kernel,
    [directory, path, into, flags, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let flags = flags as u32;
    if flags & !(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let facts = facts(kernel, directory, path, flags)?;
    tell(into, facts)
}

fn tell(into: u64, facts: Facts) -> Result<u64, Flow> {
    user::write(into, facts.to_status().as_bytes())?;
    Ok(0)
}

/// `statx`. It always gives what `stat` gives, whatever is asked for.
pub(crate) fn statx(
    kernel: &mut Kernel,
    [directory, path, flags, mask, into, _]: [u64; 6],
) -> Result<u64, Flow> {
    let flags = flags as u32;
    let known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE;
    if flags & !known != 0
        || mask as u32 & STATX_RESERVED != 0
        || flags & AT_STATX_SYNC_TYPE == AT_STATX_SYNC_TYPE
    {
        return Err(Errno::EINVAL.into());
    }
    let facts = facts(kernel, directory, path, flags)?;
    user::write(into, facts.to_extended().as_bytes())?;
    Ok(0)
}

fn facts(kernel: &Kernel, directory: u64, path: u64, flags: u32) -> Result<Facts, Errno> {
    let path = UserPath::read_at(kernel, directory, path)?;
    if path.path.is_empty() && flags & AT_EMPTY_PATH != 0 {
        return match directory as i32 {
            AT_FDCWD => Ok(FileSystem::walk(kernel, &path.base, b".", Last::Itself)?
                .existing()?
                .facts()),
            descriptor => Ok(file_of(kernel, descriptor as u64)?.facts()),
        };
    }
    let last = if flags & AT_SYMLINK_NOFOLLOW == 0 {
        Last::Followed
    } else {
        Last::Itself
    };
    Ok(path.walk(kernel, last)?.existing()?.facts())
}

/// `faccessat2`. Whoever asks is treated as user 0: reading and writing are always permitted, executing if anybody may.
pub(crate) fn faccessat2(
    kernel: &mut Kernel,
    [directory, path, mode, flags, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let (mode, flags) = (mode as u32, flags as u32);
    if mode & !(R_OK | W_OK | X_OK) != 0 || flags & !(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let path = UserPath::read_at(kernel, directory, path)?;
    if path.path.is_empty() && flags & AT_EMPTY_PATH != 0 {
        return Ok(0);
    }
    let last = if flags & AT_SYMLINK_NOFOLLOW == 0 {
        Last::Followed
    } else {
        Last::Itself
    };
    let found = path.walk(kernel, last)?;
    let node = found.existing()?;
    if mode & X_OK != 0 && !node.is_directory() && node.facts().mode & EXECUTABLE == 0 {
        return Err(Errno::EACCES.into());
    }
    // What is written to a device or a memory file does not change its file system, and the kernel's own is not fixed.
    let is_fixed = matches!(node.content, Content::Image(_) | Content::Directory(_));
    let is_changeable = matches!(node.system, System::Memory | System::Kernel);
    if mode & W_OK != 0 && is_fixed && !is_changeable {
        return Err(Errno::EROFS.into());
    }
    Ok(0)
}

/// `readlinkat`.
pub(crate) fn readlinkat(
    kernel: &mut Kernel,
    [directory, path, into, size, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let size = u64::try_from(size as i32)
        .ok()
        .filter(|&size| size > 0)
        .ok_or(Errno::EINVAL)?;
    let found = find(kernel, directory, path, Last::Itself)?;
    let Content::Link(link) = &found.existing()?.content else {
        return Err(Errno::EINVAL.into());
    };
    let target = link.target(kernel).ok_or(Errno::ENOENT)?;
    let mut into = UserMemory::new(into, size)?;
    Ok(into.fill(&target)? as u64)
}
