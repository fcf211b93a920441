//! Finding an object by a key: a node by its owner's pointer, a reference by its node, a thread by its task.
//!
//! A [`HashIndex`] is an open-addressed table with linear probing, so a lookup mostly reads one cache line. It never
//! rehashes in one go: when it has to grow or shrink, the old array stays beside the new one, and each later insertion
//! or removal moves a few entries over. The hash is fixed and has no secret: who chooses colliding keys makes their own
//! proc's index slow, since every proc has its own.
//!
//! Invariants:
//!
//! - **X1** Each entry lies between its home place and the next vacant place, in the one array or the other.
//! - **X2** No key occurs twice.
//! - **X3** The length is the number of entries; the array of a size that is being left holds as many as it says.
//! - **X4** In the array being left, all places below the cursor are vacant.

pub(crate) use ids::{IdIndex, Numbers};

use crate::filled::filled;
use crate::machine::NoMemory;
use crate::table::Id;
use alloc::vec::Vec;
use core::mem;

/// What an object can be found by.
pub(crate) trait Key: Copy + Eq {
    /// A number that differs in its upper bits for keys that differ anywhere.
    fn hash(self) -> u64;
}

/// The golden ratio's fraction. Multiplying by it carries the lower bits into the upper ones; doing so twice, with the
/// upper half folded onto the lower in between, lets every bit of a key decide about the upper bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Key for u64 {
    #[inline]
    fn hash(self) -> u64 {
        let spread = self.wrapping_mul(SPREAD);
        (spread ^ (spread >> 32)).wrapping_mul(SPREAD)
    }
}

impl Key for u32 {
    #[inline]
    fn hash(self) -> u64 {
        u64::from(self).hash()
    }
}

impl<I: Id> Key for I {
    #[inline]
    fn hash(self) -> u64 {
        self.to_bits().hash()
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    #[inline]
    fn hash(self) -> u64 {
        self.0
            .hash()
            .wrapping_add(self.1.hash().rotate_left(32))
            .wrapping_mul(SPREAD)
    }
}

/// Places of the smallest array.
const MIN_PLACES: usize = 8;
/// How many places of an array being left are emptied per insertion or removal. With 16, it is empty long before the
/// new one can be full, and by the time the new one can have to shrink again.
const PLACES_PER_STEP: usize = 16;

/// Objects by key.
#[derive(Debug)]
pub(crate) struct HashIndex<K, V> {
    places: Places<K, V>,
    /// The array that is being left.
    old: Places<K, V>,
    /// The first place of `old` that may be in use.
    cursor: usize,
}

impl<K: Key, V: Copy> Default for HashIndex<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Key, V: Copy> HashIndex<K, V> {
    /// An empty index. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            places: Places::new(),
            old: Places::new(),
            cursor: 0,
        }
    }

    /// Forgets all, and lets go of the memory.
    pub(crate) fn reset(&mut self) {
        self.places.reset();
        self.old.reset();
        self.cursor = 0;
    }

    /// What was inserted under a key.
    #[inline]
    pub(crate) fn get(&self, key: K) -> Option<V> {
        match self.places.get(key) {
            None if self.old.len != 0 => self.old.get(key),
            found => found,
        }
    }

    /// What was inserted under a key, for changing.
    #[inline]
    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let places = if self.places.find(key).is_some() {
            &mut self.places
        } else {
            &mut self.old
        };
        let (place, _) = places.find(key)?;
        Some(&mut places.slots[place].as_mut()?.1)
    }

    /// Adds an entry. The key must not be there yet.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the index has to grow and cannot.
    #[inline]
    pub(crate) fn insert(&mut self, key: K, value: V) -> Result<(), NoMemory> {
        debug_assert!(self.get(key).is_none(), "X2: the key is new");
        if self.old.len != 0 {
            self.step();
        }
        if self.places.is_crowded() {
            self.grow()?;
        }
        self.places.put(key, value);
        Ok(())
    }

    /// Removes an entry.
    #[inline]
    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        if self.old.len != 0 {
            self.step();
        } else if self.places.is_deserted() {
            self.shrink();
        }
        match self.places.remove(key) {
            None if self.old.len != 0 => self.remove_old(key),
            removed => removed,
        }
    }

    #[cold]
    fn remove_old(&mut self, key: K) -> Option<V> {
        let removed = self.old.remove(key);
        if self.old.len == 0 {
            self.old = Places::new();
        }
        removed
    }

    /// Whether there are no entries.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of entries.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.places.len + self.old.len
    }

    /// All entries, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, V)> {
        self.places
            .slots
            .iter()
            .chain(&self.old.slots)
            .filter_map(|slot| *slot)
    }

    #[cold]
    fn grow(&mut self) -> Result<(), NoMemory> {
        let places = (self.places.slots.len() * 2).max(MIN_PLACES);
        self.leave_for(places)
    }

    #[cold]
    fn shrink(&mut self) {
        // Without memory for the smaller array, the larger one serves as well.
        let _ = self.leave_for(self.places.slots.len() / 2);
    }

    /// Goes on in an array of another size. The present one must not be in the course of being left already.
    fn leave_for(&mut self, places: usize) -> Result<(), NoMemory> {
        let new = Places::with_places(places)?;
        self.old = mem::replace(&mut self.places, new);
        self.cursor = 0;
        self.step();
        Ok(())
    }

    /// Moves the entries of a few places of the old array; drops it when it is empty.
    #[cold]
    fn step(&mut self) {
        for _ in 0..PLACES_PER_STEP {
            // Removal may move a later entry to this place.
            while let Some(Some((key, value))) = self.old.slots.get(self.cursor).copied() {
                self.old.vacate(self.cursor);
                self.places.put(key, value);
            }
            self.cursor += 1;
        }
        if self.old.len == 0 {
            self.old = Places::new();
        }
    }

    /// Asserts the invariants.
    pub(crate) fn check(&self) {
        self.places.check();
        self.old.check();
        for (key, _) in self.iter() {
            assert!(
                self.places.get(key).is_some() != self.old.get(key).is_some(),
                "X1, X2: found in one array"
            );
        }
        let below = self.old.slots.iter().take(self.cursor);
        assert!(
            below.flatten().next().is_none(),
            "X4: places below the cursor are vacant"
        );
    }
}

