//! Locks, and the order in which they are taken.
//!
//! Interrupts are off in ring 0, so a plain spinning lock is enough. Whoever holds a lock may take only locks that
//! stand behind it in this list:
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

pub(crate) use spin::{Mutex, MutexGuard, Once};
