//! Tasks by number.
//!
//! Threads and processes share one space of numbers, as on Linux: a process has the number of its first thread. The
//! place of an object in its table is its number modulo the table's size, and no number is given out whose place is
//! taken. So looking up a thread on the hot path costs one comparison, and a table needs room for the tasks that there
//! are, however many came before.

use abi::Errno;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// One more than the largest number of a task, as on a small Linux.
const LIMIT: u32 = 32_768;

/// Where the numbers go on after the largest was used: the low ones belong to what started with the system.
const SECOND_ROUND: u32 = 300;

/// The places of a new table, a power of two.
const FIRST_SIZE: usize = 256;

/// Objects that are named by task numbers.
#[derive(Debug)]
pub(crate) struct TaskTable<T> {
    /// As many as a power of two.
    slots: Vec<Option<Box<T>>>,
    /// One less than that.
    mask: u32,
    count: usize,
}

/// What a table of tasks holds. It knows its own number.
pub(crate) trait Numbered {
    /// The number.
    fn number(&self) -> u32;
}

impl<T: Numbered> TaskTable<T> {
    /// An empty table.
    pub(crate) fn new() -> Self {
        let mut slots = Vec::new();
        slots.resize_with(FIRST_SIZE, || None);
        Self {
            slots,
            mask: FIRST_SIZE as u32 - 1,
            count: 0,
        }
    }

    #[inline]
    fn place(&self, number: u32) -> usize {
        (number & self.mask) as usize
    }

    /// The object of this number, for calls that are in no hurry.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.find(number)
    }

    /// The object of this number, for calls that are in no hurry.
    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.at_hand(number)
    }

    /// The object of this number.
    #[inline(always)]
    pub(crate) fn find(&self, number: u32) -> Option<&T> {
        match &self.slots[self.place(number)] {
            Some(object) if object.number() == number => Some(object),
            _ => None,
        }
    }

    /// The object of this number, for changing.
    #[inline(always)]
    pub(crate) fn at_hand(&mut self, number: u32) -> Option<&mut T> {
        let place = self.place(number);
        match &mut self.slots[place] {
            Some(object) if object.number() == number => Some(object),
            _ => None,
        }
    }

    /// Whether an object of this number would find its place free.
    fn has_room(&self, number: u32) -> bool {
        self.slots[self.place(number)].is_none()
    }

    /// Makes the table larger when three of four places are taken, so that free numbers are found soon: one in four is free,
    /// and they are given out in turn.
    fn make_room(&mut self) -> Result<(), Errno> {
        let size = self.slots.len();
        if self.count < size / 4 * 3 || size >= LIMIT as usize {
            return Ok(());
        }
        self.slots.try_reserve_exact(size).map_err(|_| Errno::ENOMEM)?;
        self.slots.resize_with(size * 2, || None);
        self.mask = size as u32 * 2 - 1;
        // Numbers that differ modulo the old size differ modulo the new one: what moves finds its place free.
        for old in 0..size {
            if let Some(object) = &self.slots[old] {
                let place = self.place(object.number());
                self.slots.swap(old, place);
            }
        }
        Ok(())
    }

    /// Puts an object at its number, which [`Numbers::take`] gave.
    pub(crate) fn insert(&mut self, object: Box<T>) -> Result<(), Errno> {
        self.make_room()?;
        let place = self.place(object.number());
        if self.slots[place].is_some() {
            return Err(Errno::EAGAIN);
        }
        self.slots[place] = Some(object);
        self.count += 1;
        Ok(())
    }

    /// Takes the object of this number out.
    pub(crate) fn remove(&mut self, number: u32) -> Option<Box<T>> {
        self.get(number)?;
        let place = self.place(number);
        self.count -= 1;
        self.slots[place].take()
    }

    /// How many objects there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// All objects.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(Option::as_deref)
    }

    /// All objects.
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

    /// A number that finds its place free in both tables.
    pub(crate) fn take<A: Numbered, B: Numbered>(
        &mut self,
        one: &TaskTable<A>,
        other: &TaskTable<B>,
    ) -> Result<u32, Errno> {
        for _ in 0..LIMIT {
            let number = self.next;
            self.next = if number + 1 < LIMIT {
                number + 1
            } else {
                SECOND_ROUND
            };
            if one.has_room(number) && other.has_room(number) {
                return Ok(number);
            }
        }
        Err(Errno::EAGAIN)
    }
}
