//! Threads: the driver's view of a task that talks to it through one open.

use crate::direct::Ahead;
use crate::driver::Driver;
use crate::errors::{ErrorKind, Errors};
use crate::list::{Chain, Links};
use crate::machine::TaskId;
use crate::read::ReadCall;
use crate::table::{Element, FreezeWaitId, Id, ProcId, Table, ThreadId, TransactionId, WorkId};
use crate::work::{Work, WorkItem, WorkList};
use abi::Errno;
use abi::binder::ioctl::ExtendedError;
use abi::binder::reply::BR_OK;
use bitflags::bitflags;
use core::iter;

bitflags! {
    /// What a thread has said or shown of itself. The bits are those that the debug files print, which have one more for
    /// [a blocked read](Self::BLOCKED).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Looper: u8 {
        /// It joined the pool on the driver's request.
        const REGISTERED = 0x01;
        /// It joined the pool of its own accord.
        const ENTERED = 0x02;
        /// It left the pool.
        const EXITED = 0x04;
        /// It mixed the commands up.
        const INVALID = 0x08;
        /// It has asked with poll.
        const POLL = 0x20;
        /// In the pool.
        const IN_POOL = Self::REGISTERED.bits() | Self::ENTERED.bits();
    }
}

impl Looper {
    /// What the debug files add for a thread that is blocked in a read.
    pub(crate) const BLOCKED: u8 = 0x10;
}

/// What a thread's blocked call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocked {
    /// None.
    No,
    /// A read that found nothing yet, with room for all that may come, and nothing in its buffer but the code for nothing.
    /// No error has come to the thread since.
    PlainRead,
    /// Any other read that found nothing yet.
    Read,
    /// A freeze that waits for transactions to end.
    Freeze,
}

impl Blocked {
    /// Whether it is a read.
    #[inline(always)]
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::PlainRead | Self::Read)
    }
}

/// What a thread has to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// Work.
    Work(Work),
    /// An error of its own.
    Error(ErrorKind),
}

/// A thread.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) proc: ProcId,
    pub(crate) task: TaskId,
    pub(crate) looper: Looper,
    /// The next read returns even with nothing to say. A new thread starts so.
    pub(crate) need_return: bool,
    /// Something in `todo` was not deferred.
    pub(crate) process_todo: bool,
    /// How often it was told that there is something to read, since it polls.
    pub(crate) news: u32,
    /// What stands before everything in `todo`.
    pub(crate) ahead: Ahead,
    /// What only this thread may read.
    pub(crate) todo: WorkList,
    /// The innermost transaction this thread takes part in.
    pub(crate) stack: Option<TransactionId>,
    pub(crate) blocked: Blocked,
    /// Its read, while it is blocked in one.
    pub(crate) read: ReadCall,
    /// Its freeze, while it is blocked in one.
    pub(crate) freeze: Option<FreezeWaitId>,
    /// What has failed.
    pub(crate) errors: Errors,
    pub(crate) extended_error: ExtendedError,
    waiting: Links<ThreadId>,
    siblings: Links<ThreadId>,
    polling: Links<ThreadId>,
}

impl Thread {
    /// A thread that has not made a call yet.
    fn new(proc: ProcId, task: TaskId) -> Self {
        Self {
            proc,
            task,
            looper: Looper::empty(),
            need_return: true,
            process_todo: false,
            news: 0,
            ahead: Ahead::NOTHING,
            todo: WorkList::new(),
            stack: None,
            blocked: Blocked::No,
            read: ReadCall::default(),
            freeze: None,
            errors: Errors::NONE,
            extended_error: NO_ERROR,
            waiting: Links::new(),
            siblings: Links::new(),
            polling: Links::new(),
        }
    }

    /// Whether a read that begins now may take work of the proc.
    #[inline]
    pub(crate) fn may_take_proc_work(&self) -> bool {
        self.stack.is_none() && self.has_nothing()
    }

    /// Whether there is nothing that only this thread may read.
    #[inline]
    pub(crate) fn has_nothing(&self) -> bool {
        self.unread() == 0
    }

    /// As [`Self::has_nothing`], and whether the thread's last commands have not failed: 0 if both is so. One number, so
    /// that it is asked for once.
    #[inline(always)]
    pub(crate) fn pending(&self) -> u64 {
        self.unread() | self.errors.keep_commands_back()
    }

