//! Who sends.

use crate::context::Context;
use crate::machine::{Pid, TaskId, UserAddress};
use crate::proc::Proc;
use crate::table::{ProcId, ThreadId, TransactionId};
use crate::thread::{Looper, NO_ERROR, Thread};
use abi::binder::ioctl::ExtendedError;
use abi::binder::reply::BR_OK;

/// A thread and its proc, as they are before anything is changed.
#[derive(Clone, Copy)]
pub(super) struct Sender {
    pub(super) thread: ThreadId,
    /// Whether its commands are taken, and it has nothing to read of its own.
    pub(super) may_send: bool,
    pub(super) task: TaskId,
    pub(super) looper: Looper,
    pub(super) need_return: bool,
    pub(super) stack: Option<TransactionId>,
    pub(super) proc: ProcId,
    pub(super) pid: Pid,
    pub(super) context: Context,
    /// Where its read begins.
    pub(super) read_buffer: UserAddress,
}

impl Sender {
    /// A thread of a proc.
    #[inline(always)]
    pub(super) fn new(id: ThreadId, thread: &Thread, proc: &Proc) -> Self {
        Self {
            thread: id,
            may_send: thread.return_error == BR_OK && thread.has_nothing(),
            task: thread.task,
            looper: thread.looper,
            need_return: thread.need_return,
            stack: thread.stack,
            proc: thread.proc,
            pid: proc.pid,
            context: proc.context,
            read_buffer: thread.read.write_read.read_buffer,
        }
    }
}

/// Notes that a thread's last call or reply has not failed.
#[inline(always)]
pub(super) fn clear_error(thread: &mut Thread, id: u32) {
    thread.extended_error = ExtendedError { id, ..NO_ERROR };
}
