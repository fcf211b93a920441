//! Giving a node another name.

use super::node::{Content, Node, System};
use super::walk::Found;
use crate::task::Kernel;
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What becomes of something that has the new name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replacing {
    /// It loses the name.
    Allowed,
    /// The call fails with EEXIST.
    Refused,
}

impl Found {
    /// Gives what was found the name that another walk found, in place of what has that name.
    ///
    /// # Errors
    ///
    /// As `rename` on Linux.
    pub(crate) fn rename(&self, kernel: &mut Kernel, to: &Self, replacing: Replacing) -> Result<(), Errno> {
        if self.name.is_empty() || self.dots {
            return Err(Errno::EBUSY);
        }
        if to.name.is_empty() || to.dots {
            return Err(match replacing {
                Replacing::Allowed => Errno::EBUSY,
                Replacing::Refused => Errno::EEXIST,
            });
        }
        if self.parent.system != to.parent.system {
            return Err(Errno::EXDEV);
        }
        let names_one = match (&self.node, &to.node) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        };
        // Among the kernel's files this is found out before it is found out that nothing may be changed.
        if names_one && self.parent.system == System::Kernel {
            return Ok(());
        }
        self.parent.system.check_changeable()?;
        let node = self.existing()?;
        if replacing == Replacing::Refused && to.node.is_some() {
            return Err(Errno::EEXIST);
        }
        if !node.is_directory() && (self.slash || to.slash) {
            return Err(Errno::ENOTDIR);
        }
        if is_below(&to.path, &self.path) {
            return Err(Errno::EINVAL);
        }
        if is_below(&self.path, &to.path) {
            return Err(Errno::ENOTEMPTY);
        }
        if let Some(replaced) = &to.node {
            if Arc::ptr_eq(replaced, node) {
                return Ok(());
            }
            check_replaceable(node, replaced)?;
        } else if node.system != self.parent.system {
            return Err(Errno::EBUSY);
        }
        let from_directory = self.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        let to_directory = to.parent.as_directory().ok_or(Errno::ENOTDIR)?;
        from_directory.remove(&self.name);
        match to_directory.remove(&to.name).as_deref().map(|node| &node.content) {
            Some(Content::Memory(file)) => file.unlinked(),
            Some(Content::Directory(directory)) => {
                directory.mark_removed();
                kernel.leave(&to.path);
            }
            _ => {}
        }
        to_directory.insert(&to.name, Arc::clone(node));
        kernel.follow(&self.path, &to.path);
        Ok(())
    }
}

/// Whether one may take the place of the other.
fn check_replaceable(node: &Node, replaced: &Node) -> Result<(), Errno> {
    match (node.is_directory(), replaced.as_directory()) {
        (true, None) => Err(Errno::ENOTDIR),
        (false, Some(_)) => Err(Errno::EISDIR),
        (true, Some(directory)) if !directory.is_empty() => Err(Errno::ENOTEMPTY),
        _ => Ok(()),
    }
}

/// Whether a path leads to something inside of what the other one names.
fn is_below(path: &[u8], other: &[u8]) -> bool {
    path.strip_prefix(other)
        .is_some_and(|rest| rest.first() == Some(&b'/'))
}

/// What had one path has another now: changes a remembered path if it led there or below.
pub(in super::super) fn follow(path: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    if path == from || is_below(path, from) {
        path.splice(..from.len(), to.iter().copied());
    }
}

impl Kernel {
    /// A directory is gone: no remembered path leads to what gets its name later.
    pub(super) fn leave(&mut self, path: &[u8]) {
        self.follow(path, &[path, b" (deleted)"].concat());
    }

    /// Changes all remembered paths.
    fn follow(&mut self, from: &[u8], to: &[u8]) {
        for process in self.processes.iter_mut() {
            follow(&mut process.directory, from, to);
            for (_, open) in process.files.iter() {
                open.follow(from, to);
            }
        }
        for open in self.held.iter() {
            open.follow(from, to);
        }
    }
}
