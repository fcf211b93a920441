//! The region as a whole.

use super::chunk::{Chunk, ChunkId, Chunks};
use super::pages::Pages;
use super::quota::{AsyncQuota, NewBuffer, Spam};
use super::starts::Starts;
use super::tree::{SizeTree, TreeLinks};
use super::{Charge, GRAIN, MAX_SIZE, PAGE_SIZE, PageCounts, Request, SpaceError};
use crate::machine::{NoMemory, Pid};
use core::iter;
use core::ops::Range;

/// The owner of a chunk that was cut off a free one and never allocated. No process has this pid.
const NOBODY: u32 = 0;

/// A place for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "pages without frames need some before the message is written"]
pub(crate) struct Allocation {
    /// Where it begins in the region, which also names it.
    pub(crate) offset: usize,
    /// How many bytes it has.
    pub(crate) size: usize,
    /// The first run of its pages that need a frame; see [`BufferSpace::furnish`].
    pub(crate) absent: Option<Range<usize>>,
    /// Whether the sender looks like a spammer of oneway calls.
    pub(crate) spam: Spam,
}

/// The bookkeeping for one region. `T` is what the driver notes about each buffer.
///
/// - **B1** The chunks lie end to end and fill the region. Each is at least 8 bytes long and starts at a multiple of 8.
/// - **B2** No two free chunks are neighbours.
/// - **B3** The tree holds the free chunks, all and only they.
/// - **B4** Each allocated chunk is found by its start, and nothing else is.
/// - **B5** Each record belongs to a chunk or is unused.
#[derive(Debug)]
pub(crate) struct BufferSpace<T> {
    pub(super) size: u32,
    /// The chunk at offset 0.
    first: ChunkId,
    pub(super) chunks: Chunks<T>,
    pub(super) tree: SizeTree,
    pub(super) starts: Starts,
    pub(super) pages: Pages,
    pub(super) quota: AsyncQuota,
}

impl<T> BufferSpace<T> {
    /// An empty region. `size` is a multiple of the page size and at most [`MAX_SIZE`].
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the bookkeeping does not fit.
    pub(crate) fn new(size: usize) -> Result<Self, NoMemory> {
        assert!(
            size.is_multiple_of(PAGE_SIZE) && (PAGE_SIZE..=MAX_SIZE).contains(&size),
            "a region's size"
        );
        let mut chunks = Chunks::new();
        chunks.reserve_one()?;
        let first = chunks.take(Chunk {
            start: 0,
            size: size as u32,
            prev: ChunkId::NONE,
            next: ChunkId::NONE,
            owner: NOBODY,
            charge: Charge::Sync,
            tree: TreeLinks::NONE,
            note: None,
        });
        let mut tree = SizeTree::new();
        tree.insert(&mut chunks, first);
        Ok(Self {
            size: size as u32,
            first,
            chunks,
            tree,
            starts: Starts::new(size / PAGE_SIZE)?,
            pages: Pages::new(size / PAGE_SIZE)?,
            quota: AsyncQuota::new(size as u32),
        })
    }

