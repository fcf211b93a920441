//! A signal mask to go back to.

use abi::signal::SignalSet;
use core::num::NonZeroU64;

/// Two signals are in no mask.
const UNSTOPPABLE: NonZeroU64 =
    NonZeroU64::new(SignalSet::UNSTOPPABLE.0).expect("there are signals that nobody blocks");

/// A mask, kept as the signals that are not in it. These are never none, so that having no mask takes no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SavedMask(NonZeroU64);

impl SavedMask {
    /// Keeps a mask.
    pub(crate) fn of(mask: SignalSet) -> Self {
        Self(UNSTOPPABLE | !mask.0)
    }

    /// The mask.
    pub(crate) const fn mask(self) -> SignalSet {
        SignalSet(!self.0.get())
    }
}
