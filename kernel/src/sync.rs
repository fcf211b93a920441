//! Locks, and the order in which they are taken.
//!
//! There is one processor, and interrupts are off in ring 0. So a lock that is held when it is taken would never be let go
//! of: taking it panics. Whoever holds a lock may take only locks that stand behind it in this list:
//!
//! 1. the kernel (`task`): everything but what follows;
//! 2. what open files share (`file`): the bytes of a pipe, the entries of a directory;
//! 3. an address space: its areas and page tables;
//! 4. shared pages, a window: the frames they own;
//! 5. the kernel's own page tables;
//! 6. the frame allocator, the heap;
//! 7. the log's ring, a serial port.
//!
//! User memory is touched under the first two at most: a page fault there takes locks 3 to 6.

pub(crate) use spin::{MutexGuard, Once};

/// Data behind a lock.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(spin::Mutex<T>);

impl<T> Mutex<T> {
    /// Data that nobody has locked.
    pub(crate) const fn new(data: T) -> Self {
        Self(spin::Mutex::new(data))
    }

    /// Takes the lock.
    ///
    /// # Panics
    ///
    /// If it is held.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        match self.0.try_lock() {
            Some(guard) => guard,
            None => held(),
        }
    }

    /// Takes the lock, unless it is held.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.0.try_lock()
    }

    /// The data, for whoever has the lock to itself.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }
}

#[cold]
#[inline(never)]
fn held() -> ! {
    panic!("a lock is taken that is held")
}
