//! The shortcut for the newest buffer.
//!
//! Most buffers are freed before the next one comes, and most regions have a single free chunk. Then the newest buffer
//! need not be cut off that chunk at all: it is remembered beside the layout, which goes on taking its bytes for free,
//! and freeing it means to forget it. Only when anything else is to be done is it cut off for good.
//!
//! Its pages are on lease: they stay active when it is freed, so that the next one finds them so.

use super::PAGE_SIZE;
use super::chunk::ChunkId;
use super::layout::{Buffer, Layout, NOBODY};
use super::pages::Pages;
use core::ops::Range;

/// A region's only free chunk, as far as the shortcut can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) chunk: ChunkId,
    pub(super) start: u32,
    /// 0 if the shortcut cannot be taken: with several free chunks, or none.
    pub(super) size: u32,
    /// The pid that allocated it last. Newer than what the layout knows.
    pub(super) owner: u32,
}

/// The newest buffer, at the start of the room, and the room.
///
/// - **N1** The room is the layout's only free chunk, and the memory is there to cut a buffer off its start; or its
///   size is 0.
/// - **N2** The newest buffer is smaller than the room.
/// - **N3** All pages that begin in the room before the lease's end have frames and are active.
/// - **N4** The lease ends before the room does: what fits on it leaves a rest of the room.
#[derive(Debug)]
pub(super) struct Newest<T> {
    pub(super) room: Room,
    pub(super) buffer: Option<Buffer<T>>,
    /// Where the lease ends; 0 if there is none.
    pub(super) lease: u32,
}

/// The newest buffer, which can be freed without a look at any other.
#[derive(Debug)]
pub(crate) struct PlainBuffer<'space, T> {
    pub(super) place: &'space mut Option<Buffer<T>>,
    pub(super) last_owner: &'space mut u32,
    pub(super) owner: u32,
    pub(super) note: T,
}

impl<T: Copy> PlainBuffer<'_, T> {
    /// What is noted about it.
    #[inline(always)]
    pub(crate) fn note(&self) -> T {
        self.note
    }

    /// Frees it.
    #[inline(always)]
    pub(crate) fn free(self) {
        *self.place = None;
        *self.last_owner = self.owner;
    }
}

impl Room {
    /// None that the shortcut can use.
    const NONE: Self = Self {
        chunk: ChunkId::NONE,
        start: 0,
        size: 0,
        owner: NOBODY,
    };

    /// The first byte behind it.
    pub(super) fn end(&self) -> u32 {
        self.start + self.size
    }
}

impl<T> Newest<T> {
    /// No buffer, and what room the layout has.
    pub(super) fn new(layout: &mut Layout<T>) -> Self {
        let mut newest = Self {
            room: Room::NONE,
            buffer: None,
            lease: 0,
        };
        newest.enter(layout);
        newest
    }

    /// Whether the newest buffer begins here.
    #[inline]
    pub(super) fn at(&self, offset: usize) -> Option<&Buffer<T>> {
        let buffer = self.buffer.as_ref()?;
        (self.room.start as usize == offset).then_some(buffer)
    }

    /// Looks for room after a change of the layout.
    pub(super) fn enter(&mut self, layout: &mut Layout<T>) {
        self.room = Room::NONE;
        if let Some(sole) = layout.sole() {
            let chunk = &layout.chunks[sole];
            let room = Room {
                chunk: sole,
                start: chunk.start,
                size: chunk.size,
                owner: chunk.owner,
            };
            if layout.prepare(room.start).is_ok() {
                self.room = room;
            }
        }
    }

    /// Cuts the newest buffer off for good. The rest of the room is there for the next one.
    #[inline(never)]
    pub(super) fn settle(&mut self, layout: &mut Layout<T>, pages: &mut Pages) {
        if let Some(buffer) = self.buffer.take() {
            self.cut(buffer, layout, pages);
        }
    }

    /// Cuts a buffer, which is smaller than the room, off its start.
    #[inline(always)]
    pub(super) fn cut(&mut self, buffer: Buffer<T>, layout: &mut Layout<T>, pages: &mut Pages) {
        let Room {
            chunk, start, size, ..
        } = self.room;
        let rest = Room {
            chunk,
            start: start + buffer.size,
            size: size - buffer.size,
            owner: NOBODY,
        };
        layout.cut_sole(chunk, buffer);
        if layout.prepare(rest.start).is_ok() {
            self.room = rest;
        } else {
            self.end_lease(pages);
            self.room = Room::NONE;
        }
    }

    /// Tells layout and pages everything, so that they can be changed.
    pub(super) fn leave(&mut self, layout: &mut Layout<T>, pages: &mut Pages) {
        if self.room.size == 0 {
            return;
        }
        self.end_lease(pages);
        match self.buffer.take() {
            Some(buffer) => layout.cut_sole(self.room.chunk, buffer),
            None => layout.chunks[self.room.chunk].owner = self.room.owner,
        }
        self.room = Room::NONE;
    }

    /// Leases the pages before one, as far as the room reaches.
    pub(super) fn begin_lease(&mut self, end_page: usize) {
        self.lease = ((end_page * PAGE_SIZE) as u32).min(self.room.end() - 1);
    }

    /// Tells the pages which of them no buffer touches.
    pub(super) fn end_lease(&mut self, pages: &mut Pages) {
        pages.retire(self.idle_on_lease());
        self.lease = 0;
    }

    /// The pages on lease that no buffer touches.
    pub(super) fn idle_on_lease(&self) -> Range<usize> {
        let newest = self.buffer.as_ref().map_or(0, |buffer| buffer.size);
        let start = (self.room.start + newest).div_ceil(PAGE_SIZE as u32);
        // A lease up to the last page's end stops one byte short of it.
        let end = (self.lease + 1).min(self.room.end()) / PAGE_SIZE as u32;
        start as usize..end.max(start) as usize
    }

    /// Asserts the invariants.
    pub(super) fn check(&self, layout: &Layout<T>) {
        if self.room.size != 0 {
            let chunk = &layout.chunks[self.room.chunk];
            assert_eq!(
                (layout.sole(), chunk.start, chunk.size),
                (Some(self.room.chunk), self.room.start, self.room.size),
                "N1: the room is the only free chunk"
            );
            assert!(
                layout.is_prepared(self.room.start),
                "N1: the memory for a cut is there"
            );
        }
        assert!(
            self.lease == 0 || self.lease < self.room.end(),
            "N4: the lease ends before the room"
        );
        if let Some(buffer) = &self.buffer {
            assert!(
                buffer.size < self.room.size,
                "N2: the newest buffer is smaller than the room"
            );
        }
    }
}
