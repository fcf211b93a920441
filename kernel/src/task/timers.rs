//! Deadlines of waiting threads, and alarms that wake channels.

use super::Channel;
use crate::sorted::Sorted;
use alloc::vec::Vec;
use binder_driver::TaskId;

/// Who is to be woken when, earliest first.
#[derive(Debug)]
pub(crate) struct Timers {
    deadlines: Sorted<(u64, TaskId), ()>,
    /// In no order: there are as many as timer files that run.
    alarms: Vec<(u64, Channel)>,
}

impl Timers {
    /// None.
    pub(super) const fn new() -> Self {
        Self {
            deadlines: Sorted::new(),
            alarms: Vec::new(),
        }
    }

    /// Remembers a deadline, in nanoseconds since boot.
    pub(crate) fn add(&mut self, deadline: u64, task: TaskId) {
        self.deadlines.insert((deadline, task), ());
    }

    /// Forgets a deadline.
    pub(crate) fn remove(&mut self, deadline: u64, task: TaskId) {
        self.deadlines.remove(&(deadline, task));
    }

    fn first_deadline(&self) -> Option<u64> {
        self.deadlines.iter().next().map(|(&(deadline, _), ())| deadline)
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
        let (&first, ()) = self.deadlines.iter().next()?;
        let (deadline, task) = first;
        if deadline > now {
            return None;
        }
        self.deadlines.remove(&first);
        Some(task)
    }
}
