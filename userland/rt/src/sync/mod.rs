//! Locks between threads, on the futex.

mod condvar;
mod mutex;
mod once;

pub use condvar::{Condvar, Woken};
pub use mutex::{Mutex, MutexGuard, RawMutex};
pub use once::Once;
