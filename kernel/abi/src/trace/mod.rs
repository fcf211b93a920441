//! What the kernel records while it traces binder: the format in memory, in `ITrace`'s answers and on the host.
//!
//! A trace is a row of [`Record`]s of one size: when, which thread, what happened, and up to eleven words about it.
//! [`Event`] is the same with names. Threads and processes are numbers; records of the kind [`Event::Name`] tell what
//! they are called. The kernel itself is process 0, its threads have numbers from [`KERNEL_THREADS`] on.

mod event;
mod show;
mod table;
mod text;

pub use event::Event;
pub use show::{Names, Shown};
pub use table::{MAGIC, Table};
pub use text::Text;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The kernel's own threads in the driver have numbers from here on.
pub const KERNEL_THREADS: u32 = 1 << 31;

/// How many words a record has for its event.
pub const WORDS: usize = 11;

/// Something that happened, as 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Record {
    /// When, in nanoseconds since boot.
    pub time: u64,
    /// The thread that acted.
    pub thread: u32,
    /// Its process.
    pub process: u32,
    /// What happened: the number of the [`Event`].
    pub kind: u32,
    /// The event's fields in order.
    pub words: [u32; WORDS],
}

impl Record {
    /// An event as a record.
    pub fn new(time: u64, process: u32, thread: u32, event: Event) -> Self {
        let (kind, words) = event.encode();
        Self {
            time,
            thread,
            process,
            kind,
            words,
        }
    }

    /// The whole records that bytes hold.
    pub fn all_in(bytes: &[u8]) -> impl Iterator<Item = Self> + '_ {
        let chunks = bytes.chunks_exact(size_of::<Self>());
        chunks.filter_map(|chunk| Self::read_from_bytes(chunk).ok())
    }

    /// The event; `None` for a kind that is not known.
    pub fn event(&self) -> Option<Event> {
        Event::decode(self.kind, &self.words)
    }
}

/// [`Event::Sent`]'s form of a call that waits for its reply.
pub const CALL: u32 = 0;
/// [`Event::Sent`]'s form of a call without a reply.
pub const ONE_WAY: u32 = 1;
/// [`Event::Sent`]'s form of a reply.
pub const REPLY: u32 = 2;

#[cfg(test)]
mod tests;
