//! Further names: links, symbolic links, renaming.

use super::path::{UserPath, file_of, find_name};
use crate::file::tree::{Last, Replacing};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::{AT_EMPTY_PATH, AT_SYMLINK_FOLLOW, PATH_MAX, RENAME_NOREPLACE};
use alloc::sync::Arc;

/// `linkat`.
pub(crate) fn linkat(
    kernel: &mut Kernel,
    [old_directory, old, new_directory, new, flags, _]: [u64; 6],
) -> Result<u64, Flow> {
    let flags = flags as u32;
    if flags & !(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let last = if flags & AT_SYMLINK_FOLLOW == 0 {
        Last::Itself
    } else {
        Last::Followed
    };
    let path = UserPath::read_at(kernel, old_directory, old)?;
    let node = if path.path.is_empty() && flags & AT_EMPTY_PATH != 0 {
        let open = file_of(kernel, old_directory)?;
        Arc::clone(open.node().ok_or(Errno::EXDEV)?)
    } else {
        Arc::clone(path.walk(kernel, last)?.existing()?)
    };
    let found = find_name(kernel, new_directory, new)?;
    if node.facts().links == 0 {
        return Err(Errno::ENOENT.into());
    }
    found.create_name(&node)?;
    Ok(0)
}

/// `symlinkat`.
pub(crate) fn symlinkat(kernel: &mut Kernel, [target, directory, new, ..]: [u64; 6]) -> Result<u64, Flow> {
    let target = user::read_c_string(target, PATH_MAX)?;
    if target.is_empty() {
        return Err(Errno::ENOENT.into());
    }
    let found = find_name(kernel, directory, new)?;
    found.create_link(target)?;
    Ok(0)
}

/// `renameat2`.
pub(crate) fn renameat2(
    kernel: &mut Kernel,
    [old_directory, old, new_directory, new, flags, _]: [u64; 6],
) -> Result<u64, Flow> {
    let replacing = match flags as u32 {
        0 => Replacing::Allowed,
        RENAME_NOREPLACE => Replacing::Refused,
        _ => return Err(Errno::EINVAL.into()),
    };
    let from = find_name(kernel, old_directory, old)?;
    let to = find_name(kernel, new_directory, new)?;
    from.rename(kernel, &to, replacing)?;
    Ok(0)
}
