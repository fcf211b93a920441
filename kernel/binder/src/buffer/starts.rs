//! Which chunk starts at an offset.
//!
//! Programs name a buffer by its address, so freeing begins here. A leaf has one entry per possible start in a page; a
//! page has a leaf from the first buffer that starts there until its frame is taken away. Of most regions only the first
//! few pages are ever used, so the list of leaves is no longer than it had to be yet.

use super::chunk::ChunkId;
use super::{GRAIN, PAGE_SIZE};
use crate::filled::filled;
use crate::machine::NoMemory;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Possible starts per page.
const STARTS: usize = PAGE_SIZE / GRAIN;

type Leaf = Box<[ChunkId; STARTS]>;

/// The allocated chunks of a region by where they start.
#[derive(Debug)]
pub(super) struct Starts {
    /// Pages behind the last one have none.
    leaves: Vec<Option<Leaf>>,
}

impl Starts {
    /// Nothing starts anywhere. Does not allocate.
    pub(super) const fn new() -> Self {
        Self { leaves: Vec::new() }
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
        if self.is_prepared(start) {
            Ok(())
        } else {
            self.add_leaf(start as usize / PAGE_SIZE)
        }
    }

    #[cold]
    fn add_leaf(&mut self, page: usize) -> Result<(), NoMemory> {
        let leaf = new_leaf()?;
        if page >= self.leaves.len() {
            let missing = page + 1 - self.leaves.len();
            self.leaves.try_reserve(missing).map_err(|_| NoMemory)?;
            self.leaves.resize_with(page + 1, || None);
        }
        self.leaves[page] = Some(leaf);
        Ok(())
    }

    /// Whether a start can be [`Self::set`].
    pub(super) fn is_prepared(&self, start: u32) -> bool {
        matches!(self.leaves.get(start as usize / PAGE_SIZE), Some(Some(_)))
    }

    /// Notes which chunk starts here, or that none does. Needs [`Self::prepare`].
    #[inline]
    pub(super) fn set(&mut self, start: u32, id: ChunkId) {
        if let Some(Some(leaf)) = self.leaves.get_mut(start as usize / PAGE_SIZE) {
            leaf[start as usize / GRAIN % STARTS] = id;
        }
    }

    /// Gives back the memory for a page in which nothing starts.
    pub(super) fn drop_leaf(&mut self, page: usize) {
        if let Some(leaf) = self.leaves.get_mut(page) {
            *leaf = None;
        }
    }

    /// How many chunks are known by their start.
    pub(super) fn count(&self) -> usize {
        let entries = self.leaves.iter().flatten().flat_map(|leaf| leaf.iter());
        entries.filter(|id| **id != ChunkId::NONE).count()
    }
}

fn new_leaf() -> Result<Leaf, NoMemory> {
    filled(ChunkId::NONE, STARTS)?
        .into_boxed_slice()
        .try_into()
        .map_err(|_| NoMemory)
}
