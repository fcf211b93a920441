//! Who sends.

use super::Unusual;
use crate::context::Context;
use crate::driver::Driver;
use crate::machine::{Pid, TaskId};
use crate::table::{ProcId, ThreadId, TransactionId};
use crate::thread::{Looper, NO_ERROR, Thread};
use abi::binder::ioctl::ExtendedError;
use abi::binder::reply::BR_OK;

/// A thread that has nothing to read of its own, and its proc, as they are before anything is changed.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) thread: ThreadId,
    pub(super) task: TaskId,
    pub(super) looper: Looper,
    pub(super) need_return: bool,
    pub(super) stack: Option<TransactionId>,
    pub(super) proc: ProcId,
    pub(super) pid: Pid,
    pub(super) context: Context,
}

impl Driver {
    /// The caller as a sender.
    #[inline(always)]
    pub(super) fn direct_sender(&self, caller: ThreadId) -> Result<Sender, Unusual> {
        let thread = self.threads.get(caller).ok_or(Unusual)?;
        if thread.return_error != BR_OK || !thread.has_nothing() {
            return Err(Unusual);
        }
        let proc = &self.procs[thread.proc];
        Ok(Sender {
            thread: caller,
            task: thread.task,
            looper: thread.looper,
            need_return: thread.need_return,
            stack: thread.stack,
            proc: thread.proc,
            pid: proc.pid,
            context: proc.context,
        })
    }
}

/// Notes that a thread's last call or reply has not failed.
#[inline(always)]
pub(super) fn clear_error(thread: &mut Thread, id: u32) {
    thread.extended_error = ExtendedError { id, ..NO_ERROR };
}