    /// Finds a place for a message that a process sends.
    ///
    /// # Errors
    ///
    /// See [`SpaceError`]; nothing has changed then, and the note is dropped.
    #[inline]
    pub(crate) fn allocate(
        &mut self,
        request: &Request,
        charge: Charge,
        owner: Pid,
        note: T,
    ) -> Result<Allocation, SpaceError> {
        let total = request.total()?;
        let available = if charge == Charge::Async {
            self.quota.free()
        } else {
            self.size
        };
        if total > available as usize {
            return Err(SpaceError::Full);
        }
        let size = total as u32;
        let sole = self.tree.sole(&self.chunks);
        let found = match sole {
            Some(sole) => Some(sole).filter(|&sole| self.chunks[sole].size >= size),
            None => self.tree.best_fit(&self.chunks, size),
        };
        let found = found.ok_or(SpaceError::Full)?;
        let Chunk {
            start,
            size: available,
            owner: last_owner,
            ..
        } = self.chunks[found];

        // All that can fail, before anything changes.
        self.chunks.reserve_one()?;
        let entry = self.starts.entry(start)?;
        if charge == Charge::Async {
            self.quota.reserve(owner)?;
        }

        let id = if available == size {
            self.tree.remove(&mut self.chunks, found);
            found
        } else if sole.is_some() {
            cut_in_place(&mut self.chunks, &mut self.first, found, size)
        } else {
            split(&mut self.chunks, &mut self.tree, found, size)
        };
        *entry = id;
        let chunk = &mut self.chunks[id];
        chunk.owner = owner.0;
        chunk.charge = charge;
        chunk.note = Some(note);

        let spam = match charge {
            Charge::Sync => Spam::Unsuspected,
            Charge::Async => {
                let same = last_owner == owner.0;
                let new = if same {
                    NewBuffer::Counted
                } else {
                    NewBuffer::NotYetCounted
                };
                self.quota.charge(owner, size, new)
            }
        };
        let touched = pages_touching(start, start + size);
        let complete = self.pages.activate(touched.clone());
        let absent = if complete {
            None
        } else {
            self.pages.absent(touched)
        };
        Ok(Allocation {
            offset: start as usize,
            size: total,
            absent,
            spam,
        })
    }

    /// Notes that pages of a new buffer have frames now. Returns the buffer's next run of pages that need some.
    /// If there are no frames, the buffer is to be freed.
    pub(crate) fn furnish(&mut self, offset: usize, pages: Range<usize>) -> Option<Range<usize>> {
        self.pages.furnish(pages);
        let chunk = &self.chunks[self.starts.get(offset)?];
        self.pages.absent(pages_touching(chunk.start, chunk.end()))
    }

    /// What is noted about the buffer that begins at an offset, which may be any number. Nothing if none does.
    #[inline]
    pub(crate) fn get(&self, offset: usize) -> Option<&T> {
        self.chunks[self.starts.get(offset)?].note.as_ref()
    }

    /// What is noted about the buffer that begins at an offset, for changing.
    #[inline]
    pub(crate) fn get_mut(&mut self, offset: usize) -> Option<&mut T> {
        self.chunks[self.starts.get(offset)?].note.as_mut()
    }

    /// The size of the buffer that begins at an offset.
    pub(crate) fn size_of(&self, offset: usize) -> Option<usize> {
        Some(self.chunks[self.starts.get(offset)?].size as usize)
    }

    /// Frees the buffer that begins at an offset, which may be any number. Returns what was noted about it.
    #[inline]
    pub(crate) fn free(&mut self, offset: usize) -> Option<T> {
        let id = self.starts.take(offset)?;
        let chunk = &mut self.chunks[id];
        let note = chunk.note.take();
        let (prev, next, freed) = (chunk.prev, chunk.next, chunk.start..chunk.end());
        if chunk.charge == Charge::Async {
            let (owner, size) = (chunk.owner, chunk.size);
            self.quota.refund(owner, size);
        }
        let prev_free = prev != ChunkId::NONE && self.chunks[prev].is_free();
        let next_free = next != ChunkId::NONE && self.chunks[next].is_free();
        let merged = if next_free && !prev_free && self.tree.sole(&self.chunks) == Some(next) {
            self.grow_in_place(id, next)
        } else {
            self.merge(id, prev_free, next_free)
        };
        self.pages.retire(pages_within(merged, freed));
        note
    }

