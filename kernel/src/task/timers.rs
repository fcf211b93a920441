//! Deadlines of waiting threads, and alarms that wake channels.

use super::Channel;
use alloc::vec::Vec;
use binder_driver::TaskId;

/// Who is to be woken when, earliest first.
#[derive(Debug)]
pub(crate) struct Timers {
    /// The latest first.
    deadlines: Vec<(u64, TaskId)>,
    /// In no order: there are as many as timer files that run.
    alarms: Vec<(u64, Channel)>,
}

impl Timers {
    /// None.
    pub(super) const fn new() -> Self {
        Self {
            deadlines: Vec::new(),
            alarms: Vec::new(),
        }
    }

    /// Remembers a deadline, in nanoseconds since boot.
    pub(crate) fn add(&mut self, deadline: u64, task: TaskId) {
        let place = self.place(deadline, task);
        self.deadlines.insert(place, (deadline, task));
    }

    /// Forgets a deadline.
    pub(crate) fn remove(&mut self, deadline: u64, task: TaskId) {
        let place = self.place(deadline, task);
        if self.deadlines.get(place) == Some(&(deadline, task)) {
            self.deadlines.remove(place);
        }
    }

    /// Where a deadline stands, or would stand.
    fn place(&self, deadline: u64, task: TaskId) -> usize {
        self.deadlines
            .partition_point(|&(other, who)| other > deadline || other == deadline && who.0 > task.0)
    }

    fn first_deadline(&self) -> Option<u64> {
        self.deadlines.last().map(|&(deadline, _)| deadline)
    }

    /// The earliest deadline or alarm.
    pub(crate) fn first(&self) -> Option<u64> {
        let deadline = self.first_deadline();
        let alarm = self.alarms.iter().map(|&(time, _)| time).min();
        deadline.into_iter().chain(alarm).min()
    }

    /// Remembers that a channel is to be woken at this time.
    pub(super) fn add_alarm(&mut self, time: u64, channel: Channel) {
        self.alarms.push((time, channel));
    }

    /// Forgets all alarms of a channel.
    pub(super) fn remove_alarms(&mut self, channel: Channel) {
        self.alarms.retain(|&(_, other)| other != channel);
    }

    /// Takes out one channel whose time has come.
    pub(super) fn take_alarm(&mut self, now: u64) -> Option<Channel> {
        let due = self.alarms.iter().position(|&(time, _)| time <= now)?;
        Some(self.alarms.swap_remove(due).1)
    }

    /// Takes out one task whose time has come.
    pub(crate) fn take_due(&mut self, now: u64) -> Option<TaskId> {
        if self.first_deadline()? > now {
            return None;
        }
        self.deadlines.pop().map(|(_, task)| task)
    }
}
