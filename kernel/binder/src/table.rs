//! Generational tables: the driver's objects, named by ids instead of pointers.
//!
//! A [`Table`] is an array of slots; an id is a slot's number and the slot's generation. Removing an object raises the
//! generation, so an id that outlived its object finds nothing, never a stranger. Each kind of object has its own id
//! type, so a thread's id cannot be looked up among the nodes. Insertion, removal and lookup cost O(1); once a table
//! has been as full as it gets, nothing allocates any more.
//!
//! A slot always holds a value, in a vacant one it is one that [owns nothing](Element::vacant): so one comparison, of the
//! id that the slot has with the id that is looked for, is all that a lookup needs.
//!
//! Invariants:
//!
//! - **T1** A slot's id names the slot. Its generation is not 0, and only ever grows.
//! - **T2** Each vacant slot is on the free chain exactly once, unless its generations are used up; no other slot is.
//! - **T3** The length is the number of occupied slots.

use crate::machine::NoMemory;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use core::ops::{Index, IndexMut};
use core::ptr;

pub(crate) use id::{BufferId, DeathId, FreezeId, FreezeWaitId, Id, NodeId, RefId, TransactionId, WorkId};
pub use id::{ProcId, ThreadId};
pub(crate) use place::{Found, Heritage, Vacancy};

/// What a table may hold.
pub(crate) trait Element {
    /// What stands in a vacant slot. It owns no memory.
    fn vacant() -> Self;

    /// Lets go of the memory that it owns.
    fn clear(&mut self);
}

/// One place of a table.
#[derive(Debug)]
struct Slot<T, I> {
    /// The id of what is here, or of what will be here next.
    id: I,
    link: Link,
    value: T,
}

/// What a slot is used for: nothing yet, and then it is on the free chain; or else one of three marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link(u32);

impl Link {
    /// There is an object.
    const OCCUPIED: Self = Self(u32::MAX);
    /// The generations are used up: no id can come to mean two objects.
    const RETIRED: Self = Self(u32::MAX.wrapping_sub(1));
    /// The last slot of the free chain, or a chain without slots.
    const END: Self = Self(u32::MAX.wrapping_sub(2));

    /// The next slot of the free chain.
    fn to(index: u32) -> Self {
        Self(index)
    }

    /// Whether the slot is on the free chain.
    #[inline(always)]
    fn is_vacant(self) -> bool {
        self.0 <= Self::END.0
    }
}

/// The slots of a new table. Any table that grows gets so many besides its quarter.
const FIRST_SLOTS: usize = 4;

/// Objects of one kind.
#[derive(Debug)]
pub(crate) struct Table<T, I> {
    slots: Vec<Slot<T, I>>,
    /// The slot freed last: it is used first, while it is still in the processor's cache.
    free: Link,
    occupied: u32,
}

