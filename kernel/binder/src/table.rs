//! Generational tables: the driver's objects, named by ids instead of pointers.
//!
//! A [`Table`] is an array of slots; an id is a slot's number and the slot's generation. Removing an object raises the
//! generation, so an id that outlived its object finds nothing, never a stranger. Each kind of object has its own id
//! type, so a thread's id cannot be looked up among the nodes. Insertion, removal and lookup cost O(1); once a table
//! has been as full as it gets, nothing allocates any more.
//!
//! Invariants:
//!
//! - **T1** A slot's generation is not 0, and only ever grows.
//! - **T2** Each vacant slot is on the free chain exactly once, unless its generations are used up; no other slot is.
//! - **T3** The length is the number of occupied slots.

use crate::machine::NoMemory;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::num::{NonZeroU32, NonZeroU64};
use core::ops::{Index, IndexMut};

/// The name of an object in a [`Table`].
pub(crate) trait Id: Copy + Ord {
    /// The id of a slot in one of its generations.
    fn new(index: u32, generation: NonZeroU32) -> Self;

    /// The slot's number.
    fn index(self) -> u32;

    /// The generation of the slot that is meant.
    fn generation(self) -> u32;

    /// The id as one number, unique among all ids of this type for ever.
    fn to_bits(self) -> u64;
}

