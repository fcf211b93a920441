//! The kernel as one value.
//!
//! Everything that changes, but for memory and devices, is in here, behind one lock that each trap takes once. What a
//! trap does is a method on it, so that who may touch what is plain from the arguments.

use super::scheduler::Scheduler;
use super::table::{Numbers, TaskTable};
use super::timers::Timers;
use super::waiters::Waiters;
use super::{Calls, Credentials, Pid, Process, TaskId, Thread, Wait};
use crate::arch;
use crate::binder::{HeldFiles, Leaving, Windows};
use crate::file::FileSystem;
use crate::object::Objects;
use crate::trace::Tracer;
use abi::Errno;
use alloc::vec::Vec;
use binder_driver::Driver;

/// The kernel's state.
#[derive(Debug)]
pub(crate) struct Kernel {
    /// The thread that runs, or ran last.
    pub(crate) current: TaskId,
    /// All threads.
    pub(crate) threads: TaskTable<Thread>,
    /// All processes.
    pub(crate) processes: TaskTable<Process>,
    pub(super) numbers: Numbers,
    pub(crate) scheduler: Scheduler,
    pub(crate) timers: Timers,
    /// When the current thread's time slice ends, in nanoseconds since boot.
    pub(super) slice_end: u64,
    /// When the timer fires.
    pub(super) armed: u64,
    pub(super) waiters: Waiters,
    /// What the current thread waits for when its call is over.
    pub(super) planned: Option<Wait>,
    /// The deadline of its call, while that is being made again.
    pub(super) kept_deadline: Option<u64>,
    /// The binder driver.
    pub(crate) driver: Driver,
    /// The regions into which the driver delivers.
    pub(crate) windows: Windows,
    /// Files under way in binder transactions.
    pub(crate) held: HeldFiles,
    /// Closed binder files that threads are still inside of.
    pub(crate) leaving: Leaving,
    /// What binder does, while somebody wants to know.
    pub(crate) tracer: Tracer,
    /// The kernel as a binder process.
    pub(crate) objects: Objects,
    /// The tree of names.
    pub(crate) file_system: FileSystem,
    /// What makes system calls.
    pub(super) calls: Calls,
    /// The last call that was made in vain, and by whom. The log needs not name it again.
    pub(crate) missed: Option<(TaskId, u64)>,
}

impl Kernel {
    /// The thread whose call this is.
    ///
    /// # Panics
    ///
    /// Outside of a thread's call.
    #[inline]
    pub(crate) fn thread(&self) -> &Thread {
        self.threads.get(self.current.0).expect("no thread is current")
    }

    /// The thread whose call this is.
    ///
    /// # Panics
    ///
    /// Outside of a thread's call.
    #[inline]
    pub(crate) fn thread_mut(&mut self) -> &mut Thread {
        self.threads
            .at_hand(self.current.0)
            .expect("no thread is current")
    }

    /// The processes of a group.
    ///
    /// # Errors
    ///
    /// ENOMEM.
    pub(crate) fn members_of(&self, group: Pid) -> Result<Vec<Pid>, Errno> {
        let mut members = Vec::new();
        for process in self.processes.iter() {
            if process.group == group {
                members.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
                members.push(process.id);
            }
        }
        Ok(members)
    }

    /// The process of the thread whose call this is.
    ///
    /// # Panics
    ///
    /// Outside of a thread's call.
    pub(crate) fn process(&self) -> &Process {
        self.processes
            .get(self.thread().process.0)
            .expect("a thread has a process")
    }

    /// The process of the thread whose call this is.
    ///
    /// # Panics
    ///
    /// Outside of a thread's call.
    pub(crate) fn process_mut(&mut self) -> &mut Process {
        let Pid(pid) = self.thread().process;
        self.processes.get_mut(pid).expect("a thread has a process")
    }

    /// Gives the current thread other users and groups. Those of its process are the first thread's.
    pub(crate) fn set_credentials(&mut self, credentials: Credentials) {
        let thread = self.thread_mut();
        thread.credentials = credentials;
        thread.settled_nice = Thread::UNSETTLED;
        if thread.id.0 == thread.process.0 {
            self.process_mut().credentials = credentials;
        }
    }

    /// When a call that may wait this long (in nanoseconds) is over, in nanoseconds since boot. A call that is made
    /// again keeps the answer of its first time.
    pub(crate) fn deadline(&self, after: u64) -> u64 {
        match self.kept_deadline {
            Some(deadline) => deadline,
            None => arch::time::now().saturating_add(after),
        }
    }

    /// Whether the current thread has a signal to take, so that its call, if it would wait, ends with EINTR.
    pub(crate) fn interrupted(&self) -> bool {
        self.thread().signals.attention
    }

    /// A number for a new thread.
    pub(super) fn new_number(&mut self) -> Result<u32, Errno> {
        let Self {
            numbers,
            threads,
            processes,
            ..
        } = self;
        numbers.take(threads, processes)
    }
}
