//! What the model consists of, and what its users say.

use super::At;
use super::reads::Reading;
use super::reads::Return;

/// What a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Transaction(At),
    Complete(&'static str, At),
    ReturnError(At),
    ReplyError(At),
    Node(At),
    Watch(At),
    Freeze(At),
}

/// One open of the device.
#[derive(Debug, Default)]
pub(super) struct Proc {
    pub(super) pid: u32,
    pub(super) gone: bool,
    pub(super) todo: Vec<Work>,
    /// The one that began to wait last stands last.
    pub(super) waiting: Vec<At>,
    pub(super) delivered_deaths: Vec<Work>,
    pub(super) delivered_freezes: Vec<Work>,
    pub(super) outstanding: u32,
    pub(super) frozen: bool,
    pub(super) max_threads: u32,
    pub(super) requested: u32,
    pub(super) started: u32,
}

#[derive(Debug, Default)]
pub(super) struct Thread {
    pub(super) proc: At,
    pub(super) task: u32,
    pub(super) gone: bool,
    pub(super) todo: Vec<Work>,
    pub(super) process_todo: bool,
    pub(super) need_return: bool,
    pub(super) registered: bool,
    pub(super) entered: bool,
    pub(super) stack: Option<At>,
    pub(super) return_error: Option<&'static str>,
    pub(super) reply_error: Option<&'static str>,
    pub(super) blocked: Option<Blocked>,
}

/// A read that waits.
#[derive(Debug)]
pub(super) struct Blocked {
    pub(super) reading: Reading,
    pub(super) for_proc_work: bool,
    pub(super) written: Vec<Return>,
}

#[derive(Debug)]
pub(super) struct Node {
    /// Nobody for a dead one.
    pub(super) owner: Option<At>,
    pub(super) gone: bool,
    pub(super) ptr: u64,
    pub(super) cookie: u64,
    pub(super) local_strong: u32,
    pub(super) local_weak: u32,
    pub(super) has_strong: bool,
    pub(super) has_weak: bool,
    pub(super) pending_strong: bool,
    pub(super) pending_weak: bool,
    pub(super) oneway_active: bool,
    pub(super) oneways: Vec<Work>,
}

#[derive(Debug)]
pub(super) struct Reference {
    pub(super) proc: At,
    pub(super) node: At,
    pub(super) handle: u32,
    pub(super) gone: bool,
    pub(super) strong: u32,
    pub(super) weak: u32,
    pub(super) watch: Option<At>,
    pub(super) freeze: Option<At>,
}

#[derive(Debug, Default)]
pub(super) struct Transaction {
    pub(super) from: Option<At>,
    pub(super) from_parent: Option<At>,
    pub(super) to_proc: Option<At>,
    pub(super) to_thread: Option<At>,
    pub(super) to_parent: Option<At>,
    pub(super) node: Option<At>,
    pub(super) oneway: bool,
    pub(super) code: u32,
    pub(super) buffer: Option<At>,
}

/// Where a message lies.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// The receiver.
    pub(super) proc: At,
    /// Known when it is delivered.
    pub(crate) address: Option<u64>,
    pub(crate) freed: bool,
    pub(super) node: Option<At>,
    pub(super) oneway: bool,
    pub(super) transaction: Option<At>,
    pub(super) word: u64,
    /// As the receiver sees them.
    pub(super) objects: Vec<Object>,
}

/// Somebody who wants to hear of a death.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) cookie: u64,
    pub(super) state: WatchState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchState {
    Armed,
    Dead,
    DeadAndCleared,
    Cleared,
}

/// Somebody who wants to hear of freezing.
#[derive(Debug)]
pub(super) struct Freeze {
    pub(super) cookie: u64,
    pub(super) frozen: bool,
    pub(super) cleared: bool,
    pub(super) sent: bool,
    pub(super) resend: bool,
}

/// An object in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    Binder { ptr: u64, cookie: u64 },
    WeakBinder { ptr: u64, cookie: u64 },
    Handle(u32),
    WeakHandle(u32),
}

/// A call or reply.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) handle: u32,
    pub(crate) oneway: bool,
    pub(crate) code: u32,
    pub(crate) word: u64,
    pub(crate) objects: Vec<Object>,
}

/// A command.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Call(Message),
    Reply(Message),
    Free(u64),
    Increfs(u32),
    Acquire(u32),
    Release(u32),
    Decrefs(u32),
    IncrefsDone(u64, u64),
    AcquireDone(u64, u64),
    Enter,
    Register,
    RequestDeath(u32, u64),
    ClearDeath(u32, u64),
    DeadDone(u64),
    RequestFreeze(u32, u64),
    ClearFreeze(u32, u64),
    FreezeDone(u64),
}
