//! Values that each thread has for itself.

use super::block::{Block, current};
use alloc::boxed::Box;
use core::marker::PhantomData;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

/// The next key to give out. Key 0 means "none yet".
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// One thread's value of one [`Local`].
pub(super) struct Slot {
    /// A leaked box; null before its first use, dangling after its last.
    value: *mut (),
    /// Drops the box.
    drop: unsafe fn(*mut ()),
}

const DESTROYED: *mut () = NonNull::dangling().as_ptr();

unsafe fn nothing(_value: *mut ()) {}

/// # Safety
///
/// `value` is a leaked `Box<T>` that nobody else has.
unsafe fn drop_box<T>(value: *mut ()) {
    // SAFETY: the caller's promise.
    drop(unsafe { Box::from_raw(value.cast::<T>()) });
}

/// A value that each thread has for itself: made on its first use, dropped when the thread ends.
pub struct Local<T: 'static> {
    key: AtomicUsize,
    initial: fn() -> T,
    values: PhantomData<fn() -> T>,
}

impl<T: 'static> Local<T> {
    /// A value that begins as `initial` says, in each thread.
    pub const fn new(initial: fn() -> T) -> Self {
        Self {
            key: AtomicUsize::new(0),
            initial,
            values: PhantomData,
        }
    }

    fn key(&self) -> usize {
        let key = self.key.load(Ordering::Relaxed);
        if key != 0 {
            return key;
        }
        let fresh = NEXT.fetch_add(1, Ordering::Relaxed);
        match self
            .key
            .compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => fresh,
            // Another thread was first. The number stays unused.
            Err(key) => key,
        }
    }

    /// Uses the calling thread's value. `None` when it was dropped already, or the thread is not this runtime's.
    pub fn try_with<R>(&self, with: impl FnOnce(&T) -> R) -> Option<R> {
        let block = current()?;
        let key = self.key();
        let mut value = slot(block, key);
        if value == DESTROYED {
            return None;
        }
        if value.is_null() {
            value = Box::into_raw(Box::new((self.initial)())).cast();
            store(
                block,
                key,
                Slot {
                    value,
                    drop: drop_box::<T>,
                },
            );
        }
        // SAFETY: the slot of this key only ever holds a box of `T`. The box stays until `drop_locals`, which the
        // thread calls outside of any `try_with`, or drops this very value after taking it from its slot.
        Some(with(unsafe { &*value.cast::<T>() }))
    }

    /// Uses the calling thread's value.
    ///
    /// # Panics
    ///
    /// When the value was dropped already, as the thread is ending.
    pub fn with<R>(&self, with: impl FnOnce(&T) -> R) -> R {
        match self.try_with(with) {
            Some(result) => result,
            None => panic!("a thread's own value is used after the thread's end"),
        }
    }
}

/// The pointer in a thread's slot; null when there is none yet.
fn slot(block: &Block, key: usize) -> *mut () {
    // SAFETY: only the thread itself reaches its slots, and no reference to them outlives a line.
    let slots = unsafe { &*block.locals.get() };
    slots.get(key).map_or(null_mut(), |slot| slot.value)
}

fn store(block: &Block, key: usize, slot: Slot) {
    // SAFETY: as in `slot`.
    let slots = unsafe { &mut *block.locals.get() };
    while slots.len() <= key {
        slots.push(Slot {
            value: null_mut(),
            drop: nothing,
        });
    }
    if let Some(place) = slots.get_mut(key) {
        *place = slot;
    }
}

/// Drops the calling thread's values, the youngest key first. A value may still use older ones while it is dropped.
pub(crate) fn drop_locals() {
    let Some(block) = current() else {
        return;
    };
    // SAFETY: as in `slot`.
    let keys = unsafe { &*block.locals.get() }.len();
    for key in (0..keys).rev() {
        // SAFETY: as in `slot`.
        let slots = unsafe { &mut *block.locals.get() };
        let Some(slot) = slots.get_mut(key) else {
            continue;
        };
        let (value, drop) = (slot.value, slot.drop);
        slot.value = DESTROYED;
        if !value.is_null() && value != DESTROYED {
            // SAFETY: the slot held the only pointer to the box, and forgot it.
            unsafe { drop(value) };
        }
    }
}
