//! The pieces a region is cut into.

use super::Charge;
use super::layout::NOBODY;
use super::tree::TreeLinks;
use crate::machine::NoMemory;
use alloc::vec::Vec;
use core::ops::{Index, IndexMut, Range};

/// Names a chunk's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChunkId(u32);

impl ChunkId {
    /// No chunk.
    pub(super) const NONE: Self = Self(u32::MAX);

    /// Where among the records.
    #[inline(always)]
    pub(super) fn place(self) -> usize {
        self.0 as usize
    }
}

/// Consecutive bytes of the region.
#[derive(Debug)]
pub(super) struct Chunk<T> {
    pub(super) start: u32,
    pub(super) size: u32,
    /// The chunk that ends where this one starts.
    pub(super) prev: ChunkId,
    /// The chunk that starts where this one ends. In an unused record: the next unused one.
    pub(super) next: ChunkId,
    /// The pid that allocated it last, kept while it is free; 0 for a chunk that was cut off and never allocated.
    pub(super) owner: u32,
    /// Whose account an allocated chunk is charged to.
    pub(super) charge: Charge,
    /// A free chunk's place in the tree.
    pub(super) tree: TreeLinks,
    /// What the driver notes about an allocated chunk; nothing in a free one.
    pub(super) note: Option<T>,
}

impl<T> Chunk<T> {
    /// A free chunk that nobody ever allocated and that is not in the tree yet.
    #[inline]
    pub(super) fn free(range: Range<u32>, prev: ChunkId, next: ChunkId) -> Self {
        Self {
            start: range.start,
            size: range.end - range.start,
            prev,
            next,
            owner: NOBODY,
            charge: Charge::Sync,
            tree: TreeLinks::NONE,
            note: None,
        }
    }

    pub(super) fn is_free(&self) -> bool {
        self.note.is_none()
    }

    /// Its low part has become a chunk of its own. What is left passes for one that nobody ever allocated.
    #[inline(always)]
    pub(super) fn follow(&mut self, part: ChunkId, size: u32) {
        self.start += size;
        self.size -= size;
        self.prev = part;
        self.owner = NOBODY;
    }

    /// The first byte behind it.
    pub(super) fn end(&self) -> u32 {
        self.start + self.size
    }
}

/// The records of all chunks of a region. A record given back is the next one taken.
#[derive(Debug)]
pub(super) struct Chunks<T> {
    records: Vec<Chunk<T>>,
    unused: ChunkId,
}

impl<T> Chunks<T> {
    pub(super) const fn new() -> Self {
        Self {
            records: Vec::new(),
            unused: ChunkId::NONE,
        }
    }

    /// Makes sure that the next [`Self::take`] has a record to take.
    #[inline]
    pub(super) fn reserve_one(&mut self) -> Result<(), NoMemory> {
        if self.has_one() { Ok(()) } else { self.grow() }
    }

    #[cold]
    fn grow(&mut self) -> Result<(), NoMemory> {
        self.records.try_reserve(1).map_err(|_| NoMemory)
    }

    /// Whether the next [`Self::take`] has a record to take.
    pub(super) fn has_one(&self) -> bool {
        self.unused != ChunkId::NONE || self.records.len() < self.records.capacity()
    }

    /// A record with this content.
    #[inline]
    pub(super) fn take(&mut self, chunk: Chunk<T>) -> ChunkId {
        loop {
            let id = self.unused;
            if let Some(record) = self.records.get_mut(id.place()) {
                self.unused = record.next;
                *record = chunk;
                return id;
            }
            self.append();
        }
    }

    /// Adds a record that is taken next.
    #[cold]
    fn append(&mut self) {
        self.unused = ChunkId(self.records.len() as u32);
        self.records.push(Chunk::free(0..0, ChunkId::NONE, ChunkId::NONE));
    }

    /// Gives back a record, whose note must have been taken.
    #[inline]
    pub(super) fn give_back(&mut self, id: ChunkId) {
        let unused = self.unused;
        self[id].next = unused;
        self.unused = id;
    }

    /// All records, by their places, and the unused one that is taken next.
    #[inline(always)]
    pub(super) fn parts(&mut self) -> (&mut [Chunk<T>], &mut ChunkId) {
        (&mut self.records, &mut self.unused)
    }

    /// How many records are in use.
    pub(super) fn in_use(&self) -> usize {
        let mut count = self.records.len();
        let mut id = self.unused;
        while id != ChunkId::NONE {
            count -= 1;
            id = self[id].next;
        }
        count
    }
}

impl<T> Index<ChunkId> for Chunks<T> {
    type Output = Chunk<T>;

    #[inline]
    fn index(&self, id: ChunkId) -> &Chunk<T> {
        match self.records.get(id.place()) {
            Some(record) => record,
            None => missing(&self.unused),
        }
    }
}

impl<T> IndexMut<ChunkId> for Chunks<T> {
    #[inline]
    fn index_mut(&mut self, id: ChunkId) -> &mut Chunk<T> {
        match self.records.get_mut(id.place()) {
            Some(record) => record,
            None => missing(&self.unused),
        }
    }
}

/// As with a [table](crate::table), what the message tells makes the many callers smaller.
#[cold]
#[inline(never)]
fn missing(unused: &ChunkId) -> ! {
    panic!("a chunk has no record; the next would be {unused:?}")
}
