//! Threads, as the C libraries of Linux make them: clone with shared memory, on a stack of one's own.
//!
//! A thread's [`Block`](block::Block) lies at the upper end of its stack mapping, and the FS register points to it. It
//! holds the number that the kernel clears when the thread is gone, which is what joining waits for.

mod block;
mod handle;
mod local;
mod start;

pub use handle::JoinHandle;
pub use local::Local;

pub(crate) use block::adopt_main;
pub(crate) use local::drop_locals;

use crate::Result;
use crate::syscall::gettid;

/// A stack that is enough for most threads.
pub const STACK: usize = 256 << 10;

/// The calling thread.
pub fn current_id() -> i32 {
    gettid()
}

/// Starts a thread with at least `stack` bytes of stack.
///
/// Dropping the handle lets the thread run on by itself. The whole process ends with its first thread.
///
/// # Errors
///
/// ENOMEM or EAGAIN when the kernel has no room for it.
pub fn spawn<T: Send + 'static>(
    stack: usize,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    handle::spawn(stack, run)
}
