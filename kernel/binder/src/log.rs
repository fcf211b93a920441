//! The transaction logs: the last calls and replies, and the last of them that failed.

use crate::context::Context;
use crate::driver::Driver;
use crate::machine::{Pid, TaskId};
use crate::message::Target;
use crate::table::{NodeId, ThreadId};
use crate::transaction::Failure;
use abi::binder::TransactionData;

/// How many entries a log keeps.
const ENTRIES: usize = 32;

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogKind {
    /// A call that waits for its reply.
    Call,
    /// A call without a reply.
    OneWay,
    /// The answer to a call.
    Reply,
}

/// Whether an entry says all there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// The transaction was still being sent.
    Incomplete,
    /// It was sent, or failed.
    Complete,
}

/// A call or reply that was sent or failed.
///
/// In this order so that what is the same for most entries is written in one go.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct LogEntry {
    pub(crate) kind: LogKind,
    pub(crate) completeness: Completeness,
    pub(crate) context: Context,
    /// How it failed.
    pub(crate) failure: Option<Failure>,
    pub(crate) offsets_size: i32,
    pub(crate) id: u32,
    pub(crate) from_proc: Pid,
    pub(crate) from_thread: TaskId,
    pub(crate) to_proc: Pid,
    pub(crate) to_thread: TaskId,
    pub(crate) to_node: u32,
    pub(crate) target_handle: u32,
    pub(crate) data_size: i32,
}

const EMPTY: LogEntry = LogEntry {
    id: 0,
    kind: LogKind::Call,
    context: Context::Binder,
    completeness: Completeness::Incomplete,
    from_proc: Pid(0),
    from_thread: TaskId(0),
    to_proc: Pid(0),
    to_thread: TaskId(0),
    to_node: 0,
    target_handle: 0,
    data_size: 0,
    offsets_size: 0,
    failure: None,
};

/// The last entries, in a ring.
#[derive(Debug)]
pub(crate) struct Log {
    entries: [LogEntry; ENTRIES],
    /// How many were ever added.
    count: usize,
}

impl Log {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            entries: [EMPTY; ENTRIES],
            count: 0,
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, entry: LogEntry) {
        if let Some(place) = self.entries.get_mut(self.count % ENTRIES) {
            *place = entry;
        }
        self.count = self.count.wrapping_add(1);
    }

    #[inline]
    fn last(&mut self) -> Option<&mut LogEntry> {
        self.entries.get_mut(self.count.wrapping_sub(1) % ENTRIES)
    }

    /// The entries, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &LogEntry> {
        let oldest = self.count.saturating_sub(ENTRIES);
        (oldest..self.count).filter_map(|number| self.entries.get(number % ENTRIES))
    }
}

/// Sizes are logged as Linux prints them, as `int`.
#[inline]
const fn logged(size: u64) -> i32 {
    (size & 0xffff_ffff) as u32 as i32
}

impl Driver {
    /// A transaction begins.
    #[inline]
    pub(crate) fn log_begin(&mut self, id: u32, kind: LogKind, caller: ThreadId, data: &TransactionData) {
        let thread = &self.threads[caller];
        let proc = &self.procs[thread.proc];
        self.log.add(LogEntry {
            id,
            kind,
            context: proc.context,
            completeness: Completeness::Incomplete,
            from_proc: proc.pid,
            from_thread: thread.task,
            target_handle: data.handle(),
            data_size: logged(data.data_size),
            offsets_size: logged(data.offsets_size),
            ..EMPTY
        });
    }

    /// It is known what the transaction is for, and no more.
    #[cold]
    pub(crate) fn log_node(&mut self, node: NodeId) {
        let number = self.nodes[node].id;
        if let Some(entry) = self.log.last() {
            entry.to_node = number;
        }
    }

    /// It is known whom the transaction is for.
    #[inline]
    pub(crate) fn log_target(&mut self, target: &Target) {
        let proc = self.procs[target.proc].pid;
        let thread = target
            .thread
            .map_or(TaskId(0), |thread| self.threads[thread].task);
        let node = target.node.map_or(0, |node| self.nodes[node].id);
        if let Some(entry) = self.log.last() {
            entry.to_proc = proc;
            entry.to_thread = thread;
            entry.to_node = node;
        }
    }

    /// The transaction was sent.
    #[inline]
    pub(crate) fn log_end(&mut self) {
        if let Some(entry) = self.log.last() {
            entry.completeness = Completeness::Complete;
        }
    }

    /// The transaction failed.
    #[cold]
    pub(crate) fn log_failure(&mut self, failure: Failure) {
        if let Some(entry) = self.log.last() {
            entry.completeness = Completeness::Complete;
            entry.failure = Some(failure);
            let entry = *entry;
            self.failed_log.add(entry);
        }
    }
}
