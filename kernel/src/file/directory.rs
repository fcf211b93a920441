//! Open directories, and names opened with `O_PATH`.

use super::tree::Node;
use super::{File, Name, Seeking};
use crate::sync::Mutex;
use crate::task::Kernel;
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// An open directory. Its entries are taken when it is read from the start; what comes and goes later is not seen.
#[derive(Debug)]
pub(crate) struct DirectoryFile {
    node: Arc<Node>,
    names: Mutex<Vec<Name>>,
}

impl DirectoryFile {
    pub(super) const fn new(node: Arc<Node>) -> Self {
        Self {
            node,
            names: Mutex::new(Vec::new()),
        }
    }
}

impl File for DirectoryFile {
    fn seeking(&self) -> Seeking {
        Seeking::Within(i64::MAX as u64)
    }

    fn names(&self, kernel: &Kernel, at: u64) -> Result<Vec<Name>, Errno> {
        let mut names = self.names.lock();
        if at == 0 {
            *names = self.node.names(kernel).ok_or(Errno::ENOENT)?;
        }
        let from = usize::try_from(at).unwrap_or(usize::MAX).min(names.len());
        Ok(names[from..].to_vec())
    }
}

/// A file that was only named.
#[derive(Debug)]
pub(crate) struct NamedFile;

impl File for NamedFile {}
