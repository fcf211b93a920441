//! The invariants of a region, asserted.

use super::chunk::{Chunk, ChunkId};
use super::space::{BufferSpace, pages_touching};
use super::{Charge, GRAIN, PAGE_SIZE};

impl<T> BufferSpace<T> {
    /// Asserts the invariants of all parts.
    pub(crate) fn check(&self) {
        let (mut end, mut before, mut before_free) = (0, ChunkId::NONE, false);
        let (mut free, mut allocated) = (0, 0);
        let mut in_use = alloc::vec![false; self.size() / PAGE_SIZE];
        for (id, chunk) in self.all_chunks() {
            assert!(
                chunk.start == end && chunk.prev == before,
                "B1: chunk at {end:#x} lies end to end"
            );
            assert!(
                chunk.size as usize >= GRAIN && end.is_multiple_of(GRAIN as u32),
                "B1: size of chunk at {end:#x}"
            );
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
                in_use[pages_touching(chunk.start, chunk.end())].fill(true);
            }
            (end, before, before_free) = (chunk.end(), id, chunk.is_free());
        }
        assert_eq!(end, self.size, "B1: the chunks fill the region");
        assert_eq!(
            self.tree.check(&self.chunks),
            free,
            "B3: the tree holds the free chunks"
        );
        assert_eq!(self.starts.count(), allocated, "B4: nothing else is found");
        assert_eq!(self.chunks.in_use(), free + allocated, "B5: records in use");
        self.pages.check(|page| in_use[page]);
        let asynchronous = |chunk: &Chunk<T>| !chunk.is_free() && chunk.charge == Charge::Async;
        let chunks = self.all_chunks().filter(|(_, chunk)| asynchronous(chunk));
        self.quota
            .check(chunks.map(|(_, chunk)| (chunk.owner, chunk.size)));
    }
}
