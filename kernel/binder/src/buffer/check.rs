//! The invariants of a region, asserted.

use super::chunk::ChunkId;
use super::layout::Layout;
use super::space::{BufferSpace, pages_touching};
use super::{Charge, GRAIN, PAGE_SIZE};

impl<T> BufferSpace<T> {
    /// Asserts the invariants of all parts.
    pub(crate) fn check(&self) {
        self.layout.check(self.size());
        self.newest.check(&self.layout);
        let mut in_use = alloc::vec![false; self.size() / PAGE_SIZE];
        for (offset, size, _) in self.iter() {
            in_use[pages_touching(offset as u32, (offset + size) as u32)].fill(true);
        }
        in_use[self.newest.idle_on_lease()].fill(true);
        self.pages.check(|page| in_use[page]);
        let on_lease =
            self.newest.room.start as usize / PAGE_SIZE..(self.newest.lease as usize + 1) / PAGE_SIZE;
        assert_eq!(
            self.pages.absent(on_lease),
            None,
            "N3: pages on lease have frames"
        );
        let chunks = self.layout.iter().map(|(_, chunk)| chunk);
        let chunks = chunks.filter(|chunk| !chunk.is_free() && chunk.charge == Charge::Async);
        let newest = self
            .newest
            .buffer
            .iter()
            .filter(|buffer| buffer.charge == Charge::Async);
        let newest = newest.map(|buffer| (buffer.owner, buffer.size));
        self.quota
            .check(chunks.map(|chunk| (chunk.owner, chunk.size)).chain(newest));
    }
}

impl<T> Layout<T> {
    fn check(&self, size: usize) {
        let (mut end, mut before, mut before_free) = (0, ChunkId::NONE, false);
        let (mut free, mut allocated) = (0, 0);
        for (id, chunk) in self.iter() {
            assert!(
                chunk.start == end && chunk.prev == before,
                "B1: chunk at {end:#x} lies end to end"
            );
            let grains = (chunk.size as usize).is_multiple_of(GRAIN) && chunk.size != 0;
            assert!(grains, "B1: size of chunk at {end:#x}");
            assert!(
                !(before_free && chunk.is_free()),
                "B2: free chunks meet at {end:#x}"
            );
            if chunk.is_free() {
                free += 1;
            } else {
                allocated += 1;
                assert_eq!(
                    self.starts.get(end as usize),
                    Some(id),
                    "B4: buffer at {end:#x} is found"
                );
            }
            (end, before, before_free) = (chunk.end(), id, chunk.is_free());
        }
        assert_eq!(end as usize, size, "B1: the chunks fill the region");
        assert_eq!(
            self.tree.check(&self.chunks),
            free,
            "B3: the tree holds the free chunks"
        );
        assert_eq!(self.starts.count(), allocated, "B4: nothing else is found");
        assert_eq!(self.chunks.in_use(), free + allocated, "B5: records in use");
    }
}
