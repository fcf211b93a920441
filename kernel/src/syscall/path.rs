//! Paths as system calls pass them.

use crate::file::tree::{Found, Last};
use crate::file::{FileSystem, OpenFile};
use crate::mm::user;
use crate::task::Kernel;
use abi::Errno;
use abi::file::{AT_FDCWD, PATH_MAX};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A path with the directory from which it counts.
pub(super) struct UserPath {
    /// An absolute path.
    pub(super) base: Vec<u8>,
    /// The path itself; from `base` if it is relative.
    pub(super) path: Vec<u8>,
}

impl UserPath {
    /// A path that counts from an open directory.
    ///
    /// # Errors
    ///
    /// EFAULT, ENAMETOOLONG; for a relative path EBADF, and ENOTDIR if the descriptor is no directory. EACCES for any
    /// but the empty one if the process knows no paths.
    pub(super) fn read_at(kernel: &Kernel, directory: u64, address: u64) -> Result<Self, Errno> {
        let path = user::read_c_string(address, PATH_MAX)?;
        if !path.is_empty() {
            kernel.may_use_paths()?;
        }
        let directory = directory as i32;
        let base = match path.first() {
            Some(b'/') => b"/".to_vec(),
            _ if directory == AT_FDCWD => kernel.process().directory.clone(),
            first => {
                let open = file_of(kernel, directory as u64)?;
                if first.is_some() && open.directory().is_none() {
                    return Err(Errno::ENOTDIR);
                }
                open.path()
            }
        };
        Ok(Self { base, path })
    }

    /// Walks it.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::walk`].
    pub(super) fn walk(&self, kernel: &Kernel, last: Last) -> Result<Box<Found>, Errno> {
        FileSystem::walk(kernel, &self.base, &self.path, last)
    }

    /// Walks to the name at its end, which is taken for itself even where a slash follows it.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::walk`].
    pub(super) fn walk_to_name(&self, kernel: &Kernel) -> Result<Box<Found>, Errno> {
        let end = self.path.iter().rposition(|&byte| byte != b'/');
        let Some(end) = end else {
            return self.walk(kernel, Last::Itself);
        };
        let mut found = FileSystem::walk(kernel, &self.base, &self.path[..=end], Last::Itself)?;
        found.slash = end + 1 < self.path.len();
        Ok(found)
    }
}

/// What a path leads to that counts from an open directory.
///
/// # Errors
///
/// As [`UserPath::read_at`] and [`UserPath::walk`].
pub(super) fn find(kernel: &Kernel, directory: u64, address: u64, last: Last) -> Result<Box<Found>, Errno> {
    UserPath::read_at(kernel, directory, address)?.walk(kernel, last)
}

/// The name that a path leads to that counts from an open directory.
///
/// # Errors
///
/// As [`UserPath::read_at`] and [`UserPath::walk_to_name`].
pub(super) fn find_name(kernel: &Kernel, directory: u64, address: u64) -> Result<Box<Found>, Errno> {
    UserPath::read_at(kernel, directory, address)?.walk_to_name(kernel)
}

/// The open file of a descriptor of the current process, also if it only names a file.
///
/// # Errors
///
/// EBADF.
#[inline(always)]
pub(super) fn file_of(kernel: &Kernel, descriptor: u64) -> Result<&Arc<OpenFile>, Errno> {
    look_up(kernel, descriptor).ok_or(Errno::EBADF)
}

#[inline(never)]
fn look_up(kernel: &Kernel, descriptor: u64) -> Option<&Arc<OpenFile>> {
    kernel.process().files.peek(descriptor as i32)
}

/// The open file of a descriptor of the current process.
///
/// # Errors
///
/// EBADF, also for one that only names a file.
#[inline(always)]
pub(super) fn open_file(kernel: &Kernel, descriptor: u64) -> Result<Arc<OpenFile>, Errno> {
    take_hold(kernel, descriptor).ok_or(Errno::EBADF)
}

#[inline(never)]
fn take_hold(kernel: &Kernel, descriptor: u64) -> Option<Arc<OpenFile>> {
    let open = look_up(kernel, descriptor)?;
    (!open.names_only()).then(|| Arc::clone(open))
}
