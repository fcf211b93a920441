//! System calls, as far as tasks know them.
//!
//! Which calls there are is not a task's business: whoever starts the kernel says what makes them. So the calls can know the
//! tasks, and the tasks need not know the calls.

use super::{Flow, Kernel};
use abi::Errno;

/// A system call that is over at once: it neither waits, nor wakes, nor ends anybody, nor changes registers. It gets the
/// first three arguments. Nothing if it is not so quick this time; then it has done nothing.
pub(crate) type QuickCall = fn(&mut Kernel, [u64; 3]) -> Option<Result<u64, Errno>>;

/// What makes system calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls {
    /// The quick ones by their numbers. They are tried before anything else.
    pub(crate) quick: &'static [Option<QuickCall>],
    /// Makes the call that the current thread's registers ask for, for the first time or again.
    pub(crate) make: fn(&mut Kernel) -> Result<Flow, Errno>,
    /// Whether a call of this number that a signal interrupted may be made again after a handler that asks for it.
    pub(crate) restarts: fn(u64) -> bool,
}
