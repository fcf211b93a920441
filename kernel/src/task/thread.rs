//! Threads: what runs.

use super::signal::ThreadSignals;
use super::table::Numbered;
use super::{Credentials, Pid, TaskId, Wait};
use crate::arch::Context;
use crate::mm::AddressSpace;
use abi::signal::SignalSet;
use abi::thread::TASK_COMM_LEN;
use alloc::boxed::Box;
use alloc::sync::Arc;
use binder_driver::{ProcId, Resumption, ThreadId};

/// One thread.
#[derive(Debug)]
pub(crate) struct Thread {
    /// Its number.
    pub(crate) id: TaskId,
    /// Its process.
    pub(crate) process: Pid,
    /// Its name, closed by a NUL.
    pub(crate) name: [u8; TASK_COMM_LEN],
    /// Its registers while it is not on the processor.
    pub(crate) context: Context,
    /// Its process's memory; kept here so that switching needs the thread alone.
    pub(crate) space: Arc<AddressSpace>,
    /// Whether it runs, could run, or has to wait.
    pub(crate) state: State,
    /// Where in the binder driver it waits in a read. It waits for nothing else then.
    pub(crate) reading: Option<ThreadId>,
    /// Any other system call that is not over yet.
    pub(crate) wait: Option<Wait>,
    /// What ended the wait, once the thread is ready again.
    pub(crate) resumption: Resumption,
    /// Its users and groups.
    pub(crate) credentials: Credentials,
    /// How readily it gives way, −20 to 19.
    pub(crate) nice: i8,
    /// Its nice value, if a wish of the driver for this one is known to change nothing; else [`Self::UNSETTLED`].
    pub(crate) settled_nice: i8,
    /// The word to clear when it ends, 0 for none.
    pub(crate) clear_child_tid: u64,
    /// The list of the robust mutexes that it holds, 0 for none.
    pub(crate) robust_list: u64,
    /// What it blocks, and the signals that it alone may take.
    pub(crate) signals: ThreadSignals,
    /// The binder file it used last.
    pub(crate) binder: KnownBinder,
}

// Most of what a thread costs while it waits: the heap's next larger blocks have 320 bytes.
const _: () = assert!(size_of::<Thread>() <= 256);

/// A binder file that a thread has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownBinder {
    /// The file's process in the driver.
    proc: Option<ProcId>,
    /// The thread's place there.
    pub(crate) thread: ThreadId,
    /// The file's descriptor, [stamped](crate::file::changes::stamp) when it was looked up, if its reads may wait.
    pub(crate) stamp: u64,
}

impl KnownBinder {
    /// No stamp.
    const UNKNOWN: u64 = 0;

    /// None is known.
    pub(crate) const NONE: Self = Self {
        proc: None,
        thread: ThreadId::NOWHERE,
        stamp: Self::UNKNOWN,
    };

    /// A file whose descriptor is not known.
    pub(crate) const fn new(proc: ProcId, thread: ThreadId) -> Self {
        Self {
            proc: Some(proc),
            thread,
            stamp: Self::UNKNOWN,
        }
    }

    /// Whether it is the file of this process in the driver.
    pub(crate) fn is_of(&self, proc: ProcId) -> bool {
        self.proc == Some(proc)
    }
}

/// Where a thread stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is the current thread.
    Running,
    /// It waits for the processor only.
    Ready,
    /// It waits for something.
    Blocked,
}

impl Numbered for Thread {
    #[inline(always)]
    fn number(&self) -> u32 {
        self.id.0
    }
}

impl Thread {
    /// No nice value.
    pub(crate) const UNSETTLED: i8 = i8::MIN;

    /// The first thread of a process, ready to run and without a name.
    pub(super) fn new(
        id: TaskId,
        context: Context,
        space: Arc<AddressSpace>,
        credentials: Credentials,
    ) -> Box<Self> {
        Box::new(Self {
            id,
            process: Pid(id.0),
            name: [0; TASK_COMM_LEN],
            context,
            space,
            state: State::Ready,
            reading: None,
            wait: None,
            resumption: Resumption::Woken,
            credentials,
            nice: 0,
            settled_nice: Self::UNSETTLED,
            clear_child_tid: 0,
            robust_list: 0,
            signals: ThreadSignals::new(SignalSet::EMPTY),
            binder: KnownBinder::NONE,
        })
    }

    /// Its name as text, as far as it is text.
    pub(crate) fn name(&self) -> &str {
        let end = self
            .name
            .iter()
            .position(|&byte| byte == 0)
            .unwrap_or(self.name.len());
        core::str::from_utf8(&self.name[..end]).unwrap_or("?")
    }

    /// Whether its system call is to be carried on.
    #[inline]
    pub(crate) fn is_unfinished(&self) -> bool {
        self.reading.is_some() || self.wait.is_some()
    }

    /// Forgets its place in the driver.
    pub(crate) fn forget_binder(&mut self) {
        self.binder = KnownBinder::NONE;
    }

    /// The name of what runs the program at a path.
    pub(super) fn name_of(path: &[u8]) -> [u8; TASK_COMM_LEN] {
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        Self::fit_name(name)
    }

    /// Cuts a name to what fits, and closes it.
    pub(crate) fn fit_name(name: &[u8]) -> [u8; TASK_COMM_LEN] {
        let mut fitted = [0; TASK_COMM_LEN];
        let length = name
            .iter()
            .position(|&byte| byte == 0)
            .unwrap_or(name.len())
            .min(TASK_COMM_LEN - 1);
        fitted[..length].copy_from_slice(&name[..length]);
        fitted
    }
}
