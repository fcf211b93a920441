//! Signals that were sent and not taken yet.

use abi::signal::{Signal, SignalInfo, SignalSet};
use alloc::vec::Vec;

/// How many queued signals may wait in one place.
const LIMIT: usize = 128;

/// Waiting signals: standard ones once each, queued ones as often as sent.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    infos: Vec<SignalInfo>,
    set: SignalSet,
}

/// The queue has no room for one more of a queued signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueFull;

impl Pending {
    /// Which signals wait.
    pub(crate) fn set(&self) -> SignalSet {
        self.set
    }

    /// Adds a signal. A standard signal that waits already stays as it is.
    pub(crate) fn add(&mut self, signal: Signal, info: SignalInfo) -> Result<(), QueueFull> {
        if self.set.contains(signal) && !signal.is_queued() {
            return Ok(());
        }
        if self.infos.len() < LIMIT && self.infos.try_reserve(1).is_ok() {
            self.infos.push(info);
        } else if signal.is_queued() {
            return Err(QueueFull);
        }
        self.set = self.set.with(SignalSet::of(signal));
        Ok(())
    }

    /// Takes the signal with the lowest number among those allowed, the oldest of its kind.
    pub(crate) fn take(&mut self, allowed: SignalSet) -> Option<(Signal, SignalInfo)> {
        let signal = self.set.and(allowed).first()?;
        let is_it = |info: &SignalInfo| info.signal == i32::from(signal.number());
        let info = match self.infos.iter().position(is_it) {
            Some(at) => self.infos.remove(at),
            None => SignalInfo::sent(signal, abi::signal::SI_USER, 0, 0),
        };
        if !self.infos.iter().any(is_it) {
            self.set = self.set.without(SignalSet::of(signal));
        }
        Some((signal, info))
    }

    /// Forgets a signal.
    pub(crate) fn forget(&mut self, signal: Signal) {
        self.infos
            .retain(|info| info.signal != i32::from(signal.number()));
        self.set = self.set.without(SignalSet::of(signal));
    }
}
