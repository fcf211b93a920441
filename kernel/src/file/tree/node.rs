//! A named thing in the tree.

use super::super::device::Source;
use super::super::{Facts, MemoryFile, Name};
use crate::sorted::Sorted;
use crate::sync::Mutex;
use crate::task::{Kernel, Pid};
use abi::status::{S_IFCHR, S_IFDIR, S_IFLNK, S_IFREG, device};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The kinds of file system that the tree is made of. Each shows as a device of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// The boot image.
    Image,
    /// Kept in memory: the only one that can be changed.
    Memory,
    /// `/dev`.
    Devices,
    /// `/proc`.
    Processes,
    /// `/sys`.
    Kernel,
}

impl System {
    /// Its device number.
    pub(crate) const fn device(self) -> u64 {
        match self {
            Self::Image => 1,
            Self::Memory => 2,
            Self::Devices => 3,
            Self::Processes => 4,
            Self::Kernel => 5,
        }
    }
}

/// A device that a name leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// One without hardware.
    Source(Source),
    /// The terminal.
    Console,
    /// A binder context.
    Binder(binder_driver::Context),
}

/// Where a symbolic link leads.
#[derive(Clone, Debug)]
pub(crate) enum Link {
    /// To this path.
    To(Vec<u8>),
    /// To the path that the kernel tells then.
    Told(fn(&Kernel, Pid) -> Option<Vec<u8>>, Pid),
}

/// A text that is made when it is asked for, about a process if it is about one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    /// What a look at it does to what is looked at, just before it is made.
    pub(crate) look: fn(&mut Kernel, Pid),
    /// Makes it; nothing if what it is about is gone.
    pub(crate) make: fn(&Kernel, Pid) -> Option<Vec<u8>>,
    /// What it is about.
    pub(crate) about: Pid,
}

/// Names that come and go with what they stand for.
pub(crate) trait Made: Send + Sync {
    /// What a name leads to.
    fn child(&self, kernel: &Kernel, about: Pid, name: &[u8]) -> Option<Arc<Node>>;
    /// All names. Inode numbers need not be right.
    fn names(&self, kernel: &Kernel, about: Pid) -> Vec<Name>;
}

/// A directory: entries that are kept, and such as are made when asked for.
pub(crate) struct Directory {
    entries: Mutex<Sorted<Vec<u8>, Arc<Node>>>,
    made: Option<(&'static dyn Made, Pid)>,
    removed: AtomicBool,
}

impl Directory {
    /// An empty one.
    pub(crate) const fn new() -> Self {
        Self {
            entries: Mutex::new(Sorted::new()),
            made: None,
            removed: AtomicBool::new(false),
        }
    }

    /// One whose entries are also made, about a process if they are about one.
    pub(crate) fn made(made: &'static dyn Made, about: Pid) -> Self {
        Self {
            made: Some((made, about)),
            ..Self::new()
        }
    }

    /// What a name leads to.
    pub(crate) fn child(&self, kernel: &Kernel, name: &[u8]) -> Option<Arc<Node>> {
        let kept = self.entries.lock().get(name).cloned();
        kept.or_else(|| {
            self.made
                .and_then(|(made, about)| made.child(kernel, about, name))
        })
    }

    /// Whether it was removed from the tree.
    pub(crate) fn is_removed(&self) -> bool {
        self.removed.load(Ordering::Relaxed)
    }

    /// Whether it has no entries.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.lock().is_empty()
    }

    /// How often it is named: by its parent, by itself, by the directories in it.
    fn links(&self) -> u32 {
        let inner = self
            .entries
            .lock()
            .iter()
            .filter(|(_, node)| node.is_directory())
            .count();
        2 + inner as u32
    }

    pub(super) fn insert(&self, name: &[u8], node: Arc<Node>) {
        self.entries.lock().insert(name.to_vec(), node);
    }

    pub(super) fn remove(&self, name: &[u8]) -> Option<Arc<Node>> {
        self.entries.lock().remove(name)
    }

    pub(super) fn mark_removed(&self) {
        self.removed.store(true, Ordering::Relaxed);
    }

    /// Up to `limit` kept entries whose names come after this one, in order; from the first without one.
    pub(crate) fn kept_after(&self, after: Option<&[u8]>, limit: usize) -> Vec<Name> {
        let entries = self.entries.lock();
        let mut names = Vec::new();
        // No name is empty.
        for (name, node) in entries.from(after.unwrap_or_default()) {
            if names.len() == limit {
                break;
            }
            if after != Some(name.as_slice()) {
                names.push(node.name(name));
            }
        }
        names
    }

    /// The name of a kept entry by its place.
    pub(crate) fn kept_at(&self, place: usize) -> Option<Vec<u8>> {
        self.entries
            .lock()
            .iter()
            .nth(place)
            .map(|(name, _)| name.clone())
    }

