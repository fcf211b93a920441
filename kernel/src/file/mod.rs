//! Files: everything a descriptor can stand for.
//!
//! [`File`] is one kind of open file; each kind has a source file of its own and touches no list of kinds. [`OpenFile`]
//! is what `open` makes: a file, a position, flags. Descriptors ([`FileTable`]) share it after `dup` and `fork`. The
//! names are a [tree](tree); what a name leads to becomes a [`File`] only when it is opened.
//!
//! A file never waits. It tells the kernel what to wait on and answers with [`Flow::BLOCK`]; the call blocks and is made
//! again later. So nothing is consumed before a file says so.
//!
//! An [`OpenFile`] must not be dropped like any value, as its end may wake others or end a binder process:
//! [`Kernel::close_descriptor`] and [`Kernel::release_file`] are the two ways to give one up.

mod binder;
pub(crate) mod changes;
mod close;
mod console;
mod device;
mod directory;
mod epoll;
mod event;
mod image;
mod memory;
mod open;
mod pipe;
mod proc;
mod socket;
mod status;
mod stream;
mod sys;
mod table;
mod text;
mod timer;
mod transfer;
pub(crate) mod tree;

pub(crate) use close::descriptor_limit;
pub(crate) use console::Console;
pub(crate) use device::fill_random;
pub(crate) use epoll::{Epoll, look};
pub(crate) use event::{EventCounter, Share};
pub(crate) use memory::{MemoryFile, MemoryOpen};
pub(crate) use open::OpenFile;
use pipe::NAMELESS_DEVICE;
pub(crate) use pipe::pipe;
pub(crate) use socket::{Socket, socket_pair};
pub(crate) use status::Facts;
pub(crate) use stream::{Patience, Taking};
pub(crate) use table::{CloseOnExec, FileTable};
pub(crate) use timer::{Counts, Schedule, TimerFile};
pub(crate) use transfer::{UserMemory, check_range};
pub(crate) use tree::FileSystem;

use crate::mm::{Backing, Placement, Protection};
use crate::task::{Channel, Flow, Kernel};
use abi::Errno;
use abi::poll::PollEvents;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

/// What a file is ready for now, and what is woken when that changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readiness {
    /// What could be done now.
    pub(crate) events: PollEvents,
    /// Woken when it changes; `None` if it never does, or if the binder driver wakes the thread itself.
    pub(crate) channel: Option<Channel>,
    /// How often something new has come, where the file counts that.
    pub(crate) changes: Option<u64>,
}

impl Readiness {
    /// Ready for nothing, and nothing to wait on.
    pub(crate) const NOTHING: Self = Self {
        events: PollEvents::empty(),
        channel: None,
        changes: None,
    };
}

/// A mapping that is asked of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mapping {
    /// Where it shall lie.
    pub(crate) placement: Placement,
    /// Its length in bytes.
    pub(crate) length: u64,
    /// What it allows.
    pub(crate) protection: Protection,
    /// Who sees what is written.
    pub(crate) sharing: Sharing,
    /// Where in the file it begins, a multiple of the page size.
    pub(crate) offset: u64,
}

/// Who sees what is written to a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Everybody who maps or reads the file.
    Shared,
    /// Nobody else.
    Private,
}

impl Sharing {
    /// The kind of memory that it is.
    pub(crate) fn backing(self) -> Backing {
        match self {
            Self::Shared => Backing::Shared,
            Self::Private => Backing::Private,
        }
    }
}

/// What `lseek` may do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seeking {
    /// It has no position: ESPIPE, also for transfers that name one.
    Refused,
    /// It has no position, but a transfer that names one is not refused for that: a device that knows none.
    Unknown,
    /// Any position is the same: the answer is always 0.
    Pointless,
    /// Positions count from its start; where it ends is not known.
    FromStart,
    /// It has so many bytes.
    Within(u64),
}

/// An entry of a directory.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    /// The name.
    pub(crate) name: Vec<u8>,
    /// The file's number.
    pub(crate) inode: u64,
    /// The kind: the upper bits of its mode.
    pub(crate) kind: u32,
}

/// One kind of open file. What a kind does not define, its files cannot do.
///
/// Whether the descriptor was opened for reading or writing has been checked before.
pub(crate) trait File: Any + Send + Sync {
    /// Reads from a position into the caller's memory: how many bytes; none at all means the end of the file.
    ///
    /// # Errors
    ///
    /// The file's own; EINVAL if it cannot be read.
    fn read(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        _into: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        Err(Errno::EINVAL.into())
    }

    /// Writes at a position from the caller's memory: how many bytes.
    ///
    /// # Errors
    ///
    /// The file's own; EINVAL if it cannot be written.
    fn write(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        _from: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        Err(Errno::EINVAL.into())
    }

    /// What could be done now without waiting. Plain files are always ready.
    ///
    /// # Errors
    ///
    /// ENOMEM if the file has to remember who asks.
    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        Ok(Readiness {
            events: PollEvents::READABLE | PollEvents::WRITABLE,
            ..Readiness::NOTHING
        })
    }

    /// Whether an epoll set may watch it: it is a file that is not always ready.
    fn can_be_watched(&self) -> bool {
        false
    }

    /// An ioctl.
    ///
    /// # Errors
    ///
    /// ENOTTY if the file does not know the request.
    fn control(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        _request: u32,
        _argument: u64,
    ) -> Result<u64, Flow> {
        Err(Errno::ENOTTY.into())
    }

    /// Maps it into the caller's address space; gives the address.
    ///
    /// # Errors
    ///
    /// ENODEV if it cannot be mapped.
    fn map(&self, _kernel: &mut Kernel, _open: &Arc<OpenFile>, _mapping: &Mapping) -> Result<u64, Flow> {
        Err(Errno::ENODEV.into())
    }

    /// Whether it has a position.
    fn seeking(&self) -> Seeking {
        Seeking::Refused
    }

    /// What `fstat` tells, where the file has no name in the tree.
    fn facts(&self) -> Facts {
        Facts::default()
    }

    /// Makes it this long.
    ///
    /// # Errors
    ///
    /// EINVAL if its length is not a thing to set.
    fn resize(&self, _kernel: &Kernel, _length: u64) -> Result<(), Errno> {
        Err(Errno::EINVAL)
    }

    /// Entries from a position on, if it is a directory: about as many as the limit says.
    ///
    /// # Errors
    ///
    /// ENOTDIR if it is none, ENOENT if it was removed.
    fn names(&self, _kernel: &Kernel, _at: u64, _limit: usize) -> Result<Vec<Name>, Errno> {
        Err(Errno::ENOTDIR)
    }

    /// A descriptor of it was closed.
    fn flush(&self, _kernel: &mut Kernel) {}

    /// The last reference to it is gone.
    fn release(&self, _kernel: &mut Kernel) {}

    /// The memory it is, if its content is kept there.
    fn memory(&self) -> Option<&Arc<MemoryFile>> {
        None
    }

    /// How many bytes its pipe holds at most, if it is an end of one.
    fn pipe_capacity(&self) -> Option<usize> {
        None
    }
}

impl fmt::Debug for dyn File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("File")
    }
}
