//! System calls, as far as tasks know them.
//!
//! Which calls there are is not a task's business: whoever starts the kernel says what makes them. So the calls can know the
//! tasks, and the tasks need not know the calls.

use super::{Flow, Kernel};
use abi::Errno;

/// What makes system calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls {
    /// Makes the call that the current thread's registers ask for, for the first time or again.
    pub(crate) make: fn(&mut Kernel) -> Result<Flow, Errno>,
    /// Whether a call of this number that a signal interrupted may be made again after a handler that asks for it.
    pub(crate) restarts: fn(u64) -> bool,
}
