//! What a buffer holds for its receiver until it is freed.

use crate::count::Strength;
use crate::machine::NoMemory;
use crate::table::NodeId;
use alloc::vec::Vec;

/// One thing that a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// A count on a node of the receiver.
    Node(NodeId, Strength),
    /// A count on a handle of the receiver.
    Handle(u32, Strength),
    /// A descriptor of the receiver that stands in an array.
    Descriptor(i32),
}

/// What is held, in the order in which it was taken. The first needs no memory of its own, since most buffers that hold
/// something hold no more.
#[derive(Debug)]
pub(crate) struct HeldList {
    /// There is one if there are more.
    first: Option<Held>,
    more: Vec<Held>,
}

impl HeldList {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            more: Vec::new(),
        }
    }

    /// Whether nothing is held, and no memory is kept for it.
    #[inline]
    pub(crate) const fn owns_nothing(&self) -> bool {
        self.first.is_none() && self.more.capacity() == 0
    }

    /// Lets go of everything, and of the memory.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.first = None;
        if self.more.capacity() > 0 {
            self.more = Vec::new();
        }
    }

    /// Makes sure that one more can be noted.
    #[inline(always)]
    pub(crate) fn reserve_one(&mut self) -> Result<(), NoMemory> {
        match self.first {
            None => Ok(()),
            Some(_) => self.reserve(1),
        }
    }

    /// Makes sure that so much more can be noted.
    pub(crate) fn reserve(&mut self, additional: usize) -> Result<(), NoMemory> {
        let more = match self.first {
            None => additional.saturating_sub(1),
            Some(_) => additional,
        };
        self.more.try_reserve(more).map_err(|_| NoMemory)
    }

    /// Notes one more.
    pub(crate) fn push(&mut self, held: Held) {
        match self.first {
            None => self.first = Some(held),
            Some(_) => self.more.push(held),
        }
    }

    /// What was noted after so much else.
    pub(crate) fn get(&self, place: usize) -> Option<Held> {
        match place.checked_sub(1) {
            None => self.first,
            Some(place) => self.more.get(place).copied(),
        }
    }

    /// All of it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Held> {
        self.first.iter().chain(&self.more).copied()
    }

    /// Takes out everything.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::new())
    }
}

impl IntoIterator for HeldList {
    type Item = Held;
    type IntoIter = core::iter::Chain<core::option::IntoIter<Held>, alloc::vec::IntoIter<Held>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}
