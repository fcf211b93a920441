//! Open directories, and names opened with `O_PATH`.

use super::tree::{Directory, Node};
use super::{File, Name, Seeking};
use crate::sync::Mutex;
use crate::task::Kernel;
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// An open directory.
///
/// It is read in stretches. The next one begins behind the last name of the one before, so that names which come and go
/// meanwhile neither repeat nor hide others.
#[derive(Debug)]
pub(crate) struct DirectoryFile {
    node: Arc<Node>,
    last: Mutex<Stretch>,
}

/// Names that were given out, and the position of the first.
#[derive(Debug, Default)]
struct Stretch {
    start: u64,
    names: Vec<Name>,
}

/// The positions of a directory's own two names.
const OWN: [&[u8]; 2] = [b".", b".."];

impl DirectoryFile {
    pub(super) fn new(node: Arc<Node>) -> Self {
        Self {
            node,
            last: Mutex::new(Stretch::default()),
        }
    }

    /// The names from a position on.
    fn stretch(
        &self,
        kernel: &Kernel,
        directory: &Directory,
        last: &Stretch,
        at: u64,
        limit: usize,
    ) -> Vec<Name> {
        let own = OWN.len() as u64;
        if at < own {
            let mut names = Vec::new();
            for name in &OWN[at as usize..] {
                names.push(self.node.name(name));
            }
            names.append(&mut self.stretch(kernel, directory, last, own, limit));
            return names;
        }
        let place = usize::try_from(at - own).unwrap_or(usize::MAX);
        if let Some(mut made) = directory.made_names(kernel) {
            // What is kept beside such entries never changes, so the place says enough.
            let mut names = directory.kept_after(None, usize::MAX);
            names.append(&mut made);
            return names.split_off(place.min(names.len()));
        }
        let before = at
            .checked_sub(last.start + 1)
            .and_then(|index| last.names.get(index as usize));
        let after = match before {
            Some(name) if place > 0 => Some(name.name.clone()),
            _ => place.checked_sub(1).and_then(|place| directory.kept_at(place)),
        };
        if place > 0 && after.is_none() {
            return Vec::new();
        }
        directory.kept_after(after.as_deref(), limit)
    }
}

impl File for DirectoryFile {
    fn seeking(&self) -> Seeking {
        Seeking::FromStart
    }

    fn names(&self, kernel: &Kernel, at: u64, limit: usize) -> Result<Vec<Name>, Errno> {
        let directory = self.node.as_directory().ok_or(Errno::ENOTDIR)?;
        if directory.is_removed() {
            return Err(Errno::ENOENT);
        }
        let mut last = self.last.lock();
        let names = self.stretch(kernel, directory, &last, at, limit);
        *last = Stretch {
            start: at,
            names: names.clone(),
        };
        Ok(names)
    }
}

/// A file that was only named.
#[derive(Debug)]
pub(crate) struct NamedFile;

impl File for NamedFile {}
