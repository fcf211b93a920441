//! What stands ahead of a thread's queue.

use crate::driver::Driver;
use crate::table::{ThreadId, TransactionId};
use crate::thread::Unread;
use crate::work::{Completion, Work};

/// What a thread reads before everything on its queue: first that its call was accepted, then what was handed to it.
///
/// Only an empty queue gets something ahead of it, so the order is that in which things came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ahead {
    /// The thread's own call was accepted. Like any deferred work this does not make the thread readable by itself.
    pub(crate) accepted: bool,
    /// A call or reply.
    pub(crate) handed: Option<TransactionId>,
}

impl Ahead {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self {
        accepted: false,
        handed: None,
    };

    /// What it stands for, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = Work> {
        let accepted = self.accepted.then_some(Work::Complete(Completion::Usual));
        accepted.into_iter().chain(self.handed.map(Work::Transaction))
    }

    /// What comes first.
    #[inline(always)]
    pub(crate) fn first(self) -> Option<Work> {
        if self.accepted {
            return Some(Work::Complete(Completion::Usual));
        }
        self.handed.map(Work::Transaction)
    }
}

impl Driver {
    /// Takes what a thread reads before the first item of its queue: what stands ahead of it, or an error.
    #[inline(always)]
    pub(crate) fn take_apart(&mut self, id: ThreadId) -> Option<Unread> {
        if let Some(work) = self.take_ahead(id) {
            return Some(Unread::Work(work));
        }
        let thread = &mut self.threads[id];
        if thread.errors.queued() == 0 {
            return None;
        }
        let error = thread.errors.take_first()?;
        thread.process_todo &= !thread.has_nothing();
        Some(Unread::Error(error))
    }

    /// Takes the first of what stands ahead of a thread's queue.
    #[inline(always)]
    pub(crate) fn take_ahead(&mut self, id: ThreadId) -> Option<Work> {
        let thread = &mut self.threads[id];
        let first = thread.ahead.first()?;
        if thread.ahead.accepted {
            thread.ahead.accepted = false;
        } else {
            thread.ahead.handed = None;
        }
        thread.process_todo &= !thread.has_nothing();
        Some(first)
    }
}
