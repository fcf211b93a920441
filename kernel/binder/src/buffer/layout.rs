//! How a region is cut.
//!
//! A [`Layout`] knows every chunk of a region in three ways: in order of address, the free ones by size, the allocated
//! ones by where they start.

use super::Charge;
use super::chunk::{Chunk, ChunkId, Chunks};
use super::starts::Starts;
use super::tree::{SizeTree, TreeLinks};
use crate::machine::NoMemory;
use core::iter;
use core::mem;
use core::ops::Range;

/// The owner of a chunk that was cut off a free one and never allocated. No process has this pid.
pub(super) const NOBODY: u32 = 0;

/// The chunks of a region. `T` is what the driver notes about each allocated one.
///
/// - **B1** The chunks lie end to end and fill the region. Each is at least 8 bytes long and starts at a multiple of 8.
/// - **B2** No two free chunks are neighbours.
/// - **B3** The tree holds the free chunks, all and only they.
/// - **B4** Each allocated chunk is found by its start, and nothing else is.
/// - **B5** Each record belongs to a chunk or is unused.
#[derive(Debug)]
pub(super) struct Layout<T> {
    /// The chunk at offset 0.
    first: ChunkId,
    pub(super) chunks: Chunks<T>,
    pub(super) tree: SizeTree,
    pub(super) starts: Starts,
}

/// A buffer as it is allocated.
#[derive(Debug)]
pub(super) struct Buffer<T> {
    pub(super) size: u32,
    pub(super) owner: u32,
    pub(super) charge: Charge,
    pub(super) note: T,
}

/// What was freed.
#[derive(Debug)]
pub(super) struct Freed<T> {
    pub(super) buffer: Buffer<T>,
    /// Where it was.
    pub(super) range: Range<u32>,
    /// The free chunk that it is a part of now.
    pub(super) merged: Range<u32>,
}

impl<T> Layout<T> {
    /// One free chunk.
    pub(super) fn new(size: u32) -> Result<Self, NoMemory> {
        let mut chunks = Chunks::new();
        chunks.reserve_one()?;
        let first = chunks.take(Chunk::free(0..size, ChunkId::NONE, ChunkId::NONE));
        let mut tree = SizeTree::new();
        tree.insert(&mut chunks, first);
        Ok(Self {
            first,
            chunks,
            tree,
            starts: Starts::new(),
        })
    }

    /// The only free chunk, if there is only one.
    pub(super) fn sole(&self) -> Option<ChunkId> {
        self.tree.sole(&self.chunks)
    }

    /// The free chunk that a buffer of this size is cut from.
    pub(super) fn best_fit(&self, size: u32) -> Option<ChunkId> {
        self.tree.best_fit(&self.chunks, size)
    }

    /// Gets the memory to cut a buffer that starts here.
    pub(super) fn prepare(&mut self, start: u32) -> Result<(), NoMemory> {
        self.chunks.reserve_one()?;
        self.starts.prepare(start)
    }

    /// Whether a buffer that starts here can be cut.
    pub(super) fn is_prepared(&self, start: u32) -> bool {
        self.chunks.has_one() && self.starts.is_prepared(start)
    }

    /// Allocates the low part of a free chunk that is large enough. Needs [`Self::prepare`].
    pub(super) fn cut(&mut self, found: ChunkId, buffer: Buffer<T>) {
        let id = if self.chunks[found].size == buffer.size {
            self.tree.remove(&mut self.chunks, found);
            found
        } else if self.sole() == Some(found) {
            return self.cut_sole(found, buffer);
        } else {
            self.split(found, buffer.size)
        };
        let chunk = &mut self.chunks[id];
        chunk.owner = buffer.owner;
        chunk.charge = buffer.charge;
        chunk.note = Some(buffer.note);
        let start = chunk.start;
        self.starts.set(start, id);
    }

    /// Allocates the low part of the only free chunk, which is larger and stays where it is in the tree. The rest passes
    /// for a chunk that nobody ever allocated. Needs [`Self::prepare`].
    #[inline]
    pub(super) fn cut_sole(&mut self, rest_id: ChunkId, buffer: Buffer<T>) {
        let Chunk { start, prev, .. } = self.chunks[rest_id];
        let size = buffer.size;
        let cut = Chunk {
            start,
            size,
            prev,
            next: rest_id,
            owner: buffer.owner,
            charge: buffer.charge,
            tree: TreeLinks::NONE,
            note: Some(buffer.note),
        };
        let part = self.chunks.take(cut);
        self.chunks[rest_id].follow(part, size);
        self.set_next(prev, part);
        self.starts.set(start, part);
    }

    /// Cuts a free chunk down to its low part and takes it out of the tree.
    ///
    /// The rest goes into the tree before the part leaves it, when the part is already as small as it will be: the
    /// tree's shape depends on that.
    fn split(&mut self, part: ChunkId, size: u32) -> ChunkId {
        let chunk = &mut self.chunks[part];
        let (middle, end, next) = (chunk.start + size, chunk.end(), chunk.next);
        chunk.size = size;
        let rest = self.chunks.take(Chunk::free(middle..end, part, next));
        self.chunks[part].next = rest;
        self.set_prev(next, rest);
        self.tree.insert(&mut self.chunks, rest);
        self.tree.remove(&mut self.chunks, part);
        part
    }

