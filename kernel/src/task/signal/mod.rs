//! Signals: what is sent, who takes it, what happens then.
//!
//! A signal is only ever noted when it is sent ([`send`]); it takes effect when its thread is about to return to its
//! program ([`deliver`]). So a system call never loses its own thread under its feet. Each thread has one flag,
//! `attention`, that says whether there is anything to deliver; it is all that the hot path looks at.

mod action;
mod deliver;
mod frame;
mod pending;
mod report;
mod saved_mask;
mod send;

pub(crate) use pending::{Pending, QueueFull};
pub(crate) use saved_mask::SavedMask;
pub(crate) use send::Target;

use abi::signal::{SIG_DFL, SIG_IGN, Signal, SignalAction, SignalSet, SignalStack};
use action::Default as DefaultAction;
use alloc::vec::Vec;

/// What the threads of a process share.
#[derive(Debug)]
pub(crate) struct ProcessSignals {
    /// What signals do, in no order; those that are not here do what is usual.
    actions: Vec<(Signal, SignalAction)>,
    /// Signals that any thread may take.
    pub(crate) pending: Pending,
}

/// What each thread has for itself.
#[derive(Debug)]
pub(crate) struct ThreadSignals {
    /// Signals that it does not take now.
    pub(crate) mask: SignalSet,
    /// Signals that only it may take.
    pub(crate) pending: Pending,
    /// Where its handlers run, if they ask for it.
    pub(crate) stack: SignalStack,
    /// The mask to go back to when a call that changed it for its own time is over.
    pub(crate) saved_mask: Option<SavedMask>,
    /// Signals that it waits for in `rt_sigtimedwait`.
    pub(crate) awaited: SignalSet,
    /// There is a signal to deliver.
    pub(crate) attention: bool,
    /// The number of the call that a signal interrupted, if it may be made again after the handler. No call has a large
    /// number.
    pub(crate) restart: Option<u16>,
}

impl ProcessSignals {
    /// Every signal does what it does by default.
    pub(crate) fn new() -> Self {
        Self {
            actions: Vec::new(),
            pending: Pending::default(),
        }
    }

    /// A child's share: the same actions, nothing pending.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            actions: self.actions.clone(),
            pending: Pending::default(),
        }
    }

    /// What the signal does.
    pub(crate) fn action(&self, signal: Signal) -> SignalAction {
        let action = self.actions.iter().find(|(known, _)| *known == signal);
        action.map_or_else(SignalAction::default, |&(_, action)| action)
    }

    /// Changes what the signal does.
    pub(crate) fn set_action(&mut self, signal: Signal, action: SignalAction) {
        match self.actions.iter_mut().find(|(known, _)| *known == signal) {
            Some((_, known)) => *known = action,
            None => self.actions.push((signal, action)),
        }
    }

    /// A new program knows no handlers; what was ignored stays ignored.
    pub(crate) fn forget_handlers(&mut self) {
        self.actions.retain(|(_, action)| action.handler == SIG_IGN);
    }

    /// Whether the signal would do nothing.
    pub(crate) fn ignores(&self, signal: Signal) -> bool {
        match self.action(signal).handler {
            SIG_IGN => true,
            SIG_DFL => action::default_of(signal) == DefaultAction::Ignore,
            _ => false,
        }
    }
}

impl ThreadSignals {
    /// Nothing pending, with this mask.
    pub(crate) fn new(mask: SignalSet) -> Self {
        Self {
            mask,
            pending: Pending::default(),
            stack: SignalStack::NONE,
            saved_mask: None,
            awaited: SignalSet::EMPTY,
            attention: false,
            restart: None,
        }
    }
}
