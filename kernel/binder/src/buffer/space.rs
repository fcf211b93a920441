//! The region as a whole.

use super::chunk::ChunkId;
use super::layout::{Buffer, Freed, Layout};
use super::newest::{Newest, PlainBuffer};
use super::pages::Pages;
use super::quota::{AsyncQuota, NewBuffer, Spam};
use super::{Charge, MAX_SIZE, PAGE_SIZE, PageCounts, Request, SpaceError};
use crate::machine::{NoMemory, Pid};
use core::ops::Range;

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

/// A buffer that was looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found(
    /// Nothing for the newest.
    Option<ChunkId>,
);

/// The bookkeeping for one region. `T` is what the driver notes about each buffer.
#[derive(Debug)]
pub(crate) struct BufferSpace<T> {
    size: u32,
    pub(super) newest: Newest<T>,
    pub(super) layout: Layout<T>,
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
        let mut layout = Layout::new(size as u32)?;
        Ok(Self {
            size: size as u32,
            newest: Newest::new(&mut layout),
            layout,
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
        if total > self.size as usize {
            return Err(SpaceError::Full);
        }
        let buffer = Buffer {
            size: total as u32,
            owner: owner.0,
            charge,
            note,
        };
        let (start, spam) = match charge {
            Charge::Sync => (self.find_place(buffer)?.0, Spam::Unsuspected),
            Charge::Async => self.find_place_async(buffer)?,
        };
        let end = start + total as u32;
        let absent = if end <= self.newest.lease {
            None
        } else {
            self.activate(start, end)
        };
        Ok(Allocation {
            offset: start as usize,
            size: total,
            absent,
            spam,
        })
    }

    /// Whether there is so much room for async buffers that nobody is suspected of flooding the region, even with this
    /// many bytes more.
    #[inline]
    pub(crate) fn is_roomy_for_async(&self, size: usize) -> bool {
        self.quota.is_roomy_for(size)
    }

    /// Where a buffer of this size would be the newest, on pages that have frames and are active. Nothing is taken yet.
    #[inline]
    pub(crate) fn shortcut(&self, size: usize) -> Option<usize> {
        let Newest { room, buffer, lease } = &self.newest;
        let start = room.start as usize;
        // It is smaller than the room then, by N4.
        let fits = buffer.is_none() && start + size <= *lease as usize;
        fits.then_some(start)
    }

    /// Takes the place that [`Self::shortcut`] found.
    #[inline]
    pub(crate) fn take_shortcut(&mut self, size: usize, owner: Pid, note: T) {
        self.newest.buffer = Some(Buffer {
            size: size as u32,
            owner: owner.0,
            charge: Charge::Sync,
            note,
        });
    }

    /// The newest buffer, if it begins at an offset, which may be any number, its pages are on lease, and it is charged to
    /// the region alone.
    #[inline(always)]
    pub(crate) fn newest_at(&mut self, offset: u64) -> Option<PlainBuffer<'_, T>>
    where
        T: Copy,
    {
        let Newest { room, buffer, lease } = &mut self.newest;
        // One question, where to ask for the buffer and then for its charge would be two.
        if buffer.as_ref().map_or(u8::MAX, |buffer| buffer.charge as u8) != Charge::Sync as u8 {
            return None;
        }
        let plain = buffer.as_ref()?;
        if u64::from(room.start) != offset || room.start + plain.size > *lease {
            return None;
        }
        let (owner, note) = (plain.owner, plain.note);
        Some(PlainBuffer {
            place: buffer,
            last_owner: &mut room.owner,
            owner,
            note,
        })
    }

    /// Takes the place behind the newest buffer for an async one, if all is plain: it is on pages that have frames and
    /// are active, its sender is the one that was charged last, and so much room is left that nobody is suspected. If it
    /// `stays`, it is cut off at once, since it will not be freed before the next one comes.
    #[inline]
    pub(crate) fn append_async(&mut self, size: usize, owner: Pid, note: T, stays: bool) -> Option<usize> {
        if !self.quota.charges_plainly(owner.0, size) {
            return None;
        }
        if self.newest.buffer.is_some() {
            self.newest.settle(&mut self.layout, &mut self.pages);
        }
        let start = self.shortcut(size)?;
        let buffer = Buffer {
            size: size as u32,
            owner: owner.0,
            charge: Charge::Async,
            note,
        };
        if stays {
            self.newest.cut(buffer, &mut self.layout, &mut self.pages);
        } else {
            self.newest.buffer = Some(buffer);
        }
        self.quota.charge_plainly(size as u32);
        Some(start)
    }

    /// Allocates within the limits for async buffers. Returns where, and whether the owner looks like a spammer.
    fn find_place_async(&mut self, buffer: Buffer<T>) -> Result<(u32, Spam), SpaceError> {
        let Buffer { size, owner, .. } = buffer;
        if size > self.quota.free() {
            return Err(SpaceError::Full);
        }
        self.quota.prepare(owner)?;
        let (start, last_owner) = self.find_place(buffer)?;
        let new = if last_owner == owner {
            NewBuffer::Counted
        } else {
            NewBuffer::NotYetCounted
        };
        Ok((start, self.quota.charge(size, new)))
    }

    /// Allocates. Returns where, and who had allocated the chunk before.
    #[inline]
    fn find_place(&mut self, buffer: Buffer<T>) -> Result<(u32, u32), SpaceError> {
        if self.newest.buffer.is_none() && buffer.size < self.newest.room.size {
            self.newest.buffer = Some(buffer);
            return Ok((self.newest.room.start, self.newest.room.owner));
        }
        self.find_place_in_layout(buffer)
    }

    /// Allocates after the newest buffer has become one like all others.
    #[inline(never)]
    fn find_place_in_layout(&mut self, buffer: Buffer<T>) -> Result<(u32, u32), SpaceError> {
        if self.newest.buffer.is_some() {
            self.newest.settle(&mut self.layout, &mut self.pages);
            let room = self.newest.room;
            if buffer.size < room.size {
                self.newest.buffer = Some(buffer);
                return Ok((room.start, room.owner));
            }
        }
        self.newest.leave(&mut self.layout, &mut self.pages);
        let result = self.cut_best_fit(buffer);
        self.newest.enter(&mut self.layout);
        result
    }

    fn cut_best_fit(&mut self, buffer: Buffer<T>) -> Result<(u32, u32), SpaceError> {
        let found = self.layout.best_fit(buffer.size).ok_or(SpaceError::Full)?;
        let chunk = &self.layout.chunks[found];
        let (start, last_owner) = (chunk.start, chunk.owner);
        self.layout.prepare(start)?;
        self.layout.cut(found, buffer);
        Ok((start, last_owner))
    }

    /// Makes the pages of a new buffer active. Returns the first run of them that needs frames.
    #[inline(never)]
    fn activate(&mut self, start: u32, end: u32) -> Option<Range<usize>> {
        let pages = pages_touching(start, end);
        if !self.pages.activate(pages.clone()) {
            return self.pages.absent(pages);
        }
        if self.newest.at(start as usize).is_some() {
            self.newest.begin_lease(pages.end);
        }
        None
    }

    /// Notes that pages of a new buffer have frames now. Returns the buffer's next run of pages that need some.
    /// If there are no frames, the buffer is to be freed.
    pub(crate) fn furnish(&mut self, offset: usize, pages: Range<usize>) -> Option<Range<usize>> {
        self.pages.furnish(pages);
        let size = self.size_of(offset)?;
        self.pages
            .absent(offset / PAGE_SIZE..(offset + size).div_ceil(PAGE_SIZE))
    }

    /// What is noted about the buffer that begins at an offset, which may be any number. Nothing if none does.
    #[inline]
    pub(crate) fn get(&self, offset: usize) -> Option<&T> {
        Some(self.find(offset)?.1)
    }

    /// The buffer that begins at an offset, which may be any number, and what is noted about it.
    #[inline]
    pub(crate) fn find(&self, offset: usize) -> Option<(Found, &T)> {
        if let Some(newest) = self.newest.at(offset) {
            return Some((Found(None), &newest.note));
        }
        let id = self.layout.find(offset)?;
        let note = self.layout.chunks[id].note.as_ref()?;
        Some((Found(Some(id)), note))
    }

    /// The size of the buffer that begins at an offset.
    pub(crate) fn size_of(&self, offset: usize) -> Option<usize> {
        let size = match self.newest.at(offset) {
            Some(newest) => newest.size,
            None => self.layout.chunks[self.layout.find(offset)?].size,
        };
        Some(size as usize)
    }

    /// Frees the buffer that begins at an offset, which may be any number. Returns what was noted about it.
    #[inline]
    pub(crate) fn free(&mut self, offset: usize) -> Option<T> {
        let (found, _) = self.find(offset)?;
        self.free_found(found)
    }

    /// Frees a buffer that was found, with nothing changed since. Returns what was noted about it.
    #[inline]
    pub(crate) fn free_found(&mut self, Found(found): Found) -> Option<T> {
        if let Some(id) = found {
            return self.free_in_layout(id);
        }
        let buffer = self.newest.buffer.take()?;
        let room = &mut self.newest.room;
        room.owner = buffer.owner;
        let freed = room.start..room.start + buffer.size;
        if freed.end > self.newest.lease {
            // The lease does not reach beyond this buffer: it ends with it.
            let room = room.start..room.end();
            self.newest.lease = 0;
            self.pages.retire(pages_within(room, freed));
        }
        if buffer.charge == Charge::Async {
            self.quota.refund(buffer.owner, buffer.size);
        }
        Some(buffer.note)
    }

    /// As [`Self::free_found`], for async buffers, which mostly are freed in the order in which they came, behind each
    /// other.
    #[inline(always)]
    pub(crate) fn free_async_in_order(&mut self, found: Found) {
        let Found(Some(id)) = found else {
            self.free_found(found);
            return;
        };
        if self.newest.room.size != 0 {
            self.free_found(found);
            return;
        }
        let Some(Freed {
            buffer,
            range,
            merged,
        }) = self.layout.free_into_previous(id)
        else {
            self.free_found(found);
            return;
        };
        // Most buffers lie in one page with others behind them, which stays in use.
        if (range.start ^ range.end) / PAGE_SIZE as u32 != 0 {
            self.pages.retire(pages_within(merged, range));
        }
        debug_assert!(buffer.charge == Charge::Async, "the caller frees an async buffer");
        self.quota.refund(buffer.owner, buffer.size);
    }

    /// Frees a buffer that is not the newest.
    #[inline(never)]
    fn free_in_layout(&mut self, id: ChunkId) -> Option<T> {
        self.newest.leave(&mut self.layout, &mut self.pages);
        let Freed {
            buffer,
            range,
            merged,
        } = self.layout.free(id)?;
        if self.layout.sole().is_some() {
            self.newest.enter(&mut self.layout);
        }
        self.pages.retire(pages_within(merged, range));
        if buffer.charge == Charge::Async {
            self.quota.refund(buffer.owner, buffer.size);
        }
        Some(buffer.note)
    }

    /// Takes the frame of the page that no buffer has touched for the longest time. Returns the page, to be unmapped.
    pub(crate) fn reclaim(&mut self) -> Option<usize> {
        self.newest.end_lease(&mut self.pages);
        let page = self.pages.reclaim()?;
        if page != self.newest.room.start as usize / PAGE_SIZE {
            self.layout.starts.drop_leaf(page);
        }
        Some(page)
    }

    /// All buffers by address: offset, size and what is noted.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, usize, &T)> {
        self.layout.iter().filter_map(|(_, chunk)| {
            let offset = chunk.start as usize;
            match &chunk.note {
                Some(note) => Some((offset, chunk.size as usize, note)),
                None => self
                    .newest
                    .at(offset)
                    .map(|newest| (offset, newest.size as usize, &newest.note)),
            }
        })
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
        let mut counts = self.pages.counts();
        let idle = self.newest.idle_on_lease().len();
        counts.active -= idle;
        counts.lru += idle;
        counts
    }

    /// One more than the highest page that ever had a frame.
    pub(crate) fn pages_high(&self) -> usize {
        self.pages.high()
    }
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
