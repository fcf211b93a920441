//! Tasks by number.
//!
//! Threads and processes share one space of numbers, as on Linux: a process has the number of its first thread. The
//! table is an array indexed by the number, so looking up a thread on the hot path costs one bounds check.

use abi::Errno;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// One more than the largest number of a task, as on a small Linux.
pub(crate) const LIMIT: u32 = 32_768;

/// Where the numbers go on after the largest was used: the low ones belong to what started with the system.
const SECOND_ROUND: u32 = 300;

/// Objects that are named by task numbers.
#[derive(Debug)]
pub(crate) struct TaskTable<T> {
    slots: Vec<Option<Box<T>>>,
    count: usize,
}

impl<T> TaskTable<T> {
    /// An empty table.
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            count: 0,
        }
    }

    /// The object of this number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.slots.get(number as usize)?.as_deref()
    }

    /// The object of this number.
    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.slots.get_mut(number as usize)?.as_deref_mut()
    }

    /// Puts an object at a number that has none.
    pub(crate) fn insert(&mut self, number: u32, object: T) -> Result<(), Errno> {
        let index = number as usize;
        if index >= self.slots.len() {
            let missing = index + 1 - self.slots.len();
            self.slots.try_reserve(missing).map_err(|_| Errno::ENOMEM)?;
            self.slots.resize_with(index + 1, || None);
        }
        debug_assert!(self.slots[index].is_none(), "the number is in use");
        self.slots[index] = Some(Box::new(object));
        self.count += 1;
        Ok(())
    }

    /// Takes the object of this number out.
    pub(crate) fn remove(&mut self, number: u32) -> Option<Box<T>> {
        let object = self.slots.get_mut(number as usize)?.take()?;
        self.count -= 1;
        Some(object)
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// All objects, by ascending number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(Option::as_deref)
    }

    /// All objects, by ascending number.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().filter_map(Option::as_deref_mut)
    }
}

/// Gives out task numbers, each as late as possible after its last use.
#[derive(Debug)]
pub(crate) struct Numbers {
    next: u32,
}

impl Numbers {
    pub(crate) const fn new() -> Self {
        Self { next: 1 }
    }

    /// A number that `is_used` does not claim.
    pub(crate) fn take(&mut self, is_used: impl Fn(u32) -> bool) -> Result<u32, Errno> {
        for _ in 0..LIMIT {
            let number = self.next;
            self.next = if number + 1 < LIMIT {
                number + 1
            } else {
                SECOND_ROUND
            };
            if !is_used(number) {
                return Ok(number);
            }
        }
        Err(Errno::EAGAIN)
    }
}
