//! Sorting a list, where what is on it came in any order and is gone through in a certain one.
//!
//! Lists of all kinds share the code: it sees objects as numbers, and asks a [`Stock`] about them.

use super::{Chain, Elements, List};
use crate::driver::Driver;
use crate::table::{Id, ProcId};
use core::mem;

/// What a list is sorted by.
pub(crate) type Rank = (u64, u32);

/// So many runs, each twice as long as the one before, hold more objects than there can be.
const RUNS: usize = u32::BITS as usize;

/// No object.
const NONE: u64 = 0;

/// The objects of a list.
trait Stock {
    /// What is behind an object.
    fn next(&self, id: u64) -> u64;

    /// Puts one object behind another.
    fn set_next(&mut self, id: u64, next: u64);

    /// Notes what comes before an object.
    fn set_previous(&mut self, id: u64, previous: u64);

    /// The rank of an object.
    fn rank(&self, id: u64) -> Rank;
}

/// The objects of one kind, with what ranks them.
struct Ranked<'a, C: Chain, R> {
    table: &'a mut Elements<C>,
    rank: R,
}

impl<C: Chain, R: Fn(&C::Element) -> Rank> Stock for Ranked<'_, C, R> {
    fn next(&self, id: u64) -> u64 {
        let next = C::Id::from_bits(id).and_then(|id| C::links(&self.table[id]).next);
        next.map_or(NONE, Id::to_bits)
    }

    fn set_next(&mut self, id: u64, next: u64) {
        if let Some(id) = C::Id::from_bits(id) {
            C::links_mut(&mut self.table[id]).next = C::Id::from_bits(next);
        }
    }

    fn set_previous(&mut self, id: u64, previous: u64) {
        if let Some(id) = C::Id::from_bits(id) {
            C::links_mut(&mut self.table[id]).prev = C::Id::from_bits(previous);
        }
    }

    fn rank(&self, id: u64) -> Rank {
        C::Id::from_bits(id).map_or((0, 0), |id| (self.rank)(&self.table[id]))
    }
}

impl<C: Chain> List<C> {
    /// Sorts the list by a rank. What is sorted already is only looked at.
    pub(crate) fn sort(&mut self, table: &mut Elements<C>, rank: impl Fn(&C::Element) -> Rank) {
        if self.head != self.tail
            && let Some(first) = self.head
        {
            let mut stock = Ranked::<C, _> { table, rank };
            let (head, tail) = sort_links(&mut stock, first.to_bits());
            *self = Self::between(C::Id::from_bits(head), C::Id::from_bits(tail));
        }
    }
}

/// Sorts what begins with an object, if it is not sorted. Returns what comes first and what comes last now.
#[inline(never)]
fn sort_links(stock: &mut dyn Stock, first: u64) -> (u64, u64) {
    let mut last = first;
    loop {
        let next = stock.next(last);
        if next == NONE {
            return (first, last);
        }
        if stock.rank(next) < stock.rank(last) {
            break;
        }
        last = next;
    }
    let head = sort(stock, first);
    // Only the ways forward are right so far.
    let (mut before, mut next) = (NONE, head);
    while next != NONE {
        stock.set_previous(next, before);
        (before, next) = (next, stock.next(next));
    }
    (head, before)
}

/// Sorts what begins with an object. Merges ever longer sorted runs, so it needs no memory. Returns what comes first now.
#[inline(never)]
fn sort(stock: &mut dyn Stock, mut first: u64) -> u64 {
    let mut runs = [NONE; RUNS];
    while first != NONE {
        let mut carried = first;
        first = stock.next(carried);
        stock.set_next(carried, NONE);
        for run in &mut runs {
            if *run == NONE {
                *run = carried;
                break;
            }
            carried = merge(stock, mem::replace(run, NONE), carried);
        }
    }
    runs.into_iter()
        .fold(NONE, |sorted, run| merge(stock, run, sorted))
}

/// Merges two sorted runs. Of objects with the same rank, those of the first come first.
#[inline(never)]
fn merge(stock: &mut dyn Stock, mut first: u64, mut second: u64) -> u64 {
    let (mut head, mut tail) = (NONE, NONE);
    loop {
        let is_over = first == NONE || second == NONE;
        let from = if second == NONE || !is_over && stock.rank(first) <= stock.rank(second) {
            &mut first
        } else {
            &mut second
        };
        let next = *from;
        if tail == NONE {
            head = next;
        } else {
            stock.set_next(tail, next);
        }
        if is_over {
            return head;
        }
        tail = next;
        *from = stock.next(next);
    }
}

impl Driver {
    /// Sorts the nodes of a proc by the owner's pointers.
    pub(crate) fn sort_nodes(&mut self, proc: ProcId) {
        let nodes = &mut self.procs[proc].nodes;
        nodes.sort(&mut self.nodes, |node| (node.name.ptr, 0));
    }

    /// Sorts the threads of a proc by their tasks.
    pub(crate) fn sort_threads(&mut self, proc: ProcId) {
        let threads = &mut self.procs[proc].threads;
        threads.sort(&mut self.threads, |thread| (0, thread.task.0));
    }
}
