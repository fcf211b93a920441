//! Who waits on what.
//!
//! One ordered set of (thing, turn, task). All waiters of a thing stand together, in the order in which they came.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use binder_driver::TaskId;

/// The waiters of all things of one kind.
#[derive(Debug)]
pub(crate) struct Waiters<K, V> {
    entries: BTreeMap<(K, u64), (TaskId, V)>,
    turn: u64,
}

impl<K: Ord + Copy, V: Copy> Waiters<K, V> {
    pub(crate) const fn new() -> Self {
        Self {
            entries: BTreeMap::new(),
            turn: 0,
        }
    }

    /// Puts a task behind those that wait on the thing already.
    pub(crate) fn add(&mut self, thing: K, task: TaskId, detail: V) {
        self.turn += 1;
        self.entries.insert((thing, self.turn), (task, detail));
    }

    /// Up to `limit` waiters of the thing whose detail is accepted, first come first. They stay registered.
    pub(crate) fn find(&self, thing: K, limit: usize, accepts: impl Fn(V) -> bool) -> Vec<TaskId> {
        self.entries
            .range((thing, 0)..=(thing, u64::MAX))
            .filter(|&(_, &(_, detail))| accepts(detail))
            .map(|(_, &(task, _))| task)
            .take(limit)
            .collect()
    }

    /// Moves up to `limit` waiters of a thing, first come first, behind those of another; which they were.
    pub(crate) fn requeue(&mut self, from: K, to: K, limit: usize) -> Vec<TaskId> {
        let waiting = self.entries.range((from, 0)..=(from, u64::MAX));
        let moved: Vec<_> = waiting.take(limit).map(|(&key, &entry)| (key, entry)).collect();
        for (key, (task, detail)) in &moved {
            self.entries.remove(key);
            self.add(to, *task, *detail);
        }
        moved.into_iter().map(|(_, (task, _))| task).collect()
    }

    /// Forgets that the task waits on the thing.
    pub(crate) fn remove(&mut self, thing: K, task: TaskId) {
        let turn = self
            .entries
            .range((thing, 0)..=(thing, u64::MAX))
            .find(|&(_, &(waiter, _))| waiter == task)
            .map(|(&key, _)| key);
        if let Some(key) = turn {
            self.entries.remove(&key);
        }
    }
}
