//! The driver's entry points.

use crate::context::Context;
use crate::effects::{Effects, Resumption, Step};
use crate::machine::{Machine, Pid, TaskId, WindowId};
use crate::table::{ProcId, ThreadId};
use abi::Errno;

/// What a mapping is to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapAccess {
    /// Reading.
    ReadOnly,
    /// Writing too, which a binder region never allows.
    Writable,
}

/// Whether a read may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// It waits until there is something.
    Allowed,
    /// It answers EAGAIN instead: the file was opened with `O_NONBLOCK`.
    Refused,
}

/// A file under `/sys/kernel/debug/binder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebugFile {
    /// Everything.
    State,
    /// Counters.
    Stats,
    /// Procs, threads and nodes with transactions under way.
    Transactions,
    /// The last transactions.
    TransactionLog,
    /// The last transactions that failed.
    FailedTransactionLog,
    /// Everything of one process.
    Proc(Pid),
}

/// How many objects of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Opens of a device.
    pub procs: usize,
    /// Threads that have made a call.
    pub threads: usize,
    /// Nodes, dead ones that are still referred to included.
    pub nodes: usize,
    /// References, one per handle.
    pub refs: usize,
    /// Death notifications asked for.
    pub deaths: usize,
    /// Freeze notifications asked for.
    pub freezes: usize,
    /// Transactions under way.
    pub transactions: usize,
    /// Buffers in receivers' regions.
    pub buffers: usize,
    /// Backed pages of receivers' regions.
    pub pages: usize,
}

/// The driver.
#[derive(Debug)]
pub struct Driver {}

impl Driver {
    /// A driver without procs. Does not allocate.
    pub const fn new() -> Self {
        Self {}
    }

    /// Opens a device: makes one proc.
    pub fn open(&mut self, context: Context, machine: &impl Machine) -> Result<ProcId, Errno> {
        unimplemented!()
    }

    /// Maps a proc's region.
    pub fn mmap(
        &mut self,
        proc: ProcId,
        caller: Pid,
        window: WindowId,
        address: u64,
        length: usize,
        access: MapAccess,
    ) -> Result<(), Errno> {
        unimplemented!()
    }

    /// A part of the mapping was unmapped: nothing more is delivered to it.
    pub fn mapping_closed(&mut self, proc: ProcId) {
        unimplemented!()
    }

    /// The thread object of a task, made on first use.
    pub fn thread(&mut self, proc: ProcId, task: TaskId) -> Result<ThreadId, Errno> {
        unimplemented!()
    }

    /// Whether the id names a thread still.
    pub fn knows(&self, thread: ThreadId) -> bool {
        unimplemented!()
    }

    /// Any ioctl.
    pub fn ioctl(
        &mut self,
        thread: ThreadId,
        request: u32,
        argument: u64,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Step {
        unimplemented!()
    }

    /// Carries on a blocked ioctl.
    pub fn resume(&mut self, thread: ThreadId, why: Resumption, machine: &mut impl Machine) -> Step {
        unimplemented!()
    }

    /// Whether a read would find something.
    pub fn poll(&mut self, thread: ThreadId) -> bool {
        unimplemented!()
    }

    /// The blocked call of this thread will not be carried on.
    pub fn abandon(&mut self, thread: ThreadId) -> Effects {
        unimplemented!()
    }

    /// A descriptor of the open was closed.
    pub fn flush(&mut self, proc: ProcId) -> Effects {
        unimplemented!()
    }

    /// The last descriptor is closed: the proc ends.
    pub fn release(&mut self, proc: ProcId, machine: &mut impl Machine) -> Effects {
        unimplemented!()
    }

    /// Takes up to `pages` unused pages from receivers' regions.
    pub fn reclaim(&mut self, pages: usize) -> Effects {
        unimplemented!()
    }

    /// The thing behind a node of the kernel has ended.
    pub fn announce_death(&mut self, proc: ProcId, ptr: u64) -> Effects {
        unimplemented!()
    }

    /// Gives a proc a strong handle on what another knows as `handle`.
    pub fn grant(&mut self, from: ProcId, handle: u32, to: ProcId) -> Result<u32, Errno> {
        unimplemented!()
    }

    /// Writes a debug file in Linux's format.
    pub fn write_debug(&self, file: DebugFile, out: &mut impl core::fmt::Write) -> core::fmt::Result {
        unimplemented!()
    }

    /// How many objects there are.
    pub fn counts(&self) -> Counts {
        unimplemented!()
    }

    /// Asserts the invariants.
    pub fn check(&self) {
        unimplemented!()
    }
}
