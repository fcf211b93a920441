//! Making and removing names.

use super::super::MemoryFile;
use super::node::{Content, Link, Node};
use super::walk::Found;
use crate::mm::frames;
use crate::task::Kernel;
use abi::Errno;
use abi::file::Seals;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The permission bits of a mode.
const PERMISSIONS: u32 = 0o7777;
/// The permissions of symbolic links.
const LINK_PERMISSIONS: u32 = 0o777;

impl Found {
    /// Makes an empty file of this name.
    ///
    /// # Errors
    ///
    /// EACCES or EROFS where files cannot be made, ENOSPC, ENOMEM.
    pub(crate) fn create_file(&self, mode: u32) -> Result<Arc<Node>, Errno> {
        let system = self.parent.system;
        system.check_takes_files()?;
        check_room()?;
        let directory = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        let permissions = mode & PERMISSIONS;
        let file = MemoryFile::new(system.device(), Node::new_inode(), permissions, Seals::SEAL)?;
        let node = Node::new(system, permissions, Content::Memory(file));
        directory.insert(&self.name, Arc::clone(&node));
        Ok(node)
    }

    /// Makes an empty directory of this name.
    ///
    /// # Errors
    ///
    /// EEXIST if the name is taken, EPERM or EROFS where names cannot be made, ENOSPC.
    pub(crate) fn create_directory(&self, mode: u32) -> Result<(), Errno> {
        if self.node.is_some() {
            return Err(Errno::EEXIST);
        }
        self.parent.system.check_changeable()?;
        check_room()?;
        let directory = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        directory.insert(
            &self.name,
            Node::directory(self.parent.system, mode & PERMISSIONS),
        );
        Ok(())
    }

    /// Makes a symbolic link of this name.
    ///
    /// # Errors
    ///
    /// EEXIST if the name is taken, ENOENT for a path that ends in a slash, EPERM or EROFS, ENOSPC.
    pub(crate) fn create_link(&self, target: Vec<u8>) -> Result<(), Errno> {
        self.check_free()?;
        check_room()?;
        let system = self.parent.system;
        let directory = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        let node = Node::new(system, LINK_PERMISSIONS, Content::Link(Link::To(target)));
        directory.insert(&self.name, node);
        Ok(())
    }

    /// Makes this another name of what was found elsewhere.
    ///
    /// # Errors
    ///
    /// EEXIST if the name is taken, ENOENT for a path that ends in a slash, EPERM or EROFS, EXDEV if the two are on
    /// different file systems, EPERM for a directory, ENOSPC.
    pub(crate) fn create_name(&self, node: &Arc<Node>) -> Result<(), Errno> {
        self.check_free()?;
        if node.system != self.parent.system {
            return Err(Errno::EXDEV);
        }
        if node.is_directory() {
            return Err(Errno::EPERM);
        }
        check_room()?;
        let directory = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        directory.insert(&self.name, Arc::clone(node));
        if let Content::Memory(file) = &node.content {
            file.linked();
        }
        Ok(())
    }

    /// Whether something that is no directory can be made under this name.
    fn check_free(&self) -> Result<(), Errno> {
        if self.node.is_some() {
            return Err(Errno::EEXIST);
        }
        if self.slash {
            return Err(Errno::ENOENT);
        }
        self.parent.system.check_changeable()
    }

    /// Removes the name of something that is no directory. Who has it open keeps it.
    ///
    /// # Errors
    ///
    /// ENOENT, EISDIR, ENOTDIR for a path that ends in a slash, EPERM or EROFS.
    pub(crate) fn unlink(&self) -> Result<(), Errno> {
        let node = self.existing()?;
        if node.is_directory() {
            return Err(Errno::EISDIR);
        }
        if self.slash {
            return Err(Errno::ENOTDIR);
        }
        self.parent.system.check_changeable()?;
        let directory = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        directory.remove(&self.name);
        if let Content::Memory(file) = &node.content {
            file.unlinked();
        }
        Ok(())
    }

    /// Removes the name of an empty directory.
    ///
    /// # Errors
    ///
    /// ENOENT, ENOTDIR, ENOTEMPTY, EBUSY for the root of a file system, EPERM or EROFS.
    pub(crate) fn remove_directory(&self, kernel: &mut Kernel) -> Result<(), Errno> {
        let node = self.existing()?;
        let directory = node.as_directory().ok_or(Errno::ENOTDIR)?;
        if self.name.is_empty() || self.parent.system != node.system {
            return Err(Errno::EBUSY);
        }
        node.system.check_changeable()?;
        if !directory.is_empty() {
            return Err(Errno::ENOTEMPTY);
        }
        let parent = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        parent.remove(&self.name);
        directory.mark_removed();
        kernel.leave(&self.path);
        Ok(())
    }
}

/// Names cost the kernel's own memory, so there is an end to them before that ends.
fn check_room() -> Result<(), Errno> {
    if frames::free() < frames::total() / MemoryFile::RESERVE {
        Err(Errno::ENOSPC)
    } else {
        Ok(())
    }
}