/// One open-addressed array. Its size is 0 or a power of two.
#[derive(Debug)]
struct Places<K, V> {
    slots: Vec<Option<(K, V)>>,
    len: usize,
    /// A hash shifted right by this is a place.
    shift: u32,
}

impl<K: Key, V: Copy> Places<K, V> {
    const fn new() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
            shift: u64::BITS - 1,
        }
    }

    fn reset(&mut self) {
        self.slots = Vec::new();
        self.len = 0;
        self.shift = u64::BITS - 1;
    }

    fn with_places(places: usize) -> Result<Self, NoMemory> {
        Ok(Self {
            slots: filled(None, places)?,
            len: 0,
            shift: u64::BITS - places.trailing_zeros(),
        })
    }

    /// Whether half is full.
    #[inline]
    fn is_crowded(&self) -> bool {
        self.len * 2 >= self.slots.len()
    }

    /// Whether less than an eighth is full, and there is a smaller size.
    #[inline]
    fn is_deserted(&self) -> bool {
        self.len * 8 < self.slots.len() && self.slots.len() > MIN_PLACES
    }

    #[inline]
    fn home(&self, key: K) -> usize {
        (key.hash() >> self.shift) as usize
    }

    #[inline]
    fn after(&self, place: usize) -> usize {
        (place + 1) & self.slots.len().wrapping_sub(1)
    }

    /// The place where a key is.
    #[inline]
    fn find(&self, key: K) -> Option<(usize, V)> {
        let mut place = self.home(key);
        loop {
            let (found, value) = (*self.slots.get(place)?)?;
            if found == key {
                return Some((place, value));
            }
            place = self.after(place);
        }
    }

    #[inline]
    fn get(&self, key: K) -> Option<V> {
        self.find(key).map(|(_, value)| value)
    }

    /// Adds an entry, for which there must be room.
    #[inline]
    fn put(&mut self, key: K, value: V) {
        let mut place = self.home(key);
        while self.slots[place].is_some() {
            place = self.after(place);
        }
        self.slots[place] = Some((key, value));
        self.len += 1;
    }

    #[inline]
    fn remove(&mut self, key: K) -> Option<V> {
        let (place, value) = self.find(key)?;
        self.vacate(place);
        Some(value)
    }

    /// Empties a place, and moves later entries up so that none is cut off from its home.
    #[inline]
    fn vacate(&mut self, place: usize) {
        self.len -= 1;
        let shift = self.shift;
        let slots = self.slots.as_mut_slice();
        let mask = slots.len().wrapping_sub(1);
        let mut hole = place;
        let mut next = (place + 1) & mask;
        while let Some((key, _)) = slots[next] {
            // How far the entry is from its home, and from the hole: it may move up if the hole is not before its home.
            let displacement = next.wrapping_sub((key.hash() >> shift) as usize) & mask;
            if displacement >= next.wrapping_sub(hole) & mask {
                slots[hole] = slots[next];
                hole = next;
            }
            next = (next + 1) & mask;
        }
        slots[hole] = None;
    }

    fn check(&self) {
        assert_eq!(self.slots.iter().flatten().count(), self.len, "X3: the length");
        for (place, slot) in self.slots.iter().enumerate() {
            if let Some((key, _)) = slot {
                let found = self.find(*key).map(|(place, _)| place);
                assert_eq!(found, Some(place), "X1, X2: each entry is found where it is");
            }
        }
    }
}

mod ids;
#[cfg(test)]
mod tests;
