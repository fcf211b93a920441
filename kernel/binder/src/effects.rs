//! What the kernel must do after a driver call.
//!
//! The driver changes its own state and returns the consequences as a value, so that nothing runs before it is
//! consistent again. An effect forgotten is a thread that sleeps for ever or a file that leaks: hence `must_use`.

use crate::machine::{FileId, TaskId, WindowId};
use crate::table::ThreadId;
use abi::Errno;
use alloc::vec::Vec;

/// One consequence of a driver call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The thread has something to read: its task, if blocked in the driver or in a poll, goes on.
    Wake(TaskId, ThreadId),
    /// A held file is no longer needed.
    DropFile(FileId),
    /// The driver closes this file, whose descriptor it took from the caller, as if the caller had.
    CloseFile(FileId),
    /// This page of a window is free again: unmap it on both sides and free its frame.
    UnmapPage(WindowId, usize),
}

/// All consequences of one driver call, in order.
#[derive(Debug, Default)]
#[must_use = "a thread that is not woken sleeps forever, a file that is not dropped leaks"]
pub struct Effects {
    /// The task that this call works for now: to be run as soon as the caller blocks, ahead of all others.
    /// It is woken by this; no [`Effect::Wake`] is given for it.
    pub handoff: Option<Handoff>,
    /// Everything else.
    pub rest: EffectList,
}

/// Effects in order. The first needs no memory of its own, since most calls have no more.
#[derive(Debug, Default)]
pub struct EffectList {
    first: Option<Effect>,
    more: Vec<Effect>,
}

impl EffectList {
    /// Appends one.
    #[inline]
    pub fn push(&mut self, effect: Effect) {
        if self.first.is_none() {
            self.first = Some(effect);
        } else {
            self.more.push(effect);
        }
    }

    /// Whether there is nothing to do.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The effects in order.
    pub fn iter(&self) -> impl Iterator<Item = Effect> {
        self.first.iter().chain(&self.more).copied()
    }
}

impl IntoIterator for EffectList {
    type Item = Effect;
    type IntoIter = core::iter::Chain<core::option::IntoIter<Effect>, alloc::vec::IntoIter<Effect>>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}

/// How far the end of a proc has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a proc that has not ended keeps what it has"]
pub enum Release {
    /// There is nothing of it any more.
    Over,
    /// Others have their turn first; then [`Driver::release`](crate::Driver::release) goes on.
    Paused,
}

/// How a system call on a binder file went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is over, with this result.
    Done(Result<i32, Errno>),
    /// The caller has to wait. The driver remembers for what; [`Driver::resume`](crate::Driver::resume) carries on
    /// after a wake-up, when the time is up, or when a signal came.
    Blocked {
        /// When to resume at the latest, in milliseconds from now.
        timeout: Option<u32>,
    },
}

/// A driver call's outcome and its consequences.
#[derive(Debug)]
#[must_use]
pub struct Step {
    /// What the system call answers, if it is over.
    pub outcome: Outcome,
    /// What the kernel must do first.
    pub effects: Effects,
}

/// Whom the caller works with now: the task to be run as soon as the caller blocks, and its thread here.
pub type Handoff = (TaskId, ThreadId);

/// How a `BINDER_WRITE_READ` went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Passage {
    /// It is over and answers 0. It has no effect but perhaps a [hand-over](crate::Driver::take_handoff).
    Done,
    /// The caller has to wait, with no time limit. It has no effect but perhaps a hand-over.
    Blocked,
    /// It had other effects or another outcome: [`Driver::take_step`](crate::Driver::take_step) tells them.
    Other,
}

/// Why a blocked call is carried on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// An effect named the task.
    Woken,
    /// The timeout passed.
    TimedOut,
    /// A signal is to be delivered: the call ends with EINTR.
    Interrupted,
}
