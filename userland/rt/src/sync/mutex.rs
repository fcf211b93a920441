//! The lock that lets one thread in.

use crate::syscall::{Scope, futex_wait, futex_wake};
use core::sync::atomic::{AtomicU32, Ordering};

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Taken, and somebody may be asleep.
const AWAITED: u32 = 2;

/// A lock that guards a value.
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;
/// The value of a [`Mutex`] while it is locked.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// The bare lock: one word. Taking it free and giving it back unawaited makes no system call.
pub struct RawMutex(AtomicU32);

impl RawMutex {
    #[cold]
    fn wait(&self) {
        while self.0.swap(AWAITED, Ordering::Acquire) != FREE {
            // Any failure means that the word has changed or a signal came: look again.
            let _ = futex_wait(&self.0, AWAITED, None, Scope::Private);
        }
    }
}

// SAFETY: only one caller at a time finds the word free and changes it.
unsafe impl lock_api::RawMutex for RawMutex {
    const INIT: Self = Self(AtomicU32::new(FREE));

    type GuardMarker = lock_api::GuardSend;

    fn lock(&self) {
        if !self.try_lock() {
            self.wait();
        }
    }

    fn try_lock(&self) -> bool {
        self.0
            .compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    unsafe fn unlock(&self) {
        if self.0.swap(FREE, Ordering::Release) == AWAITED {
            futex_wake(&self.0, 1, Scope::Private);
        }
    }
}
