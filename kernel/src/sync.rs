//! Locks, and the order in which they are taken.
//!
//! Interrupts are off in ring 0, so a plain spinning lock is enough. Whoever holds a lock may take only locks that
//! stand behind it in this list:
//!
//! 1. the kernel (`task`): everything but what follows;
//! 2. an address space: its areas and page tables;
//! 3. shared pages, a window: the frames they own;
//! 4. the kernel's own page tables;
//! 5. the frame allocator, the heap;
//! 6. the log's ring, a serial port.
//!
//! User memory is touched under the kernel lock at most: a page fault there takes locks 2 to 5.

pub(crate) use spin::{Mutex, MutexGuard, Once};
