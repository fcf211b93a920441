//! Directories: the working directory, making and removing names, listing.

use super::path::{UserPath, file_of, find, find_name, open_file};
use crate::file::tree::Last;
use crate::file::{FileSystem, Name};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::{AT_FDCWD, AT_REMOVEDIR};
use abi::status::DIRECTORY_ENTRY_HEAD;
use alloc::vec::Vec;

/// Permission bits of a new directory.
const PERMISSIONS: u32 = 0o1777;

/// About so many names are read at a time.
const STRETCH: usize = 128;

/// `getcwd`.
pub(crate) fn getcwd(kernel: &mut Kernel, [into, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    let mut directory = kernel.process().directory.clone();
    FileSystem::walk(kernel, &directory, b".", Last::Followed)?.existing()?;
    directory.push(0);
    if directory.len() as u64 > size {
        return Err(Errno::ERANGE.into());
    }
    user::write(into, &directory)?;
    Ok(directory.len() as u64)
}

/// `chdir`.
pub(crate) fn chdir(kernel: &mut Kernel, [path, ..]: [u64; 6]) -> Result<u64, Flow> {
    let found = find(kernel, AT_FDCWD as u64, path, Last::Followed)?;
    if !found.existing()?.is_directory() {
        return Err(Errno::ENOTDIR.into());
    }
    kernel.process_mut().directory = found.path;
    Ok(0)
}

/// `fchdir`.
pub(crate) fn fchdir(kernel: &mut Kernel, [descriptor, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = file_of(kernel, descriptor)?;
    if open.directory().is_none() {
        return Err(Errno::ENOTDIR.into());
    }
    let path = open.path();
    kernel.process_mut().directory = path;
    Ok(0)
}

/// `umask`.
pub(crate) fn umask(kernel: &mut Kernel, [mask, ..]: [u64; 6]) -> Result<u64, Flow> {
    let process = kernel.process_mut();
    let before = core::mem::replace(&mut process.umask, mask as u32 & 0o777);
    Ok(before as u64)
}

/// `mkdirat`.
pub(crate) fn mkdirat(kernel: &mut Kernel, [directory, path, mode, ..]: [u64; 6]) -> Result<u64, Flow> {
    let found = find_name(kernel, directory, path)?;
    let mode = mode as u32 & PERMISSIONS & !kernel.process().umask;
    found.create_directory(mode)?;
    Ok(0)
}

/// `unlinkat`.
pub(crate) fn unlinkat(kernel: &mut Kernel, [directory, path, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let flags = flags as u32;
    if flags & !AT_REMOVEDIR != 0 {
        return Err(Errno::EINVAL.into());
    }
    let path = UserPath::read_at(kernel, directory, path)?;
    let found = path.walk_to_name(kernel)?;
    if flags == 0 {
        found.unlink()?;
        return Ok(0);
    }
    if found.dots {
        let is_parent = path.path.trim_ascii_end().ends_with(b"..");
        return Err(if is_parent {
            Errno::ENOTEMPTY
        } else {
            Errno::EINVAL
        }
        .into());
    }
    found.remove_directory(kernel)?;
    Ok(0)
}

/// `getdents64`.
pub(crate) fn getdents64(kernel: &mut Kernel, [descriptor, into, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = open_file(kernel, descriptor)?;
    let at = open.position();
    let room = size as u32 as usize;
    let limit = (room / DIRECTORY_ENTRY_HEAD + 1).min(STRETCH);
    let names = open.file().names(kernel, at, limit)?;
    let (entries, count) = encode(&names, at, room)?;
    user::write(into, &entries)?;
    open.set_position(at + count);
    Ok(entries.len() as u64)
}

/// As many `struct linux_dirent64` as fit, and how many they are.
fn encode(names: &[Name], at: u64, room: usize) -> Result<(Vec<u8>, u64), Errno> {
    let mut entries = Vec::new();
    let mut count = 0;
    for name in names {
        let length = (DIRECTORY_ENTRY_HEAD + name.name.len() + 1).next_multiple_of(8);
        if entries.len() + length > room {
            if count == 0 {
                return Err(Errno::EINVAL);
            }
            break;
        }
        count += 1;
        let end = entries.len() + length;
        entries.extend(name.inode.to_le_bytes());
        entries.extend((at + count).to_le_bytes());
        entries.extend((length as u16).to_le_bytes());
        entries.push((name.kind >> 12) as u8);
        entries.extend(&name.name);
        entries.resize(end, 0);
    }
    Ok((entries, count))
}
