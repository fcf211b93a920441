//! The tree of names.
//!
//! The boot image's files stand at the root, read-only. `/tmp` and `/dev/shm` are kept in memory and can be changed.
//! `/dev`, `/proc` and `/sys` hold what programs look for there. A [`Node`] is a named thing; [walking](walk) leads
//! from a path to one. There are no mounts. Paths are how working directories and open directories are remembered: an
//! absolute path stays right as long as what it names exists, and [renaming](rename) changes all that are remembered.

mod change;
mod devices;
mod node;
mod open;
mod rename;
mod walk;

pub(crate) use node::{Content, Directory, Link, Made, Node, System, Text};
pub(crate) use rename::Replacing;
pub(super) use rename::follow;
pub(crate) use walk::{Found, Last};

use super::Console;
use super::{proc, sys};
use alloc::sync::Arc;
use formats::archive::{self, Kind};

/// Permissions of directories that everybody may write to, but remove only what is his own.
const SHARED_DIRECTORY: u32 = 0o1777;
/// Permissions of all other directories.
const DIRECTORY: u32 = 0o755;

/// The tree, and the state of the devices in it.
#[derive(Debug)]
pub(crate) struct FileSystem {
    root: Arc<Node>,
    /// The console.
    pub(crate) console: Console,
}

impl FileSystem {
    /// The tree with the files of a ustar archive.
    #[inline(never)]
    pub(crate) fn new(image: &'static [u8]) -> Self {
        let root = Node::directory(System::Image, DIRECTORY);
        root.plant(b"tmp", Node::directory(System::Memory, SHARED_DIRECTORY));
        devices::plant(&root);
        proc::plant(&root);
        sys::plant(&root);
        for entry in archive::entries(image) {
            let content = match entry.kind {
                Kind::File(bytes) => Content::Image(bytes),
                Kind::Link(target) => Content::Link(Link::To(target.to_vec())),
                Kind::Directory => Content::Directory(Directory::new()),
            };
            root.plant(
                &entry.path,
                Node::new(System::Image, u32::from(entry.mode), content),
            );
        }
        Self {
            root,
            console: Console::new(),
        }
    }
}
