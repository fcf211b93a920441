//! Transactions: calls and replies under way.
//!
//! A synchronous call is on two stacks: its sender's from the moment it is sent, its receiver's from the moment it is
//! read. The top of a thread's stack tells its role: a call that the thread sent means it waits, one that it read
//! means it must reply. The stacks of nested calls run through several threads, so that a call back into a process
//! finds the thread there that waits for it.
//!
//! ```text
//!  sender's stack ──▶ transaction ◀── receiver's stack
//!         from_parent │         │ to_parent
//!                     ▼         ▼
//! ```

use crate::driver::Driver;
use crate::effects::Effect;
use crate::errors::ErrorKind;
use crate::list::Links;
use crate::machine::{FileId, Pid, TaskId, Ticks};
use crate::table::{BufferId, Element, ProcId, ThreadId, TransactionId, WorkId};
use abi::Errno;
use abi::binder::ioctl::ExtendedError;
use abi::binder::reply::{BR_DEAD_REPLY, BR_FAILED_REPLY, BR_FROZEN_REPLY, BR_NOOP, BR_TRANSACTION_COMPLETE};
use abi::binder::{TransactionData, TransactionFlags};
use alloc::vec::Vec;
use zerocopy::{Immutable, IntoBytes};

/// A file on its way to a receiver, and where in the buffer its number is to be written.
#[derive(Debug)]
pub(crate) struct SentFile {
    pub(crate) file: FileId,
    pub(crate) offset: usize,
    pub(crate) placement: Placement,
}

/// Where a descriptor stands in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// In an object of its own: the receiver closes it.
    Object,
    /// In an array of descriptors: the driver closes it when the buffer is freed.
    Array,
}

/// What a reader is told of a call or reply, as it stands in its memory: that its own call was accepted, if it was, and the
/// message.
#[derive(Debug, IntoBytes, Immutable)]
#[repr(C, align(8))]
pub(crate) struct Announcement {
    /// `BR_TRANSACTION_COMPLETE`.
    pub(crate) accepted: u32,
    /// The return's code.
    pub(crate) code: u32,
    pub(crate) data: TransactionData,
}

impl Announcement {
    /// Nothing to tell.
    const EMPTY: Self = Self::new(0, 0, 0);

    /// What is known of a message from the start.
    pub(crate) const fn new(code: u32, flags: u32, sender_euid: u32) -> Self {
        Self {
            accepted: BR_TRANSACTION_COMPLETE,
            code: BR_NOOP,
            data: TransactionData {
                target: 0,
                cookie: 0,
                code,
                flags,
                sender_pid: 0,
                sender_euid,
                data_size: 0,
                offsets_size: 0,
                buffer: 0,
                offsets: 0,
            },
        }
    }
}

/// A call or reply under way.
#[derive(Debug)]
pub(crate) struct Transaction {
    /// Its number in the debug files and in extended errors.
    pub(crate) id: u32,
    /// The item of work that speaks of it; none if it was handed to its reader [directly](crate::direct).
    pub(crate) work: Option<WorkId>,
    /// The thread that waits for the reply, while it does.
    pub(crate) from: Option<ThreadId>,
    /// What is below it on the sender's stack.
    pub(crate) from_parent: Option<TransactionId>,
    /// The receiver, while it lives.
    pub(crate) to_proc: Option<ProcId>,
    /// The thread that is to read it or has read it, where that is settled.
    pub(crate) to_thread: Option<ThreadId>,
    /// What is below it on the receiver's stack.
    pub(crate) to_parent: Option<TransactionId>,
    /// Its data, until that is freed.
    pub(crate) buffer: Option<BufferId>,
    /// What its reader is told. The code, the flags and the sender's user stand there from the start, all else when it
    /// was sent [directly](crate::direct) or is being read.
    pub(crate) announcement: Announcement,
    /// The sender's nice value.
    pub(crate) priority: i8,
    /// The nice value that the receiver returns to when it replies, once it has read this.
    pub(crate) saved_priority: i8,
    /// Where in the receiver's memory the sender's security context is, if the node asked for it.
    pub(crate) security_context: Option<u64>,
    /// Files to be installed in the receiver when it reads this.
    pub(crate) files: Vec<SentFile>,
    pub(crate) from_pid: Pid,
    pub(crate) from_task: TaskId,
    pub(crate) updates: Links<TransactionId>,
    /// When it was sent, in the machine's ticks.
    pub(crate) started: Ticks,
}

impl Transaction {
    /// What the sender gave as its code.
    #[inline]
    pub(crate) fn code(&self) -> u32 {
        self.announcement.data.code
    }

    /// What the sender gave as its flags.
    #[inline]
    pub(crate) fn flags(&self) -> TransactionFlags {
        TransactionFlags::from_bits_retain(self.announcement.data.flags)
    }

    /// Whether it is what stands in a [vacant](Element::vacant) place, as far as that matters: what a message need not have
    /// is not there.
    pub(crate) fn is_plain(&self) -> bool {
        let has_more = self.work.is_some() || self.to_parent.is_some() || self.security_context.is_some();
        !has_more && self.files.capacity() == 0
    }

    /// Its sender waits for no answer any more, and has no number.
    #[inline(always)]
    pub(crate) fn forget_sender(&mut self) {
        self.from = None;
        self.announcement.data.sender_pid = 0;
    }

