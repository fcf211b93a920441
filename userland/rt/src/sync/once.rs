//! A value that is made once.

use super::Mutex;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

/// A value that is made by whoever needs it first, and never changes after that.
pub struct Once<T> {
    made: AtomicBool,
    making: Mutex<()>,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is written once, under the lock and before `made` is set; after that it is only shared.
unsafe impl<T: Send + Sync> Sync for Once<T> {}
// SAFETY: it owns its value.
unsafe impl<T: Send> Send for Once<T> {}

impl<T> Once<T> {
    /// No value yet.
    pub const fn new() -> Self {
        Self {
            made: AtomicBool::new(false),
            making: Mutex::new(()),
            value: UnsafeCell::new(None),
        }
    }

    /// The value, if it was made.
    pub fn get(&self) -> Option<&T> {
        if !self.made.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: the value was written before `made` was set, and nobody writes it again.
        unsafe { &*self.value.get() }.as_ref()
    }

    /// The value; made by `make` when it is not there. Other threads that need it wait meanwhile.
    ///
    /// # Errors
    ///
    /// What `make` says; the next caller tries again.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn try_get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if self.get().is_none() {
            let making = self.making.lock();
            if !self.made.load(Ordering::Relaxed) {
                let value = make()?;
                // SAFETY: the lock keeps other writers out, and readers wait for `made`.
                unsafe { *self.value.get() = Some(value) };
                self.made.store(true, Ordering::Release);
            }
            drop(making);
        }
        match self.get() {
            Some(value) => Ok(value),
            None => unreachable!("the value was just made"),
        }
    }

    /// The value; made by `make` when it is not there. Other threads that need it wait meanwhile.
    pub fn get_or_make(&self, make: impl FnOnce() -> T) -> &T {
        match self.try_get_or_make(|| Ok::<T, core::convert::Infallible>(make())) {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self::new()
    }
}
