//! Threads and processes: what runs, what waits, how it starts and ends.
//!
//! The kernel is event-style. A trap takes the one lock, changes the state ([`run`]), and returns to whatever thread is
//! current then. A system call never waits inside: it answers, or it leaves a [`Wait`] in its thread, and is carried
//! on later in the thread's own address space ([`block`]).

mod block;
mod calls;
mod clone;
mod credentials;
mod ending;
mod exchange;
mod exit;
mod flow;
pub(crate) mod futex;
mod kernel;
mod limits;
mod process;
mod reach;
mod replace;
mod robust;
mod run;
mod scheduler;
pub(crate) mod signal;
mod spawn;
mod start;
mod table;
pub(crate) mod thread;
mod timers;
mod wait;
mod waiters;

pub(crate) use binder_driver::{Pid, TaskId};
pub(crate) use calls::{Calls, QuickCall};
pub(crate) use clone::NewTask;
pub(crate) use credentials::Credentials;
pub(crate) use ending::Ending;
pub(crate) use exit::EndedChild;
pub(crate) use flow::Flow;
pub(crate) use kernel::Kernel;
pub(crate) use limits::{Limits, STACK as STACK_SIZE};
pub(crate) use process::Process;
pub(crate) use reach::Reach;
pub(crate) use run::{handle, handle_quickly, handle_system_call, handle_write_read};
pub(crate) use spawn::Spawn;
pub(crate) use start::start;
pub(crate) use table::TaskTable;
pub(crate) use thread::{KnownBinder, Thread};
pub(crate) use wait::{Channel, On, Wait};
