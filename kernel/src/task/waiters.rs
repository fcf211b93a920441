//! Who waits on what.
//!
//! One ordered set of (thing, turn, task). All waiters of a thing stand together, in the order in which they came.

use crate::sorted::Sorted;
use alloc::vec::Vec;
use binder_driver::TaskId;

/// The waiters of all things of one kind.
#[derive(Debug)]
pub(crate) struct Waiters<K, V> {
    entries: Sorted<(K, u64), (TaskId, V)>,
    turn: u64,
}

impl<K: Ord + Copy, V: Copy> Waiters<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: Sorted::new(),
            turn: 0,
        }
    }

    /// Puts a task behind those that wait on the thing already.
    pub(crate) fn add(&mut self, thing: K, task: TaskId, detail: V) {
        self.turn += 1;
        self.entries.insert((thing, self.turn), (task, detail));
    }

    /// The waiters of the thing, first come first.
    fn waiting(&self, thing: K) -> impl Iterator<Item = (&(K, u64), &(TaskId, V))> {
        self.entries
            .from(&(thing, 0))
            .take_while(move |&(&(waited, _), _)| waited == thing)
    }

    /// Up to `limit` waiters of the thing whose detail is accepted, first come first. They stay registered.
    pub(crate) fn find(&self, thing: K, limit: usize, accepts: impl Fn(V) -> bool) -> Vec<TaskId> {
        self.waiting(thing)
            .filter(|&(_, &(_, detail))| accepts(detail))
            .map(|(_, &(task, _))| task)
            .take(limit)
            .collect()
    }

    /// Moves up to `limit` waiters of a thing, first come first, behind those of another; which they were.
    pub(crate) fn requeue(&mut self, from: K, to: K, limit: usize) -> Vec<TaskId> {
        let moved: Vec<_> = self
            .waiting(from)
            .take(limit)
            .map(|(&key, &entry)| (key, entry))
            .collect();
        for (key, (task, detail)) in &moved {
            self.entries.remove(key);
            self.add(to, *task, *detail);
        }
        moved.into_iter().map(|(_, (task, _))| task).collect()
    }

    /// Forgets that the task waits on the thing.
    pub(crate) fn remove(&mut self, thing: K, task: TaskId) {
        let turn = self
            .waiting(thing)
            .find(|&(_, &(waiter, _))| waiter == task)
            .map(|(&key, _)| key);
        if let Some(key) = turn {
            self.entries.remove(&key);
        }
    }
}