    /// The entries that are made when asked for, if it has such.
    pub(crate) fn made_names(&self, kernel: &Kernel) -> Option<Vec<Name>> {
        self.made.map(|(made, about)| made.names(kernel, about))
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("entries", &self.entries.lock().len())
            .finish_non_exhaustive()
    }
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Content {
    /// Names of other nodes.
    Directory(Directory),
    /// A file of the boot image.
    Image(&'static [u8]),
    /// A file in memory.
    Memory(Arc<MemoryFile>),
    /// A device.
    Device(Device),
    /// A symbolic link.
    Link(Link),
    /// A text.
    Text(Text),
}

/// Who is neither the owner nor of its group may go through a directory.
const SEARCH_BY_OTHERS: u32 = 0o001;

/// A named thing.
#[derive(Debug)]
pub(crate) struct Node {
    /// The file system it is in.
    pub(crate) system: System,
    /// Its number.
    pub(crate) inode: u64,
    permissions: u32,
    /// What it is.
    pub(crate) content: Content,
}

impl Node {
    /// A node that is not in the tree yet.
    pub(crate) fn new(system: System, permissions: u32, content: Content) -> Arc<Self> {
        Arc::new(Self {
            system,
            inode: Self::new_inode(),
            permissions,
            content,
        })
    }

    /// A number that no other node has.
    pub(super) fn new_inode() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(2);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// An empty directory.
    pub(crate) fn directory(system: System, permissions: u32) -> Arc<Self> {
        Self::new(system, permissions, Content::Directory(Directory::new()))
    }

    /// A read-only text. A look at it changes nothing.
    pub(crate) fn text(system: System, make: fn(&Kernel, Pid) -> Option<Vec<u8>>, about: Pid) -> Arc<Self> {
        let look = |_: &mut Kernel, _: Pid| {};
        Self::text_of(system, Text { look, make, about })
    }

    /// A read-only text.
    pub(crate) fn text_of(system: System, text: Text) -> Arc<Self> {
        Self::new(system, 0o444, Content::Text(text))
    }

    /// Whether it is a directory of the kernel that only the superuser may look into.
    pub(crate) const fn is_for_root_alone(&self) -> bool {
        matches!(self.system, System::Kernel) && self.permissions & SEARCH_BY_OTHERS == 0
    }

    /// Whether it is a directory.
    pub(crate) const fn is_directory(&self) -> bool {
        matches!(self.content, Content::Directory(_))
    }

    /// It as a directory.
    pub(crate) const fn as_directory(&self) -> Option<&Directory> {
        match &self.content {
            Content::Directory(directory) => Some(directory),
            _ => None,
        }
    }

    /// Puts a node at a path below this directory, making the directories between. For building the tree.
    pub(crate) fn plant(self: &Arc<Self>, path: &[u8], node: Arc<Self>) {
        let mut at = Arc::clone(self);
        let mut last: &[u8] = b"";
        for part in path.split(|&byte| byte == b'/') {
            if matches!(part, b"" | b"." | b"..") {
                continue;
            }
            let before = core::mem::replace(&mut last, part);
            if before.is_empty() {
                continue;
            }
            let Some(directory) = at.as_directory() else {
                return;
            };
            let known = directory.entries.lock().get(before).cloned();
            let next = known.unwrap_or_else(|| {
                let made = Self::directory(node.system, 0o755);
                directory.insert(before, Arc::clone(&made));
                made
            });
            at = next;
        }
        if last.is_empty() {
            return;
        }
        if let Some(directory) = at.as_directory() {
            // A directory that has entries already stays as it is.
            let is_there = directory
                .entries
                .lock()
                .get(last)
                .is_some_and(|known| known.is_directory());
            if !(is_there && node.is_directory()) {
                directory.insert(last, node);
            }
        }
    }

    /// It as an entry of a directory.
    pub(crate) fn name(&self, name: &[u8]) -> Name {
        Name {
            name: name.to_vec(),
            inode: self.facts().inode,
            kind: self.kind(),
        }
    }

    /// The kind: the upper bits of its mode.
    pub(crate) const fn kind(&self) -> u32 {
        match self.content {
            Content::Directory(_) => S_IFDIR,
            Content::Image(_) | Content::Memory(_) | Content::Text(_) => S_IFREG,
            Content::Device(_) => S_IFCHR,
            Content::Link(_) => S_IFLNK,
        }
    }

    /// What `stat` tells.
    pub(crate) fn facts(&self) -> Facts {
        let size = match &self.content {
            Content::Memory(file) => return file.facts(),
            Content::Image(bytes) => bytes.len() as u64,
            Content::Link(Link::To(target)) => target.len() as u64,
            Content::Directory(_) | Content::Device(_) | Content::Link(_) | Content::Text(_) => 0,
        };
        let represents = match self.content {
            Content::Device(device) => device.number(),
            _ => 0,
        };
        Facts {
            device: self.system.device(),
            inode: self.inode,
            mode: self.kind() | self.permissions,
            links: self.as_directory().map_or(1, Directory::links),
            represents,
            size,
            modified: 0,
        }
    }
}

impl Device {
    /// Its device number, as on Linux where that is fixed.
    const fn number(self) -> u64 {
        match self {
            Self::Source(Source::Null) => device(1, 3),
            Self::Source(Source::Zero) => device(1, 5),
            Self::Source(Source::Full) => device(1, 7),
            Self::Source(Source::Random) => device(1, 8),
            Self::Console => device(5, 1),
            Self::Binder(_) => device(10, 120),
        }
    }
}