    /// Gives a chunk's bytes to the free chunk behind it, the only one. The descriptor that lives on is the lower
    /// one's: so its owner.
    #[inline]
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
        if next != ChunkId::NONE {
            self.chunks[next].prev = id;
        }
    }

    /// Makes `next` the chunk behind `prev`, or the first.
    #[inline]
    fn set_next(&mut self, prev: ChunkId, next: ChunkId) {
        if prev == ChunkId::NONE {
            self.first = next;
        } else {
            self.chunks[prev].next = next;
        }
    }

    /// Takes the frame of the page that no buffer has touched for the longest time. Returns the page, to be unmapped.
    pub(crate) fn reclaim(&mut self) -> Option<usize> {
        let page = self.pages.reclaim()?;
        self.starts.drop_leaf(page);
        Some(page)
    }

    /// All buffers by address: offset, size and what is noted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, usize, &T)> {
        self.all_chunks()
            .filter_map(|(_, chunk)| Some((chunk.start as usize, chunk.size as usize, chunk.note.as_ref()?)))
    }

    /// The region's size.
    pub(crate) fn size(&self) -> usize {
        self.size as usize
    }

    /// How much room there is for async buffers.
    pub(crate) fn free_async(&self) -> usize {
        self.quota.free() as usize
    }

    /// How many pages have frames.
    pub(crate) fn page_counts(&self) -> PageCounts {
        self.pages.counts()
    }

    /// One more than the highest page that ever had a frame.
    pub(crate) fn pages_high(&self) -> usize {
        self.pages.high()
    }

    /// All chunks by address.
    pub(super) fn all_chunks(&self) -> impl Iterator<Item = (ChunkId, &Chunk<T>)> {
        let mut at = self.first;
        iter::from_fn(move || {
            let id = at;
            (id != ChunkId::NONE).then(|| {
                at = self.chunks[id].next;
                (id, &self.chunks[id])
            })
        })
    }
}

/// Cuts the low part off the only free chunk, which stays where it is in the tree. The part is the returned chunk; the
/// rest passes for one that nobody ever allocated.
#[inline]
fn cut_in_place<T>(chunks: &mut Chunks<T>, first: &mut ChunkId, rest: ChunkId, size: u32) -> ChunkId {
    let Chunk { start, prev, .. } = chunks[rest];
    let part = chunks.take(Chunk {
        start,
        size,
        prev,
        next: rest,
        owner: NOBODY,
        charge: Charge::Sync,
        tree: TreeLinks::NONE,
        note: None,
    });
    if prev == ChunkId::NONE {
        *first = part;
    } else {
        chunks[prev].next = part;
    }
    let rest = &mut chunks[rest];
    rest.start += size;
    rest.size -= size;
    rest.prev = part;
    rest.owner = NOBODY;
    part
}

/// Cuts a free chunk down to its low part and takes it out of the tree.
///
/// The rest goes into the tree before the part leaves it, when the part is already as small as it will be: the tree's
/// shape depends on that.
fn split<T>(chunks: &mut Chunks<T>, tree: &mut SizeTree, part: ChunkId, size: u32) -> ChunkId {
    let Chunk {
        start,
        size: available,
        next,
        ..
    } = chunks[part];
    let rest = chunks.take(Chunk {
        start: start + size,
        size: available - size,
        prev: part,
        next,
        owner: NOBODY,
        charge: Charge::Sync,
        tree: TreeLinks::NONE,
        note: None,
    });
    if next != ChunkId::NONE {
        chunks[next].prev = rest;
    }
    chunks[part].size = size;
    chunks[part].next = rest;
    tree.insert(chunks, rest);
    tree.remove(chunks, part);
    part
}

/// The pages that a chunk touches.
#[inline]
pub(super) fn pages_touching(start: u32, end: u32) -> Range<usize> {
    start as usize / PAGE_SIZE..(end as usize).div_ceil(PAGE_SIZE)
}

/// The pages that a part of a free chunk touches and that lie in the free chunk wholly.
#[inline]
fn pages_within(free: Range<u32>, part: Range<u32>) -> Range<usize> {
    let whole = (free.start as usize).div_ceil(PAGE_SIZE)..free.end as usize / PAGE_SIZE;
    let touched = pages_touching(part.start, part.end);
    let start = whole.start.max(touched.start);
    start..whole.end.min(touched.end).max(start)
}
