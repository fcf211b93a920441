//! How often descriptors have changed.
//!
//! Whoever remembers what a descriptor stood for, and how often descriptors had changed by then, knows with one
//! comparison whether it still does. Every change of any table of descriptors counts, of any open file's flags, and
//! whatever else ends the validity of what was remembered.

use core::sync::atomic::{AtomicU64, Ordering};

/// What one change counts: more than the largest number of a descriptor that is remembered.
const CHANGE: u64 = 1 << 16;

static CHANGES: AtomicU64 = AtomicU64::new(CHANGE);

/// A descriptor's number and how often descriptors have changed, as one number. It is equal to an earlier
/// [memorable](is_memorable) stamp only if both are, since the changes only get more.
#[inline(always)]
pub(crate) fn stamp(number: i32) -> u64 {
    CHANGES.load(Ordering::Relaxed) + u64::from(number.cast_unsigned())
}

/// Whether stamps of this descriptor can be remembered.
pub(crate) fn is_memorable(number: i32) -> bool {
    u64::from(number.cast_unsigned()) < CHANGE
}

/// There is another change. Changes are made under the kernel's lock, so counting needs no more than this.
#[inline]
pub(crate) fn note() {
    CHANGES.store(CHANGES.load(Ordering::Relaxed) + CHANGE, Ordering::Relaxed);
}
