//! The lock of what every trap needs, which is there only after the start.
//!
//! It is free only while its data is there and nobody has it: so taking it asks one question where a lock and an option
//! would ask two. There is one processor, and it is taken with interrupts off: so nobody comes between the question and
//! the taking, and a lock that is held will not be let go of while somebody waits for it.

use core::cell::{Cell, UnsafeCell};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};

/// A lock around data that comes later.
///
/// - **L1** It is free only after the data was put in.
/// - **L2** It is not free while there is a guard.
pub(crate) struct LateLock<T> {
    is_free: Cell<bool>,
    is_filled: Cell<bool>,
    data: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY:
// 1. The data is reached through a guard alone, of which there is one at a time (L2), so it may be sent from one holder to
//    the next.
// 2. The marks need not be atomic: there is one processor, and interrupts are off where they are looked at and set.
unsafe impl<T: Send> Sync for LateLock<T> {}

/// The data, until it is let go of. It may be shared and sent as a mutable reference to the data may.
pub(crate) struct LateGuard<'a, T> {
    lock: &'a LateLock<T>,
    data: PhantomData<&'a mut T>,
}

impl<T> LateLock<T> {
    /// A lock whose data is not there.
    pub(crate) const fn new() -> Self {
        Self {
            is_free: Cell::new(false),
            is_filled: Cell::new(false),
            data: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Puts the data in, and takes the lock.
    ///
    /// # Panics
    ///
    /// If there is some already.
    pub(crate) fn fill(&self, data: T) -> LateGuard<'_, T> {
        let is_filled = self.is_filled.replace(true);
        assert!(!is_filled, "there is a kernel already");
        // SAFETY: the data was not there before, so the lock was never free (L1) and there is no guard.
        let place = unsafe { &mut *self.data.get() };
        place.write(data);
        self.guard()
    }

    /// Takes the lock.
    ///
    /// # Panics
    ///
    /// If it is held, or its data is not there.
    #[inline(always)]
    pub(crate) fn lock(&self) -> LateGuard<'_, T> {
        if !self.is_free.get() {
            not_free();
        }
        self.is_free.set(false);
        self.guard()
    }

    /// The only guard there is: the lock is not free.
    #[inline(always)]
    const fn guard(&self) -> LateGuard<'_, T> {
        LateGuard {
            lock: self,
            data: PhantomData,
        }
    }
}

#[cold]
#[inline(never)]
fn not_free() -> ! {
    panic!("the kernel's lock is held, or there is no kernel yet")
}

impl<T> Deref for LateGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: there is no other guard (L2), and this one is borrowed.
        let data = unsafe { &*self.lock.data.get() };
        // SAFETY: there is data: a guard comes from a lock that was free (L1), or from filling it.
        unsafe { data.assume_init_ref() }
    }
}

impl<T> DerefMut for LateGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: there is no other guard (L2), and this one is borrowed mutably.
        let data = unsafe { &mut *self.lock.data.get() };
        // SAFETY: as in `deref`.
        unsafe { data.assume_init_mut() }
    }
}

impl<T> Drop for LateGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.lock.is_free.set(true);
    }
}
