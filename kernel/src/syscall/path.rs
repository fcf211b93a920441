//! Paths as system calls pass them.

use crate::file::tree::{Found, Last};
use crate::file::{FileSystem, OpenFile};
use crate::mm::user;
use crate::task::Kernel;
use abi::Errno;
use abi::file::{AT_FDCWD, PATH_MAX};
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
    /// A path that counts from the working directory.
    ///
    /// # Errors
    ///
    /// EFAULT, ENAMETOOLONG, EACCES.
    pub(super) fn read(kernel: &Kernel, address: u64) -> Result<Self, Errno> {
        Self::read_at(kernel, AT_FDCWD as u64, address)
    }

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
                let open = kernel.process().files.get(directory)?;
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
    pub(super) fn walk(&self, kernel: &Kernel, last: Last) -> Result<Found, Errno> {
        FileSystem::walk(kernel, &self.base, &self.path, last)
    }

    /// Walks to the name at its end, which is taken for itself even where a slash follows it.
    ///
    /// # Errors
    ///
    /// As [`FileSystem::walk`].
    pub(super) fn walk_to_name(&self, kernel: &Kernel) -> Result<Found, Errno> {
        let end = self.path.iter().rposition(|&byte| byte != b'/');
        let Some(end) = end else {
            return self.walk(kernel, Last::Itself);
        };
        let mut found = FileSystem::walk(kernel, &self.base, &self.path[..=end], Last::Itself)?;
        found.slash = end + 1 < self.path.len();
        Ok(found)
    }
}

/// The open file of a descriptor of the current process.
///
/// # Errors
///
/// EBADF, also for one that only names a file.
pub(super) fn open_file(kernel: &Kernel, descriptor: u64) -> Result<Arc<OpenFile>, Errno> {
    let open = kernel.process().files.get(descriptor as i32)?;
    if open.names_only() {
        Err(Errno::EBADF)
    } else {
        Ok(Arc::clone(open))
    }
}
