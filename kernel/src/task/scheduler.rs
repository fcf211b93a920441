//! Who runs next: round robin, with one place in front of the queue.
//!
//! A blocked thread is in no queue, nor is the running one. The place in front belongs to the partner of a binder
//! call: when the caller blocks, the thread that works for it runs at once, on the rest of the caller's time slice.
//!
//! A partner that was sent a reply sleeps in that place: it is still blocked in its read. Most often the thread that replied
//! blocks next, and then all is found at once. Whoever looks at the queue otherwise has [woken](Kernel::wake_partner) it
//! before.

use alloc::collections::VecDeque;
use binder_driver::{Handoff, TaskId};
use core::mem;

/// How long a thread runs before others get their turn, in nanoseconds.
pub(crate) const SLICE: u64 = 10_000_000;

/// The threads that could run now.
#[derive(Debug, Default)]
pub(crate) struct Scheduler {
    partner: Partner,
    queue: VecDeque<TaskId>,
}

/// Who stands in front of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Partner {
    #[default]
    Nobody,
    /// A thread that could run now.
    Ready(TaskId),
    /// One that is still blocked in its read.
    Sleeping(Handoff),
}

/// A thread to run, and on whose time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pick {
    /// It goes on with the time slice of the thread before.
    Partner(TaskId),
    /// It gets a time slice of its own.
    Next(TaskId),
}

impl Scheduler {
    /// Puts a thread at the end of the queue.
    pub(crate) fn enqueue(&mut self, task: TaskId) {
        self.queue.push_back(task);
    }

    /// Puts a thread before all others. One that stood there goes to the head of the queue.
    #[inline(always)]
    pub(crate) fn hand_off(&mut self, task: TaskId) {
        match mem::replace(&mut self.partner, Partner::Ready(task)) {
            Partner::Nobody => {}
            Partner::Ready(earlier) => self.queue.push_front(earlier),
            Partner::Sleeping(_) => debug_assert!(false, "a sleeping partner was woken before"),
        }
    }

    /// The thread in front of the queue, if it could run now.
    #[inline(always)]
    pub(crate) fn partner(&self) -> Option<TaskId> {
        match self.partner {
            Partner::Ready(task) => Some(task),
            Partner::Nobody | Partner::Sleeping(_) => None,
        }
    }

    /// Whether a thread stands in front of the queue.
    #[inline(always)]
    pub(crate) fn has_partner(&self) -> bool {
        self.partner != Partner::Nobody
    }

    /// Puts a thread before all others that is still blocked. False if there is one already.
    #[inline(always)]
    pub(crate) fn hand_off_sleeping(&mut self, handoff: Handoff) -> bool {
        let is_free = !self.has_partner();
        if is_free {
            self.partner = Partner::Sleeping(handoff);
        }
        is_free
    }

    /// The thread in front of the queue, if it is still blocked, and where.
    #[inline(always)]
    pub(crate) fn sleeping(&self) -> Option<Handoff> {
        match self.partner {
            Partner::Sleeping(handoff) => Some(handoff),
            Partner::Nobody | Partner::Ready(_) => None,
        }
    }

    /// Takes the thread in front of the queue: it runs now.
    #[inline(always)]
    pub(crate) fn take_partner(&mut self) {
        self.partner = Partner::Nobody;
    }

    /// Takes the next thread to run.
    #[inline]
    pub(crate) fn pick(&mut self) -> Option<Pick> {
        match self.partner() {
            Some(task) => {
                self.take_partner();
                Some(Pick::Partner(task))
            }
            None => self.queue.pop_front().map(Pick::Next),
        }
    }

    /// The time slice is over: the partner has to queue like everybody else.
    pub(crate) fn end_slice(&mut self) {
        if let Some(task) = self.partner() {
            self.take_partner();
            self.queue.push_back(task);
        }
    }

    /// Whether somebody is waiting for the processor.
    pub(crate) fn has_ready(&self) -> bool {
        self.has_partner() || !self.queue.is_empty()
    }

    /// Forgets a thread that is no more.
    pub(crate) fn remove(&mut self, task: TaskId) {
        if self.partner() == Some(task) {
            self.take_partner();
        }
        self.queue.retain(|&other| other != task);
    }
}
