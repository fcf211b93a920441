//! Who waits on what.
//!
//! Rows of waiters, in the order in which they came; what a thread waits on tells its row, as in Linux's table of
//! futexes. So those that wait on one thing stand in one row, with few others in between.

use super::Channel;
use super::futex::FutexKey;
use alloc::vec::Vec;
use binder_driver::TaskId;

/// How many rows there are.
const ROWS: usize = 64;

/// Something on which threads wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// A channel, until it is woken.
    Channel(Channel),
    /// A futex, until another thread wakes it.
    Futex(FutexKey),
}

/// One that waits.
#[derive(Clone, Copy, Debug)]
struct Waiter {
    thing: Thing,
    task: TaskId,
    /// Which wakers count.
    bits: u32,
}

/// The waiters of all things.
#[derive(Debug)]
pub(crate) struct Waiters {
    rows: Vec<Vec<Waiter>>,
}

impl Waiters {
    pub(crate) fn new() -> Self {
        Self {
            rows: alloc::vec![Vec::new(); ROWS],
        }
    }

    /// The waiters among which those of the thing stand.
    fn row(&mut self, thing: Thing) -> &mut Vec<Waiter> {
        let number = match thing {
            Thing::Channel(channel) => channel.number(),
            Thing::Futex(key) => key.number(),
        };
        &mut self.rows[number as usize % ROWS]
    }

    /// Puts a task behind those that wait on the thing already. Wakers count that have one of the bits.
    pub(crate) fn add(&mut self, thing: Thing, task: TaskId, bits: u32) {
        self.row(thing).push(Waiter { thing, task, bits });
    }

    /// Up to `limit` waiters of the thing for which one of the bits counts, first come first. They stay registered.
    pub(crate) fn find(&mut self, thing: Thing, limit: usize, bits: u32) -> Vec<TaskId> {
        let mut found = Vec::new();
        for waiter in self.row(thing) {
            if found.len() == limit {
                break;
            }
            if waiter.thing == thing && waiter.bits & bits != 0 {
                found.push(waiter.task);
            }
        }
        found
    }

    /// Moves up to `limit` waiters of a thing, first come first, behind those of another; which they were.
    pub(crate) fn requeue(&mut self, from: Thing, to: Thing, limit: usize) -> Vec<TaskId> {
        let mut moved = Vec::new();
        let mut bits = Vec::new();
        while moved.len() < limit
            && let Some(waiter) = self.take(from, None)
        {
            moved.push(waiter.task);
            bits.push(waiter.bits);
        }
        for (&task, &bits) in moved.iter().zip(&bits) {
            self.add(to, task, bits);
        }
        moved
    }

    /// Forgets that the task waits on the thing.
    pub(crate) fn remove(&mut self, thing: Thing, task: TaskId) {
        self.take(thing, Some(task));
    }

    /// Takes out the first waiter of the thing, or the one that is this task.
    fn take(&mut self, thing: Thing, task: Option<TaskId>) -> Option<Waiter> {
        let row = self.row(thing);
        let place = row
            .iter()
            .position(|waiter| waiter.thing == thing && task.is_none_or(|task| waiter.task == task))?;
        let waiter = row.remove(place);
        if row.is_empty() {
            // Nothing is kept for threads that came and went.
            *row = Vec::new();
        }
        Some(waiter)
    }
}
