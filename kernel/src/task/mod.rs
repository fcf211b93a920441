//! Threads and processes: what runs, what waits, how it starts and ends.
//!
//! The kernel is event-style. A trap takes the one lock, changes the state ([`run`]), and returns to whatever thread is
//! current then. A system call never waits inside: it answers, or it leaves a [`Wait`] in its thread, and is carried
//! on later in the thread's own address space ([`block`]).

mod block;
mod clone;
mod credentials;
mod ending;
mod exit;
mod flow;
pub(crate) mod futex;
mod kernel;
mod limits;
mod process;
mod replace;
mod run;
mod scheduler;
pub mod signal;
mod spawn;
mod start;
mod table;
pub mod thread;
mod timers;
mod wait;
mod waiters;

pub use binder_driver::{Pid, TaskId};
pub use clone::NewTask;
pub use credentials::Credentials;
pub use ending::Ending;
pub use exit::EndedChild;
pub use flow::Flow;
pub use kernel::Kernel;
pub use limits::{Limits, STACK as STACK_SIZE};
pub use process::Process;
pub use run::handle;
pub use spawn::Spawn;
pub use start::start;
pub use table::TaskTable;
pub use thread::Thread;
pub use wait::{Channel, Wait};