impl<T: Element, I: Id> Table<T, I> {
    /// An empty table. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Link::END,
            occupied: 0,
        }
    }

    /// Adds an object.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the table is full and cannot grow; the object is dropped.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> Result<I, NoMemory> {
        let place = self.place()?;
        let id = place.id();
        place.fill(value);
        Ok(id)
    }

    /// Adds an object that is [vacant](Element::vacant) still, without moving it. For those that [`Element::clear`] makes so
    /// again.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the table is full and cannot grow.
    pub(crate) fn insert_vacant(&mut self) -> Result<I, NoMemory> {
        self.place().map(Vacancy::keep)
    }

    /// The place of the next object.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the table is full and cannot grow.
    #[inline]
    pub(crate) fn place(&mut self) -> Result<Vacancy<'_, T, I>, NoMemory> {
        if self.free == Link::END {
            self.grow()?;
        }
        self.vacancy().ok_or(NoMemory)
    }

    /// The place of the next object, if there is one that needs no memory.
    #[inline(always)]
    pub(crate) fn vacancy(&mut self) -> Option<Vacancy<'_, T, I>> {
        let slot = self.slots.get_mut(self.free.0 as usize)?;
        debug_assert!(
            slot.link.is_vacant(),
            "T2: the free chain leads through vacant slots"
        );
        Some(Vacancy {
            slot,
            free: &mut self.free,
            occupied: &mut self.occupied,
        })
    }

    /// An object that may end where it is found. `None` if the id is stale.
    #[inline(always)]
    pub(crate) fn find(&mut self, id: I) -> Option<Found<'_, T, I>> {
        match self.slots.get_mut(id.index() as usize) {
            Some(slot) if slot.id == id => Some(Found {
                slot,
                free: &mut self.free,
                occupied: &mut self.occupied,
            }),
            _ => None,
        }
    }

    /// An object that another one is to follow in its place. `None` if the id is stale, or the last of its place.
    #[inline(always)]
    pub(crate) fn heritage(&mut self, id: I) -> Option<Heritage<'_, T, I>> {
        let next = id.next()?;
        match self.slots.get_mut(id.index() as usize) {
            Some(slot) if slot.id == id => Some(Heritage { slot, next }),
            _ => None,
        }
    }

    /// Adds a vacant slot to a table that has none.
    #[cold]
    fn grow(&mut self) -> Result<(), NoMemory> {
        self.reserve_slots(1)?;
        let index = u32::try_from(self.slots.len()).map_err(|_| NoMemory)?;
        if !Link::to(index).is_vacant() {
            return Err(NoMemory);
        }
        let id = I::new(index, NonZeroU32::MIN);
        self.slots.push(Slot {
            id,
            link: Link::END,
            value: T::vacant(),
        });
        self.free = Link::to(index);
        Ok(())
    }

    /// Makes room, so that the next `additional` insertions cannot fail.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the table cannot grow.
    pub(crate) fn reserve(&mut self, additional: usize) -> Result<(), NoMemory> {
        let spare = self.slots.len() - self.len();
        self.reserve_slots(additional.saturating_sub(spare))
    }

    /// Makes room for more slots. A table grows by a quarter, so that little more than a fifth of it is ever in store.
    fn reserve_slots(&mut self, additional: usize) -> Result<(), NoMemory> {
        let slots = &mut self.slots;
        if additional <= slots.capacity() - slots.len() {
            return Ok(());
        }
        let more = additional.max(slots.len() / 4 + FIRST_SLOTS);
        slots.try_reserve_exact(more).map_err(|_| NoMemory)
    }

    /// Ends an object where it is. Nothing happens if the id is stale.
    #[inline]
    pub(crate) fn discard(&mut self, id: I) {
        if let Some(found) = self.find(id) {
            found.discard();
        }
    }

    /// The object, unless the id is stale.
    #[inline]
    pub(crate) fn get(&self, id: I) -> Option<&T> {
        match self.slots.get(id.index() as usize) {
            Some(slot) if slot.id == id => Some(&slot.value),
            _ => None,
        }
    }

    /// The object for changing, unless the id is stale.
    #[inline]
    pub(crate) fn get_mut(&mut self, id: I) -> Option<&mut T> {
        match self.slots.get_mut(id.index() as usize) {
            Some(slot) if slot.id == id => Some(&mut slot.value),
            _ => None,
        }
    }

    /// As `table[id]`, but compiled into its caller: for what is done with each call.
    #[inline(always)]
    pub(crate) fn at(&self, id: I) -> &T {
        match self.slots.get(id.index() as usize) {
            Some(slot) if slot.id == id => &slot.value,
            _ => stale(ptr::from_ref(self).cast()),
        }
    }

    /// As `&mut table[id]`, but compiled into its caller: for what is done with each call.
    #[inline(always)]
    pub(crate) fn at_mut(&mut self, id: I) -> &mut T {
        let table = ptr::from_ref(self).cast();
        match self.slots.get_mut(id.index() as usize) {
            Some(slot) if slot.id == id => &mut slot.value,
            _ => stale(table),
        }
    }

    /// Two different objects, for changing, unless the other's id is stale. The one has just been found by its id.
    #[inline(always)]
    pub(crate) fn pair(&mut self, one: I, other: I) -> Option<(&mut T, &mut T)> {
        let places = [one, other].map(|id| id.index() as usize);
        let [first, second] = self.slots.get_disjoint_mut(places).ok()?;
        debug_assert!(first.id == one, "the caller has found it");
        (second.id == other).then_some((&mut first.value, &mut second.value))
    }

    /// Whether the id names an object.
    #[inline]
    pub(crate) fn contains(&self, id: I) -> bool {
        self.get(id).is_some()
    }

    /// All objects with their ids, by slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        let occupied = |slot: &&Slot<T, I>| slot.link == Link::OCCUPIED;
        self.slots
            .iter()
            .filter(occupied)
            .map(|slot| (slot.id, &slot.value))
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
        while next != Link::END {
            let Some(slot) = self.slots.get(next.0 as usize) else {
                broken("T2")
            };
            assert!(
                slot.link.is_vacant(),
                "T2: the free chain leads through vacant slots"
            );
            chained += 1;
            assert!(chained <= self.slots.len(), "T2: the free chain ends");
            next = slot.link;
        }
        let count = |wanted: fn(Link) -> bool| self.slots.iter().filter(|slot| wanted(slot.link)).count();
        let vacant = count(Link::is_vacant);
        assert_eq!(vacant, chained, "T2: vacant slots are on the free chain");
        let occupied = count(|link| link == Link::OCCUPIED);
        assert_eq!(occupied, self.len(), "T3: the length counts the occupied slots");
        for (index, slot) in self.slots.iter().enumerate() {
            let named = slot.link == Link::RETIRED || slot.id.index() as usize == index;
            assert!(named, "T1: a slot's id names it");
        }
    }
}

impl<T: Element, I: Id> Index<I> for Table<T, I> {
    type Output = T;

    /// The object. Panics on a stale id: the driver's own ids are never stale, whoever else holds one uses
    /// [`Table::get`].
    #[inline]
    fn index(&self, id: I) -> &T {
        self.at(id)
    }
}

impl<T: Element, I: Id> IndexMut<I> for Table<T, I> {
    #[inline]
    fn index_mut(&mut self, id: I) -> &mut T {
        self.at_mut(id)
    }
}

/// The panic's message tells of the callers. Were the place in the source a part of it, as is usual, each use of an id
/// would carry its own along. That it tells of the table has another use: whoever looks up says where the table is, in one
/// word. Else the compiler would have it load the table's parts.
#[cold]
#[inline(never)]
fn stale(table: *const ()) -> ! {
    panic!("a stale id was used inside the driver, for the table at {table:p}")
}

#[cold]
#[inline(never)]
fn broken(invariant: &str) -> ! {
    panic!("table invariant {invariant} is broken")
}

mod id;
mod place;
#[cfg(test)]
mod tests;
