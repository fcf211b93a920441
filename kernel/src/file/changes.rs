//! How often descriptors have changed.
//!
//! Whoever remembers what a descriptor stood for, and how often descriptors had changed by then, knows with one
//! comparison whether it still does. Every change of any table of descriptors counts, and of any open file's flags.

use core::sync::atomic::{AtomicU64, Ordering};

static CHANGES: AtomicU64 = AtomicU64::new(0);

/// How many changes there have been.
#[inline]
pub(crate) fn count() -> u64 {
    CHANGES.load(Ordering::Relaxed)
}

/// There is another one. Changes are made under the kernel's lock, so counting needs no more than this.
#[inline]
pub(super) fn note() {
    CHANGES.store(count() + 1, Ordering::Relaxed);
}
