//! How a system call goes on.

use super::Wait;
use binder_driver::ThreadId;

/// What a system call decided, unless it failed with an errno.
#[derive(Debug)]
#[must_use]
pub(crate) enum Flow {
    /// It is over, with this result.
    Return(u64),
    /// The thread has to wait. For what, and what happens then, is in the wait.
    Block(Wait),
    /// The thread waits in a read at this place in the binder driver, which carries the call on.
    Read(ThreadId),
    /// The registers are as the thread shall find them, or the thread is no more.
    Stay,
}

impl From<u64> for Flow {
    fn from(result: u64) -> Self {
        Self::Return(result)
    }
}

impl From<usize> for Flow {
    fn from(result: usize) -> Self {
        Self::Return(result as u64)
    }
}

impl From<u32> for Flow {
    fn from(result: u32) -> Self {
        Self::Return(u64::from(result))
    }
}

impl From<()> for Flow {
    fn from((): ()) -> Self {
        Self::Return(0)
    }
}
