//! Which chunk starts at an offset.
//!
//! Programs name a buffer by its address, so freeing begins here. A leaf has one entry per possible start in a page; a
//! page has a leaf from the first buffer that starts there until its frame is taken away.

use super::chunk::ChunkId;
use super::{GRAIN, PAGE_SIZE};
use crate::machine::NoMemory;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Possible starts per page.
const STARTS: usize = PAGE_SIZE / GRAIN;

type Leaf = Box<[ChunkId; STARTS]>;

/// The allocated chunks of a region by where they start.
#[derive(Debug)]
pub(super) struct Starts {
    leaves: Vec<Option<Leaf>>,
}

impl Starts {
    /// Nothing starts in so many pages.
    pub(super) fn new(pages: usize) -> Result<Self, NoMemory> {
        let mut leaves = Vec::new();
        leaves.try_reserve_exact(pages).map_err(|_| NoMemory)?;
        leaves.resize_with(pages, || None);
        Ok(Self { leaves })
    }

    /// The allocated chunk that starts here. The offset may be anything.
    #[inline]
    pub(super) fn get(&self, offset: usize) -> Option<ChunkId> {
        if !offset.is_multiple_of(GRAIN) {
            return None;
        }
        let leaf = self.leaves.get(offset / PAGE_SIZE)?.as_ref()?;
        let id = leaf[offset / GRAIN % STARTS];
        (id != ChunkId::NONE).then_some(id)
    }

    /// Gets the memory to [`Self::set`] a start in this region.
    #[inline]
    pub(super) fn prepare(&mut self, start: u32) -> Result<(), NoMemory> {
        let leaf = &mut self.leaves[start as usize / PAGE_SIZE];
        if leaf.is_none() {
            *leaf = Some(new_leaf()?);
        }
        Ok(())
    }

    /// Whether a start can be [`Self::set`].
    pub(super) fn is_prepared(&self, start: u32) -> bool {
        self.leaves[start as usize / PAGE_SIZE].is_some()
    }

    /// Notes which chunk starts here, or that none does. Needs [`Self::prepare`].
    #[inline]
    pub(super) fn set(&mut self, start: u32, id: ChunkId) {
        if let Some(leaf) = &mut self.leaves[start as usize / PAGE_SIZE] {
            leaf[start as usize / GRAIN % STARTS] = id;
        }
    }

    /// Gives back the memory for a page in which nothing starts.
    pub(super) fn drop_leaf(&mut self, page: usize) {
        self.leaves[page] = None;
    }

    /// How many chunks are known by their start.
    pub(super) fn count(&self) -> usize {
        let entries = self.leaves.iter().flatten().flat_map(|leaf| leaf.iter());
        entries.filter(|id| **id != ChunkId::NONE).count()
    }
}

#[cold]
fn new_leaf() -> Result<Leaf, NoMemory> {
    let mut leaf = Vec::new();
    leaf.try_reserve_exact(STARTS).map_err(|_| NoMemory)?;
    leaf.resize(STARTS, ChunkId::NONE);
    leaf.into_boxed_slice().try_into().map_err(|_| NoMemory)
}
