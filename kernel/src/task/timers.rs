//! Deadlines of waiting threads.

use alloc::collections::BTreeSet;
use binder_driver::TaskId;

/// Who is to be woken when, earliest first.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    deadlines: BTreeSet<(u64, TaskId)>,
}

impl Timers {
    /// Remembers a deadline, in nanoseconds since boot.
    pub(crate) fn add(&mut self, deadline: u64, task: TaskId) {
        self.deadlines.insert((deadline, task));
    }

    /// Forgets a deadline.
    pub(crate) fn remove(&mut self, deadline: u64, task: TaskId) {
        self.deadlines.remove(&(deadline, task));
    }

    /// The earliest deadline.
    pub(crate) fn first(&self) -> Option<u64> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// Takes out one task whose time has come.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<TaskId> {
        if self.first()? > now {
            return None;
        }
        self.deadlines.pop_first().map(|(_, task)| task)
    }
}