    /// Whether nobody waits for an answer.
    #[inline]
    pub(crate) fn is_oneway(&self) -> bool {
        self.flags().contains(TransactionFlags::ONE_WAY)
    }
}

impl Element for Transaction {
    fn vacant() -> Self {
        Self {
            id: 0,
            work: None,
            from: None,
            from_parent: None,
            to_proc: None,
            to_thread: None,
            to_parent: None,
            buffer: None,
            announcement: Announcement::EMPTY,
            priority: 0,
            saved_priority: 0,
            security_context: None,
            files: Vec::new(),
            from_pid: Pid(0),
            from_task: TaskId(0),
            updates: Links::new(),
            started: Ticks { low: 0, high: 0 },
        }
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.work = None;
        self.to_parent = None;
        self.security_context = None;
        if self.files.capacity() > 0 {
            self.files = Vec::new();
        }
    }
}

/// How a conversation fails, as opposed to a system call: the sender reads it as a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The target is dead: `BR_DEAD_REPLY`.
    Dead(Option<Errno>),
    /// The call or reply is wrong or cannot be carried: `BR_FAILED_REPLY`.
    Failed(Errno),
    /// The target is frozen: `BR_FROZEN_REPLY`.
    Frozen,
}

impl Failure {
    /// The return that the sender reads.
    pub(crate) const fn reply(self) -> u32 {
        match self {
            Self::Dead(_) => BR_DEAD_REPLY,
            Self::Failed(_) => BR_FAILED_REPLY,
            Self::Frozen => BR_FROZEN_REPLY,
        }
    }

    /// The negated errno of the extended error.
    pub(crate) const fn parameter(self) -> i32 {
        match self {
            Self::Dead(Some(errno)) | Self::Failed(errno) => errno.negated(),
            Self::Dead(None) | Self::Frozen => 0,
        }
    }

    /// The extended error for a transaction.
    pub(crate) const fn extended(self, id: u32) -> ExtendedError {
        ExtendedError {
            id,
            command: self.reply(),
            param: self.parameter(),
        }
    }
}

impl Driver {
    /// Whether a transaction is a call that must be answered. A reply's buffer is for no node, and lives as long as the reply.
    pub(crate) fn needs_reply(&self, transaction: &Transaction) -> bool {
        let target = transaction.buffer.map(|buffer| self.buffers[buffer].target);
        !transaction.is_oneway() && target != Some(None)
    }

    /// Ends a transaction. Its buffer, if any, lives on.
    pub(crate) fn free_transaction(&mut self, id: TransactionId) {
        let Some(transaction) = self.transactions.get_mut(id) else {
            return;
        };
        let (work, to_proc, buffer) = (transaction.work, transaction.to_proc, transaction.buffer);
        let files = core::mem::take(&mut transaction.files);
        self.transactions.discard(id);
        if let Some(work) = work {
            self.works.discard(work);
        }
        if let Some(proc) = to_proc {
            self.settle_outstanding(proc);
        }
        if let Some(buffer) = buffer {
            self.buffers[buffer].transaction = None;
        }
        for sent in &files {
            self.effects.rest.push(Effect::DropFile(sent.file));
        }
    }

    /// A proc has one outstanding transaction less. Whoever waits to freeze it hears when it was the last.
    #[inline]
    pub(crate) fn settle_outstanding(&mut self, id: ProcId) {
        self.procs[id].outstanding.down();
        self.look_at_freezers(id);
    }

    /// Whoever waits to freeze a proc hears when nothing is outstanding any more.
    #[inline]
    pub(crate) fn look_at_freezers(&mut self, id: ProcId) {
        let proc = &self.procs[id];
        if proc.frozen.frozen && proc.outstanding.is_zero() {
            self.wake_freezers(id);
        }
    }

    /// Takes a call off its sender's stack, where it is on top.
    #[inline]
    pub(crate) fn pop_transaction(&mut self, sender: ThreadId, id: TransactionId) {
        let transaction = &mut self.transactions[id];
        transaction.forget_sender();
        let thread = &mut self.threads[sender];
        thread.stack = transaction.from_parent;
        self.procs[thread.proc].calls.end();
    }

    /// A call ends without a reply: tells the nearest thread that still waits for it, or for a call it was made for.
    pub(crate) fn fail_transaction(&mut self, id: TransactionId, reply: u32) {
        let mut next = Some(id);
        while let Some(id) = next {
            let (from, parent) = {
                let transaction = &self.transactions[id];
                (transaction.from, transaction.from_parent)
            };
            if let Some(thread) = from {
                self.pop_transaction(thread, id);
                if self.threads[thread].errors.code(ErrorKind::Reply).is_none() {
                    self.queue_error(thread, ErrorKind::Reply, reply);
                    self.wake(thread);
                }
            }
            self.free_transaction(id);
            next = if from.is_some() { None } else { parent };
        }
    }

    /// Ends a transaction that will not be handled, and tells its sender if that waits.
    pub(crate) fn cancel_transaction(&mut self, id: TransactionId, reply: u32) {
        let transaction = &self.transactions[id];
        let is_call = transaction
            .buffer
            .is_some_and(|buffer| self.buffers[buffer].target.is_some());
        if is_call && !transaction.is_oneway() {
            self.fail_transaction(id, reply);
        } else {
            self.free_transaction(id);
        }
    }
}