/// Defines id types. The slot's number is in the upper half, so ids sort by age of their slot; the generation in the
/// lower half is never 0, so an `Option` of an id is as small as the id.
macro_rules! ids {
    ($($(#[$doc:meta])* $visibility:vis $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name(NonZeroU64);

        impl Id for $name {
            #[inline]
            fn new(index: u32, generation: NonZeroU32) -> Self {
                Self(NonZeroU64::from(generation) | (u64::from(index) << 32))
            }

            #[inline]
            fn index(self) -> u32 {
                (self.0.get() >> 32) as u32
            }

            #[inline]
            fn generation(self) -> u32 {
                (self.0.get() & u64::from(u32::MAX)) as u32
            }

            #[inline]
            fn to_bits(self) -> u64 {
                self.0.get()
            }
        }
    )*};
}

ids! {
    /// Names one open of a binder device.
    pub ProcId;
    /// Names a thread of a proc.
    pub ThreadId;
    /// Names a node: an object that its owner offers.
    pub(crate) NodeId;
    /// Names a reference that a proc holds to a node.
    pub(crate) RefId;
    /// Names a transaction.
    pub(crate) TransactionId;
    /// Names a buffer in a receiver's region.
    pub(crate) BufferId;
    /// Names an item of work that waits to be read.
    pub(crate) WorkId;
    /// Names a registration for a death notification.
    pub(crate) DeathId;
    /// Names a registration for freeze notifications.
    pub(crate) FreezeId;
}

/// One place of a table.
#[derive(Debug)]
struct Slot<T> {
    generation: NonZeroU32,
    content: Content<T>,
}

#[derive(Debug)]
enum Content<T> {
    Occupied(T),
    /// Free; the next slot of the free chain.
    Vacant(Option<u32>),
}

/// Objects of one kind.
#[derive(Debug)]
pub(crate) struct Table<T, I> {
    slots: Vec<Slot<T>>,
    /// The slot freed last: it is used first, while it is still in the processor's cache.
    free: Option<u32>,
    occupied: u32,
    ids: PhantomData<I>,
}

impl<T, I: Id> Table<T, I> {
    /// An empty table. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: None,
            occupied: 0,
            ids: PhantomData,
        }
    }

    /// Adds an object.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the table is full and cannot grow; the object is dropped.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> Result<I, NoMemory> {
        let Some(index) = self.free else {
            return self.grow(value);
        };
        let slot = &mut self.slots[index as usize];
        let Content::Vacant(next) = slot.content else {
            broken("T2")
        };
        self.free = next;
        slot.content = Content::Occupied(value);
        self.occupied += 1;
        Ok(I::new(index, slot.generation))
    }

    /// The id that the next insertion gives, if that needs no memory.
    #[inline(always)]
    pub(crate) fn vacancy(&self) -> Option<I> {
        let index = self.free?;
        let slot = self.slots.get(index as usize)?;
        Some(I::new(index, slot.generation))
    }

    /// Adds an object as the vacancy that [`Self::vacancy`] named.
    #[inline(always)]
    pub(crate) fn fill(&mut self, vacancy: I, value: T) {
        if let Some(slot) = self.slots.get_mut(vacancy.index() as usize)
            && let Content::Vacant(next) = slot.content
        {
            debug_assert_eq!(
                self.free,
                Some(vacancy.index()),
                "T2: the first vacancy is filled first"
            );
            self.free = next;
            self.occupied += 1;
            slot.content = Content::Occupied(value);
        }
    }

    #[cold]
    fn grow(&mut self, value: T) -> Result<I, NoMemory> {
        self.slots.try_reserve(1).map_err(|_| NoMemory)?;
        let index = u32::try_from(self.slots.len()).map_err(|_| NoMemory)?;
        self.slots.push(Slot {
            generation: NonZeroU32::MIN,
            content: Content::Occupied(value),
        });
        self.occupied += 1;
        Ok(I::new(index, NonZeroU32::MIN))
    }

    /// Makes room, so that the next `additional` insertions cannot fail.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the table cannot grow.
    pub(crate) fn reserve(&mut self, additional: usize) -> Result<(), NoMemory> {
        let spare = self.slots.len() - self.len();
        self.slots
            .try_reserve(additional.saturating_sub(spare))
            .map_err(|_| NoMemory)
    }

    /// Takes an object out. `None` if the id is stale.
    #[inline]
    pub(crate) fn remove(&mut self, id: I) -> Option<T> {
        let slot = self.slots.get_mut(id.index() as usize)?;
        if slot.generation.get() != id.generation() || !matches!(slot.content, Content::Occupied(_)) {
            return None;
        }
        // A slot whose generations are used up is never used again: no id can come to mean two objects.
        let next = match slot.generation.checked_add(1) {
            Some(generation) => {
                slot.generation = generation;
                self.free.replace(id.index())
            }
            None => None,
        };
        self.occupied -= 1;
        match core::mem::replace(&mut slot.content, Content::Vacant(next)) {
            Content::Occupied(value) => Some(value),
            Content::Vacant(_) => None,
        }
    }

    /// Ends an object where it is, without taking it out. Nothing happens if the id is stale.
    #[inline(always)]
    pub(crate) fn discard(&mut self, id: I) {
        let Some(slot) = self.slots.get_mut(id.index() as usize) else {
            return;
        };
        if slot.generation.get() != id.generation() || !matches!(slot.content, Content::Occupied(_)) {
            return;
        }
        let next = match slot.generation.checked_add(1) {
            Some(generation) => {
                slot.generation = generation;
                self.free.replace(id.index())
            }
            None => None,
        };
        self.occupied -= 1;
        slot.content = Content::Vacant(next);
    }

    /// The object, unless the id is stale.
    #[inline(always)]
    pub(crate) fn get(&self, id: I) -> Option<&T> {
        match self.slots.get(id.index() as usize) {
            Some(Slot {
                generation,
                content: Content::Occupied(value),
            }) if generation.get() == id.generation() => Some(value),
            _ => None,
        }
    }

    /// The object for changing, unless the id is stale.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, id: I) -> Option<&mut T> {
        match self.slots.get_mut(id.index() as usize) {
            Some(Slot {
                generation,
                content: Content::Occupied(value),
            }) if generation.get() == id.generation() => Some(value),
            _ => None,
        }
    }

    /// Whether the id names an object.
    #[inline]
    pub(crate) fn contains(&self, id: I) -> bool {
        self.get(id).is_some()
    }

    /// All objects with their ids, by slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        (0..)
            .zip(&self.slots)
            .filter_map(|(index, slot)| match &slot.content {
                Content::Occupied(value) => Some((I::new(index, slot.generation), value)),
                Content::Vacant(_) => None,
            })
    }

    /// The number of objects.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.occupied as usize
    }

    /// Asserts the invariants.
    pub(crate) fn check(&self) {
        let mut chained = 0;
        let mut next = self.free;
        while let Some(index) = next {
            let Content::Vacant(after) = self.slots[index as usize].content else {
                broken("T2")
            };
            chained += 1;
            assert!(chained <= self.slots.len(), "T2: the free chain ends");
            next = after;
        }
        let vacant = self
            .slots
            .iter()
            .filter(|slot| matches!(slot.content, Content::Vacant(_)));
        let used_up = |slot: &&Slot<T>| slot.generation == NonZeroU32::MAX;
        let (vacant, retired) = (vacant.clone().count(), vacant.filter(used_up).count());
        assert!(
            (vacant - retired..=vacant).contains(&chained),
            "T2: vacant slots are on the free chain"
        );
        assert_eq!(
            self.slots.len() - vacant,
            self.len(),
            "T3: the length counts the occupied slots"
        );
    }
}

impl<T, I: Id> Index<I> for Table<T, I> {
    type Output = T;

    /// The object. Panics on a stale id: the driver's own ids are never stale, whoever else holds one uses
    /// [`Table::get`].
    #[inline(always)]
    fn index(&self, id: I) -> &T {
        match self.get(id) {
            Some(value) => value,
            None => stale(),
        }
    }
}

impl<T, I: Id> IndexMut<I> for Table<T, I> {
    #[inline(always)]
    fn index_mut(&mut self, id: I) -> &mut T {
        match self.get_mut(id) {
            Some(value) => value,
            None => stale(),
        }
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn stale() -> ! {
    panic!("a stale id was used inside the driver")
}

#[cold]
#[inline(never)]
fn broken(invariant: &str) -> ! {
    panic!("table invariant {invariant} is broken")
}

#[cfg(test)]
mod tests;