    /// What only this thread may read: 0 if there is nothing.
    #[inline(always)]
    fn unread(&self) -> u64 {
        self.todo.front().map_or(0, Id::to_bits)
            | self.ahead.handed.map_or(0, Id::to_bits)
            | u64::from(self.ahead.accepted)
            | self.errors.queued()
    }

    /// All that it has to read, in order.
    pub(crate) fn all_unread<'a>(
        &self,
        works: &'a Table<WorkItem, WorkId>,
    ) -> impl Iterator<Item = Unread> + use<'a> {
        let errors = self.errors;
        let ahead = self.ahead.iter().map(Unread::Work);
        let front = errors.behind(None).map(Unread::Error);
        let queue = self.todo.iter(works).flat_map(move |item| {
            let work = Unread::Work(works[item].work);
            iter::once(work).chain(errors.behind(Some(item)).map(Unread::Error))
        });
        ahead.chain(front).chain(queue)
    }

    /// Whether the thread has asked with poll.
    #[inline]
    pub(crate) fn polls(&self) -> bool {
        self.polling.is_linked()
    }

    /// Whether the thread is on its proc's list of waiting threads.
    #[inline]
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_linked()
    }
}

impl Element for Thread {
    fn vacant() -> Self {
        Self::new(Id::NONE, TaskId(0))
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

/// No failure to tell of.
pub(crate) const NO_ERROR: ExtendedError = ExtendedError {
    id: 0,
    command: BR_OK,
    param: 0,
};

/// Chains the waiting threads of a proc, and those that wait for a proc to be frozen.
#[derive(Debug)]
pub(crate) struct WaitingChain;

impl Chain for WaitingChain {
    type Id = ThreadId;
    type Element = Thread;

    #[inline]
    fn links(element: &Thread) -> &Links<ThreadId> {
        &element.waiting
    }

    #[inline]
    fn links_mut(element: &mut Thread) -> &mut Links<ThreadId> {
        &mut element.waiting
    }
}

/// Chains all threads of a proc.
#[derive(Debug)]
pub(crate) struct SiblingChain;

impl Chain for SiblingChain {
    type Id = ThreadId;
    type Element = Thread;

    #[inline]
    fn links(element: &Thread) -> &Links<ThreadId> {
        &element.siblings
    }

    #[inline]
    fn links_mut(element: &mut Thread) -> &mut Links<ThreadId> {
        &mut element.siblings
    }
}

/// Chains the threads of a proc that poll.
#[derive(Debug)]
pub(crate) struct PollingChain;

impl Chain for PollingChain {
    type Id = ThreadId;
    type Element = Thread;

    #[inline]
    fn links(element: &Thread) -> &Links<ThreadId> {
        &element.polling
    }

    #[inline]
    fn links_mut(element: &mut Thread) -> &mut Links<ThreadId> {
        &mut element.polling
    }
}

impl Driver {
    /// The thread object of a task, made on first use.
    ///
    /// # Errors
    ///
    /// ENOMEM; EBADF if the proc is gone.
    pub fn thread(&mut self, proc: ProcId, task: TaskId) -> Result<ThreadId, Errno> {
        let owner = self.procs.get(proc).ok_or(Errno::EBADF)?;
        match owner.threads_by_task.get(task.0.into()) {
            Some(thread) => Ok(thread),
            None => self.new_thread(proc, task),
        }
    }

    /// Whether the id names a thread still. It does not after the thread has told that it exits.
    pub fn knows(&self, thread: ThreadId) -> bool {
        self.threads.contains(thread)
    }

    /// The proc of a thread, if the id names one still.
    pub fn proc_of(&self, thread: ThreadId) -> Option<ProcId> {
        self.threads.get(thread).map(|thread| thread.proc)
    }

    fn new_thread(&mut self, proc: ProcId, task: TaskId) -> Result<ThreadId, Errno> {
        let thread = Thread::new(proc, task);
        let id = self.threads.insert(thread).map_err(|_| Errno::ENOMEM)?;
        if self.procs[proc]
            .threads_by_task
            .insert(task.0.into(), id)
            .is_err()
        {
            self.threads.discard(id);
            return Err(Errno::ENOMEM);
        }
        self.procs[proc].threads.push_back(&mut self.threads, id);
        self.stats.objects.threads.made();
        Ok(id)
    }
}
