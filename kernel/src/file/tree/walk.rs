//! From a path to a node.

use super::FileSystem;
use super::node::{Content, Link, Node};
use crate::task::Kernel;
use abi::Errno;
use abi::file::NAME_MAX;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// So many symbolic links on one path are followed.
const LINKS_MOST: usize = 40;

/// What to do with a symbolic link at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Last {
    /// Go where it leads.
    Followed,
    /// Take the link itself.
    Itself,
}

/// Where a path leads.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The directory of the last part. For the root, the root.
    pub(crate) parent: Arc<Node>,
    /// The last part; empty for the root, and where the path ends in `.` or `..`.
    pub(crate) name: Vec<u8>,
    /// The node, if there is one of that name.
    pub(crate) node: Option<Arc<Node>>,
    /// The absolute path, without `.`, `..` and links.
    pub(crate) path: Vec<u8>,
    /// The path ends in a slash: what it names must be a directory.
    pub(crate) slash: bool,
    /// The path's last part is `.` or `..`.
    pub(crate) dots: bool,
}

impl Found {
    /// The node.
    ///
    /// # Errors
    ///
    /// ENOENT if there is none.
    pub(crate) fn existing(&self) -> Result<&Arc<Node>, Errno> {
        self.node.as_ref().ok_or(Errno::ENOENT)
    }
}

/// A walk under way.
struct Walk<'a> {
    kernel: &'a Kernel,
    /// Names and nodes from the root to where it stands, without the root.
    trail: Vec<(Vec<u8>, Arc<Node>)>,
    /// What is still to go, the next part last.
    ahead: Vec<Vec<u8>>,
    links: usize,
}

impl FileSystem {
    /// Walks a path, from the absolute path `base` if it is relative.
    ///
    /// # Errors
    ///
    /// ENOENT for an empty path or a missing directory, ENOTDIR, EACCES behind a directory of the kernel that is for the
    /// superuser, ELOOP, ENAMETOOLONG. A missing last part is no error.
    pub(crate) fn walk(kernel: &Kernel, base: &[u8], path: &[u8], last: Last) -> Result<Box<Found>, Errno> {
        if path.is_empty() {
            return Err(Errno::ENOENT);
        }
        let mut walk = Walk {
            kernel,
            trail: Vec::new(),
            ahead: Vec::new(),
            links: 0,
        };
        walk.prepend(path);
        if path.first() != Some(&b'/') {
            walk.prepend(base);
        }
        let slash = path.last() == Some(&b'/');
        let dots = matches!(last_part(path), b"." | b"..");
        walk.run(last, slash, dots)
    }
}

impl Walk<'_> {
    /// Puts the parts of a path before what is ahead.
    fn prepend(&mut self, path: &[u8]) {
        let parts = path.rsplit(|&byte| byte == b'/').filter(|part| !part.is_empty());
        self.ahead.extend(parts.map(<[u8]>::to_vec));
    }

    /// The node where it stands.
    fn here(&self) -> &Arc<Node> {
        self.trail
            .last()
            .map_or(&self.kernel.file_system.root, |(_, node)| node)
    }

    fn run(mut self, last: Last, slash: bool, dots: bool) -> Result<Box<Found>, Errno> {
        while let Some(part) = self.ahead.pop() {
            let here = self.here();
            let directory = here.as_directory().ok_or(Errno::ENOTDIR)?;
            if here.is_for_root_alone() && !self.kernel.thread().credentials.is_root() {
                return Err(Errno::EACCES);
            }
            match part.as_slice() {
                b"." => continue,
                b".." => {
                    self.trail.pop();
                    continue;
                }
                name if name.len() > NAME_MAX => return Err(Errno::ENAMETOOLONG),
                _ => {}
            }
            let Some(child) = directory.child(self.kernel, &part) else {
                if self.ahead.is_empty() && !directory.is_removed() {
                    return Ok(self.missing(part, slash));
                }
                return Err(Errno::ENOENT);
            };
            let is_last = self.ahead.is_empty();
            match &child.content {
                Content::Link(link) if !is_last || slash || last == Last::Followed => self.follow(link)?,
                _ => self.trail.push((part, child)),
            }
        }
        if (slash || dots) && !self.here().is_directory() {
            return Err(Errno::ENOTDIR);
        }
        Ok(self.arrived(slash, dots))
    }

    fn follow(&mut self, link: &Link) -> Result<(), Errno> {
        self.links += 1;
        if self.links > LINKS_MOST {
            return Err(Errno::ELOOP);
        }
        let target = link.target(self.kernel).ok_or(Errno::ENOENT)?;
        if target.first() == Some(&b'/') {
            self.trail.clear();
        }
        self.prepend(&target);
        Ok(())
    }

    fn path(&self) -> Vec<u8> {
        let mut path = Vec::new();
        for (name, _) in &self.trail {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        if path.is_empty() {
            path.push(b'/');
        }
        path
    }

    fn missing(self, name: Vec<u8>, slash: bool) -> Box<Found> {
        let parent = Arc::clone(self.here());
        let mut path = self.path();
        if path != b"/" {
            path.push(b'/');
        }
        path.extend_from_slice(&name);
        Box::new(Found {
            parent,
            name,
            node: None,
            path,
            slash,
            dots: false,
        })
    }

    fn arrived(mut self, slash: bool, dots: bool) -> Box<Found> {
        let path = self.path();
        let node = Some(Arc::clone(self.here()));
        let name = self.trail.pop().map(|(name, _)| name).unwrap_or_default();
        Box::new(Found {
            parent: Arc::clone(self.here()),
            name,
            node,
            path,
            slash,
            dots,
        })
    }
}

impl Link {
    /// Where it leads now; nothing if what it stands for is gone.
    pub(crate) fn target(&self, kernel: &Kernel) -> Option<Vec<u8>> {
        match self {
            Self::To(target) => Some(target.clone()),
            Self::Told(tell, about) => tell(kernel, *about),
        }
    }
}

/// The last part of a path that has one.
fn last_part(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/')
        .find(|part| !part.is_empty())
        .unwrap_or_default()
}
