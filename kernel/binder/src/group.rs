//! Groups: lists of objects that have something in common, found by what that is.
//!
//! The procs of one process, notices with one cookie, calls that may replace each other: all are found by numbers, so one
//! kind of index serves them all.

use crate::count::Count;
use crate::hash::HashIndex;
use crate::list::{Chain, List};
use crate::table::Id;

/// What the objects of a group have in common: as many numbers as any of them needs.
pub(crate) type Common = ((u64, u64), u64);

/// What objects have in common that need only one number.
#[inline]
pub(crate) const fn number(number: u64) -> Common {
    ((number, 0), 0)
}

/// A list, whatever is chained, and a count for whoever keeps one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) count: Count,
    head: u64,
    tail: u64,
}

/// Groups by what their objects have in common.
pub(crate) type Groups = HashIndex<Common, Group>;

impl Group {
    /// An empty list.
    pub(crate) const EMPTY: Self = Self {
        count: Count::ZERO,
        head: 0,
        tail: 0,
    };

    /// The list, which must be of the chain that it is changed as.
    pub(crate) fn list<C: Chain>(&self) -> List<C> {
        List::between(C::Id::from_bits(self.head), C::Id::from_bits(self.tail))
    }

    /// Changes the list.
    pub(crate) fn change<C: Chain, T>(&mut self, change: impl FnOnce(&mut List<C>) -> T) -> T {
        let mut list = self.list();
        let result = change(&mut list);
        self.head = list.front().map_or(0, Id::to_bits);
        self.tail = list.back().map_or(0, Id::to_bits);
        result
    }

    /// Whether nothing is on the list.
    pub(crate) const fn is_empty(&self) -> bool {
        self.head == 0
    }
}
