//! Events: what the driver tells a tracer while tracing is on.
//!
//! An event is a small value without references, made only when somebody wants it. Together the events of a run are
//! enough to draw its sequence diagram: who called whom, when it was read, answered and freed.

use crate::machine::{Pid, TaskId};

/// Something that happened in the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A thread's command was taken.
    Command {
        /// The thread.
        task: TaskId,
        /// The `BC_` code.
        code: u32,
    },
    /// A thread was given a return.
    Return {
        /// The thread.
        task: TaskId,
        /// The `BR_` code.
        code: u32,
    },
    /// A call or reply was accepted and queued.
    Sent {
        /// The transaction.
        id: u32,
        /// What it is.
        kind: SentKind,
        /// The sending process.
        from: Pid,
        /// The sending thread.
        from_task: TaskId,
        /// The receiving process.
        to: Pid,
        /// The receiving thread, where it is known already.
        to_task: Option<TaskId>,
        /// The called node, 0 for a reply.
        node: u32,
        /// What the call means to the programs.
        code: u32,
        /// The transaction's flags.
        flags: u32,
        /// Bytes of data.
        data_size: usize,
        /// Bytes of the array of object offsets.
        offsets_size: usize,
    },
    /// A transaction reached a thread.
    Received {
        /// The transaction.
        id: u32,
        /// The thread that read it.
        task: TaskId,
    },
    /// A call or reply failed.
    Failed {
        /// The transaction that would have been.
        id: u32,
        /// The thread that sent it.
        task: TaskId,
        /// The `BR_` code of the failure.
        reply: u32,
        /// A negated errno, or 0.
        parameter: i32,
    },
    /// A blocked thread is to go on.
    Wake {
        /// The thread.
        task: TaskId,
    },
    /// Room for a transaction was taken from a receiver's region.
    BufferAllocated {
        /// The receiver.
        pid: Pid,
        /// Where in the region.
        offset: usize,
        /// How much.
        size: usize,
    },
    /// A buffer was given back.
    BufferFreed {
        /// The receiver.
        pid: Pid,
        /// Where in the region.
        offset: usize,
    },
    /// Pages of a region were backed with memory.
    PagesMapped {
        /// The receiver.
        pid: Pid,
        /// The first page.
        first: usize,
        /// Their number.
        count: usize,
    },
    /// An owner was told of a change of its node's references.
    Node {
        /// The owner.
        pid: Pid,
        /// The node.
        node: u32,
        /// Whether the owner now holds a strong reference for others.
        strong: bool,
        /// Whether the owner now holds a weak reference for others.
        weak: bool,
    },
    /// A thread joined or left the pool.
    Looper {
        /// The thread.
        task: TaskId,
        /// The `BC_` code.
        code: u32,
    },
    /// A death notification was delivered.
    Death {
        /// The process that hears of it.
        pid: Pid,
        /// The cookie it registered.
        cookie: u64,
    },
}

/// The kinds of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentKind {
    /// A call that waits for its reply.
    Call,
    /// A call without a reply.
    OneWay,
    /// The answer to a call.
    Reply,
}
