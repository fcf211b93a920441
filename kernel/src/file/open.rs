//! What `open` makes: a file with a position and flags.

use super::tree::{self, Node};
use super::{Facts, File, Seeking, UserMemory, changes};
use crate::sync::Mutex;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::OpenFlags;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Flags that `fcntl` may change.
const CHANGEABLE: OpenFlags = OpenFlags::APPEND
    .union(OpenFlags::NONBLOCK)
    .union(OpenFlags::ASYNC)
    .union(OpenFlags::DIRECT)
    .union(OpenFlags::NO_ACCESS_TIME);

/// Flags that matter only while opening, and are not remembered.
const MOMENTARY: OpenFlags = OpenFlags::CREATE
    .union(OpenFlags::EXCLUSIVE)
    .union(OpenFlags::NO_CONTROLLING_TERMINAL)
    .union(OpenFlags::TRUNCATE)
    .union(OpenFlags::CLOSE_ON_EXEC);

/// Flags that are remembered of what only names a file.
const OF_NAMES: OpenFlags = OpenFlags::PATH
    .union(OpenFlags::DIRECTORY)
    .union(OpenFlags::NO_FOLLOW);

/// An open file. All descriptors that came from one `open` share it.
#[derive(Debug)]
pub(crate) struct OpenFile {
    file: Box<dyn File>,
    flags: AtomicU32,
    position: AtomicU64,
    path: Mutex<Vec<u8>>,
    node: Option<Arc<Node>>,
}

impl OpenFile {
    /// Opens a file that has no name. `description` is shown where a path would be.
    pub(crate) fn nameless(file: Box<dyn File>, flags: OpenFlags, description: Vec<u8>) -> Arc<Self> {
        Self::new(file, flags, description, None)
    }

    /// Opens a file of the tree. `path` is where it was found.
    pub(crate) fn named(file: Box<dyn File>, flags: OpenFlags, path: Vec<u8>, node: Arc<Node>) -> Arc<Self> {
        Self::new(file, flags, path, Some(node))
    }

    fn new(file: Box<dyn File>, flags: OpenFlags, path: Vec<u8>, node: Option<Arc<Node>>) -> Arc<Self> {
        let remembered = if flags.contains(OpenFlags::PATH) {
            flags & OF_NAMES
        } else {
            flags - MOMENTARY
        };
        Arc::new(Self {
            file,
            flags: AtomicU32::new(remembered.bits()),
            position: AtomicU64::new(0),
            path: Mutex::new(path),
            node,
        })
    }

    /// The file itself.
    #[inline]
    pub(crate) fn file(&self) -> &dyn File {
        &*self.file
    }

    /// The file itself, if it is of this kind.
    #[inline]
    pub(crate) fn downcast<T: File>(&self) -> Option<&T> {
        let file: &dyn Any = &*self.file;
        file.downcast_ref()
    }

    /// What `fstat` tells.
    pub(crate) fn facts(&self) -> Facts {
        self.node
            .as_ref()
            .map_or_else(|| self.file.facts(), |node| node.facts())
    }

    /// Its node, if it has a name in the tree.
    pub(crate) fn node(&self) -> Option<&Arc<Node>> {
        self.node.as_ref()
    }

    /// The directory it is, if it is one.
    pub(crate) fn directory(&self) -> Option<&Arc<Node>> {
        self.node.as_ref().filter(|node| node.is_directory())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> Vec<u8> {
        self.path.lock().clone()
    }

    /// What had one path has another now: what it means for where this is.
    pub(super) fn follow(&self, from: &[u8], to: &[u8]) {
        tree::follow(&mut self.path.lock(), from, to);
    }

    /// Access mode and flags.
    pub(crate) fn flags(&self) -> OpenFlags {
        OpenFlags::from_bits_retain(self.flags.load(Ordering::Relaxed))
    }

    /// Whether calls answer EAGAIN rather than wait.
    #[inline]
    pub(crate) fn nonblocking(&self) -> bool {
        self.flags().contains(OpenFlags::NONBLOCK)
    }

    /// Changes those flags that may change.
    pub(crate) fn set_flags(&self, flags: OpenFlags) {
        let kept = self.flags() - CHANGEABLE;
        changes::note();
        self.flags
            .store((kept | (flags & CHANGEABLE)).bits(), Ordering::Relaxed);
    }

    /// Whether it was opened for reading.
    pub(crate) fn readable(&self) -> bool {
        let mode = self.flags() & OpenFlags::ACCESS_MODE;
        !self.names_only() && (mode.is_empty() || mode == OpenFlags::READ_WRITE)
    }

    /// Whether it was opened for writing.
    pub(crate) fn writable(&self) -> bool {
        let mode = self.flags() & OpenFlags::ACCESS_MODE;
        !self.names_only() && (mode == OpenFlags::WRITE_ONLY || mode == OpenFlags::READ_WRITE)
    }

    /// Whether it only names the file (`O_PATH`).
    pub(crate) fn names_only(&self) -> bool {
        self.flags().contains(OpenFlags::PATH)
    }

    /// Where the next transfer begins.
    pub(crate) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    /// Sets where the next transfer begins.
    pub(crate) fn set_position(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }

    /// Whether it has a position that a transfer moves.
    fn moves(&self) -> bool {
        matches!(self.file.seeking(), Seeking::FromStart | Seeking::Within(_))
    }

    /// Reads at the position and moves it.
    ///
    /// # Errors
    ///
    /// EBADF if it is not open for reading, EAGAIN where it would wait and may not, the file's own.
    pub(crate) fn read(&self, kernel: &mut Kernel, into: &mut UserMemory) -> Result<u64, Flow> {
        let at = self.position();
        let progress = self.file.read(kernel, self, into, at);
        self.conclude(progress, at)
    }

    /// Writes at the position, or at the end if it appends, and moves the position.
    ///
    /// # Errors
    ///
    /// EBADF if it is not open for writing, EAGAIN where it would wait and may not, the file's own.
    pub(crate) fn write(&self, kernel: &mut Kernel, from: &mut UserMemory) -> Result<u64, Flow> {
        let at = match self.file.seeking() {
            Seeking::Within(length) if self.flags().contains(OpenFlags::APPEND) => length,
            _ => self.position(),
        };
        let progress = self.file.write(kernel, self, from, at);
        self.conclude(progress, at)
    }

    /// Turns a file's progress into the call's answer.
    fn conclude(&self, progress: Result<usize, Flow>, at: u64) -> Result<u64, Flow> {
        match progress {
            Ok(count) => {
                if self.moves() {
                    self.set_position(at.saturating_add(count as u64));
                }
                Ok(count as u64)
            }
            Err(Flow::BLOCK) if self.nonblocking() => Err(Errno::EAGAIN.into()),
            Err(flow) => Err(flow),
        }
    }
}
