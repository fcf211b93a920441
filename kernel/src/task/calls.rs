//! System calls, as far as tasks know them.
//!
//! Which calls there are is not a task's business: whoever starts the kernel says what makes them. So the calls can know the
//! tasks, and the tasks need not know the calls.

use super::{Flow, Kernel};
use abi::Errno;

/// Makes a system call that is over at once: it neither waits, nor wakes, nor ends anybody, nor changes registers. It gets
/// the number and the first three arguments. Nothing if it is no such call, or not so quick this time; then nothing is
/// done.
pub(crate) trait QuickCall: FnOnce(&mut Kernel, u64, [u64; 3]) -> Option<Result<u64, Errno>> {}

impl<T: FnOnce(&mut Kernel, u64, [u64; 3]) -> Option<Result<u64, Errno>>> QuickCall for T {}

/// What makes system calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls {
    /// Makes the call that the current thread's registers ask for, for the first time or again.
    pub(crate) make: fn(&mut Kernel) -> Result<u64, Flow>,
    /// Whether a call of this number that a signal interrupted may be made again after a handler that asks for it.
    pub(crate) restarts: fn(u64) -> bool,
}
