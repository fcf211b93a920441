//! Waiting until another thread says that something has changed.

use super::MutexGuard;
use crate::syscall::{Scope, clock_monotonic_ns, futex_wait, futex_wake};
use core::sync::atomic::{AtomicU32, Ordering};

/// Whether a wait ended by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a wait that timed out found nothing"]
pub enum Woken {
    /// Somebody notified, or a signal came: look at the guarded value.
    Perhaps,
    /// The time is up.
    TimedOut,
}

/// A place to wait at. Counts notifications, so that none between unlocking and sleeping is lost.
#[derive(Default)]
pub struct Condvar(AtomicU32);

impl Condvar {
    /// A place where nobody waits.
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// Wakes one waiter.
    pub fn notify_one(&self) {
        self.0.fetch_add(1, Ordering::Release);
        futex_wake(&self.0, 1, Scope::Private);
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.0.fetch_add(1, Ordering::Release);
        futex_wake(&self.0, u32::MAX >> 1, Scope::Private);
    }

    /// Sleeps unless there was a notification since `seen` was read.
    fn sleep(&self, seen: u32, timeout_ns: Option<u64>) {
        // Whatever ends the sleep, the caller looks at the guarded value again.
        let _ = futex_wait(&self.0, seen, timeout_ns, Scope::Private);
    }

    /// Unlocks, sleeps until a notification, locks again. May wake for no reason.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let seen = self.0.load(Ordering::Acquire);
        MutexGuard::unlocked(guard, || self.sleep(seen, None));
    }

    /// Waits while `condition` holds.
    pub fn wait_while<T>(&self, guard: &mut MutexGuard<'_, T>, mut condition: impl FnMut(&mut T) -> bool) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// Waits while `condition` holds, for at most `timeout_ns`.
    pub fn wait_while_for<T>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        timeout_ns: u64,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Woken {
        let end = clock_monotonic_ns().saturating_add(timeout_ns);
        while condition(guard) {
            let left = end.saturating_sub(clock_monotonic_ns());
            if left == 0 {
                return Woken::TimedOut;
            }
            let seen = self.0.load(Ordering::Acquire);
            MutexGuard::unlocked(guard, || self.sleep(seen, Some(left)));
        }
        Woken::Perhaps
    }
}
