//! Objects of one kind by a number. All kinds share the code of one.

use super::HashIndex;
use crate::machine::NoMemory;
use crate::table::Id;
use core::marker::PhantomData;
use core::num::NonZeroU64;

/// Numbers by numbers.
pub(crate) type Numbers = HashIndex<u64, NonZeroU64>;

/// Objects by a number.
#[derive(Debug)]
pub(crate) struct IdIndex<I> {
    numbers: Numbers,
    kind: PhantomData<I>,
}

impl<I: Id> IdIndex<I> {
    /// An empty index. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            numbers: Numbers::new(),
            kind: PhantomData,
        }
    }

    /// Forgets all, and lets go of the memory.
    pub(crate) fn reset(&mut self) {
        self.numbers.reset();
    }

    /// What was inserted under a number.
    #[inline]
    pub(crate) fn get(&self, number: u64) -> Option<I> {
        self.numbers.get(number).map(I::from_number)
    }

    /// Adds an object. The number must not be there yet.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if the index has to grow and cannot.
    #[inline]
    pub(crate) fn insert(&mut self, number: u64, id: I) -> Result<(), NoMemory> {
        debug_assert!(self.get(number).is_none(), "X2: the key is new");
        if self.numbers.old.len != 0 || self.numbers.places.is_crowded() {
            self.numbers.make_room()?;
        }
        self.numbers.places.put(number, id.to_number());
        Ok(())
    }

    /// Removes an object.
    pub(crate) fn remove(&mut self, number: u64) {
        self.numbers.remove(number);
    }

    /// The number of objects.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Asserts the invariants.
    pub(crate) fn check(&self) {
        self.numbers.check();
    }
}

impl Numbers {
    /// Goes on with moving to another array, or begins it. Of this type alone, so it is not compiled again where what calls
    /// it is compiled to be fast.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self) -> Result<(), NoMemory> {
        if self.old.len != 0 {
            self.step();
        }
        if self.places.is_crowded() {
            self.grow()?;
        }
        Ok(())
    }
}