    /// Frees an allocated chunk.
    #[inline]
    pub(super) fn free(&mut self, id: ChunkId) -> Option<Freed<T>> {
        let chunk = &mut self.chunks[id];
        let note = chunk.note.take()?;
        let buffer = Buffer {
            size: chunk.size,
            owner: chunk.owner,
            charge: chunk.charge,
            note,
        };
        let (range, prev, next) = (chunk.start..chunk.end(), chunk.prev, chunk.next);
        self.starts.set(range.start, ChunkId::NONE);
        let (prev_free, next_free) = (self.is_free(prev), self.is_free(next));
        let merged = if next_free && !prev_free && self.sole() == Some(next) {
            self.grow_in_place(id, next)
        } else {
            self.merge(id, prev_free, next_free)
        };
        Some(Freed {
            buffer,
            range,
            merged,
        })
    }

    /// Frees an allocated chunk, if all that comes of it is that the free chunk before it grows, where it is in the tree:
    /// so it is where buffers are freed in the order in which they came.
    #[inline(always)]
    pub(super) fn free_into_previous(&mut self, id: ChunkId) -> Option<Freed<T>> {
        let (chunks, unused) = self.chunks.parts();
        let &Chunk {
            start,
            size,
            prev,
            next,
            owner,
            charge,
            ..
        } = chunks.get(id.place())?;
        let before = chunks.get(prev.place())?;
        let larger = chunks.get(before.tree.parent().place())?;
        // A free chunk that is the last one on its way down stays in its place as long as the next larger one stays larger.
        let is_last = before.tree.is_red_leaf() && larger.tree.has_left(prev);
        let keeps_place = is_last && before.size + size < larger.size;
        if !keeps_place || !before.is_free() || chunks.get(next.place())?.is_free() {
            return None;
        }
        let chunk = chunks.get_mut(id.place())?;
        let note = chunk.note.take()?;
        chunk.next = mem::replace(unused, id);
        chunks[next.place()].prev = prev;
        let before = &mut chunks[prev.place()];
        before.next = next;
        before.size += size;
        let merged = before.start..before.end();
        self.starts.set(start, ChunkId::NONE);
        Some(Freed {
            buffer: Buffer {
                size,
                owner,
                charge,
                note,
            },
            range: start..start + size,
            merged,
        })
    }

    /// Gives a chunk's bytes to the free chunk behind it, the only one. The descriptor that lives on is the lower
    /// one's: so its owner.
    fn grow_in_place(&mut self, id: ChunkId, next: ChunkId) -> Range<u32> {
        let Chunk {
            start, prev, owner, ..
        } = self.chunks[id];
        self.chunks.give_back(id);
        let chunk = &mut self.chunks[next];
        chunk.size += chunk.start - start;
        chunk.start = start;
        chunk.prev = prev;
        chunk.owner = owner;
        let merged = start..chunk.end();
        self.set_next(prev, next);
        merged
    }

    /// Merges a chunk with its free neighbours, and adds the result to the tree.
    fn merge(&mut self, id: ChunkId, prev_free: bool, next_free: bool) -> Range<u32> {
        let Chunk { size, prev, .. } = self.chunks[id];
        if prev_free && !next_free && self.tree.keeps_place(&self.chunks, prev, size) {
            self.absorb_next(prev);
            return self.chunks[prev].start..self.chunks[prev].end();
        }
        let mut id = id;
        if next_free {
            let next = self.chunks[id].next;
            self.tree.remove(&mut self.chunks, next);
            self.absorb_next(id);
        }
        if prev_free {
            id = self.chunks[id].prev;
            self.tree.remove(&mut self.chunks, id);
            self.absorb_next(id);
        }
        self.tree.insert(&mut self.chunks, id);
        self.chunks[id].start..self.chunks[id].end()
    }

    /// Gives a chunk the bytes of the one behind it, whose record falls out of use.
    fn absorb_next(&mut self, id: ChunkId) {
        let absorbed = self.chunks[id].next;
        let Chunk { size, next, .. } = self.chunks[absorbed];
        self.chunks.give_back(absorbed);
        self.chunks[id].size += size;
        self.chunks[id].next = next;
        self.set_prev(next, id);
    }

    fn is_free(&self, id: ChunkId) -> bool {
        id != ChunkId::NONE && self.chunks[id].is_free()
    }

    /// Makes `next` the chunk behind `prev`, or the first.
    fn set_next(&mut self, prev: ChunkId, next: ChunkId) {
        if prev == ChunkId::NONE {
            self.first = next;
        } else {
            self.chunks[prev].next = next;
        }
    }

    /// Makes `prev` the chunk before `next`, if there is one.
    fn set_prev(&mut self, next: ChunkId, prev: ChunkId) {
        if next != ChunkId::NONE {
            self.chunks[next].prev = prev;
        }
    }

    /// The allocated chunk that begins at an offset, which may be any number.
    #[inline]
    pub(super) fn find(&self, offset: usize) -> Option<ChunkId> {
        self.starts.get(offset)
    }

    /// All chunks by address.
    pub(super) fn iter(&self) -> impl Iterator<Item = (ChunkId, &Chunk<T>)> {
        let first = (self.first != ChunkId::NONE).then_some(self.first);
        let ids = iter::successors(first, |&id| {
            let next = self.chunks[id].next;
            (next != ChunkId::NONE).then_some(next)
        });
        ids.map(|id| (id, &self.chunks[id]))
    }
}
