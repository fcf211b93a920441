//! The machine as the driver sees it during a thread's call.

use super::{HeldFiles, Windows};
use crate::arch::time;
use crate::defect::{self, Defect};
use crate::file::CloseOnExec;
use crate::mm::user;
use crate::task::{Kernel, Process, TaskTable, Thread};
use crate::trace::{Recorder, Silent, Tap};
use abi::Errno;
use alloc::sync::Arc;
use binder_driver::{
    Driver, Event, Fault, FileId, Machine, NoMemory, Pid, Ticks, UserAddress, UserPlace, WindowId,
};
use core::ops::Range;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// What receivers that ask for it are told about every sender: there is no security module with labels of its own.
pub(crate) const SECURITY_CONTEXT: &str = "kernel";

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// The calling thread and what belongs to it. Its address space is loaded.
pub(crate) struct Caller<'a, R> {
    pid: Pid,
    /// The thread, unless it has ended and its process ends.
    thread: Option<&'a mut Thread>,
    processes: &'a mut TaskTable<Process>,
    windows: &'a mut Windows,
    held: &'a mut HeldFiles,
    recorder: R,
}

impl<'a> Caller<'a, Silent> {
    /// A thread of whom nothing is recorded. For the hot path.
    #[inline(always)]
    pub(crate) fn silent(
        thread: &'a mut Thread,
        processes: &'a mut TaskTable<Process>,
        windows: &'a mut Windows,
        held: &'a mut HeldFiles,
    ) -> Self {
        Self {
            pid: thread.process,
            thread: Some(thread),
            processes,
            windows,
            held,
            recorder: Silent,
        }
    }
}

impl Kernel {
    /// The driver, and the current thread as its caller, of whom nothing is recorded.
    #[inline]
    pub(crate) fn driver_and_silent_caller(&mut self) -> (&mut Driver, Caller<'_, Silent>) {
        let thread = self.threads.at_hand(self.current.0);
        let caller = Caller {
            pid: thread.as_ref().map_or(Pid(0), |thread| thread.process),
            thread,
            processes: &mut self.processes,
            windows: &mut self.windows,
            held: &mut self.held,
            recorder: Silent,
        };
        (&mut self.driver, caller)
    }

    /// The driver, and the current thread as its caller.
    pub(super) fn driver_and_caller(&mut self) -> (&mut Driver, Caller<'_, Tap<'_>>) {
        let current = self.current;
        let thread = self.threads.at_hand(current.0);
        let process = thread.as_ref().map_or(Pid(0), |thread| thread.process);
        let caller = Caller {
            pid: process,
            thread,
            processes: &mut self.processes,
            windows: &mut self.windows,
            held: &mut self.held,
            recorder: Tap::new(&mut self.tracer, process, current),
        };
        (&mut self.driver, caller)
    }
}

/// Gives a thread another nice value, if it may have that. As on Linux it gets the best that it may have otherwise, even if
/// that is worse than what it has; who may have nothing keeps what it has.
#[inline(never)]
fn change_nice(processes: &TaskTable<Process>, thread: &mut Thread, wanted: i8) {
    let best = match processes.get(thread.process.0) {
        Some(process) if !thread.credentials.is_root() => process.limits.best_nice(),
        _ => Some(i8::MIN),
    };
    if let Some(best) = best {
        thread.nice = wanted.max(best);
    }
    thread.settled_nice = thread.nice;
}

/// The effective user of a process, 0 if there is none.
#[cold]
#[inline(never)]
fn euid_of_process(processes: &TaskTable<Process>, pid: Pid) -> u32 {
    match processes.find(pid.0) {
        Some(process) => process.credentials.euid,
        None => 0,
    }
}

impl<R> Caller<'_, R> {
    fn process(&self) -> Option<&Process> {
        self.processes.get(self.pid.0)
    }
}

impl<R: Recorder> Machine for Caller<'_, R> {
    #[inline(always)]
    fn read_user(&mut self, from: UserAddress, into: &mut [u8]) -> Result<(), Fault> {
        Ok(user::read(from, into)?)
    }

    #[inline(always)]
    fn read_user_value<T: FromBytes + IntoBytes>(&mut self, from: UserAddress) -> Result<T, Fault> {
        Ok(user::read_value(from)?)
    }

    #[inline(always)]
    fn read_user_into<T: FromBytes + IntoBytes>(
        &mut self,
        from: UserAddress,
        into: &mut T,
    ) -> Result<(), Fault> {
        Ok(user::read_into(from, into)?)
    }

    #[inline(always)]
    fn write_user_value<T: IntoBytes + Immutable>(
        &mut self,
        to: UserAddress,
        value: &T,
    ) -> Result<(), Fault> {
        Ok(user::write_value(to, value)?)
    }

    #[inline(always)]
    fn write_user_place<T: IntoBytes + Immutable>(&mut self, to: UserPlace, value: &T) -> Result<(), Fault> {
        Ok(user::write_place(to, value)?)
    }

    #[inline(always)]
    fn write_user(&mut self, to: UserAddress, bytes: &[u8]) -> Result<(), Fault> {
        Ok(user::write(to, bytes)?)
    }

    fn map_pages(&mut self, window: WindowId, pages: Range<usize>) -> Result<(), NoMemory> {
        Ok(self.windows.get(window).ok_or(NoMemory)?.back(pages)?)
    }

    #[inline(always)]
    fn copy_to_window(
        &mut self,
        window: WindowId,
        to: usize,
        from: UserAddress,
        length: usize,
    ) -> Result<(), Fault> {
        let window = self.windows.get(window).ok_or(Fault)?;
        if defect::is(Defect::OneCopy) {
            window.copy_from_user(to, from, length)?;
        }
        window.copy_from_user(to, from, length)?;
        self.recorder.copied(to, |head| {
            let part = length.min(head.len());
            user::read(from, &mut head[..part]).map_or(0, |()| part)
        });
        Ok(())
    }

    fn write_window(&mut self, window: WindowId, to: usize, bytes: &[u8]) {
        if let Some(window) = self.windows.get(window) {
            window.write(to, bytes);
        }
    }

    fn zero_window(&mut self, window: WindowId, range: Range<usize>) {
        if let Some(window) = self.windows.get(window) {
            window.zero(range);
        }
    }

    fn pin_file(&mut self, descriptor: i32) -> Result<FileId, Errno> {
        let file = Arc::clone(self.process().ok_or(Errno::EBADF)?.files.get(descriptor)?);
        // A file that finds no place is still open in the caller's table: this reference is not the last.
        self.held.hold(file).map_err(|(errno, _file)| errno)
    }

    fn take_file(&mut self, descriptor: i32) -> Option<FileId> {
        let file = self.pin_file(descriptor).ok()?;
        // It is held: the table's reference is not the last.
        let _reference = self.processes.get_mut(self.pid.0)?.files.take(descriptor);
        Some(file)
    }

    fn install_file(&mut self, file: FileId) -> Result<i32, Errno> {
        let open = self.held.get(file).ok_or(Errno::EBADF)?;
        let process = self.processes.get_mut(self.pid.0).ok_or(Errno::EMFILE)?;
        let limit = process.limits.descriptors();
        let descriptor = process.files.install(open, CloseOnExec::Yes, 0, limit)?;
        self.held.take(file);
        Ok(descriptor)
    }

    #[inline]
    fn pid(&self) -> Pid {
        self.pid
    }

    fn euid(&self) -> u32 {
        match &self.thread {
            Some(thread) => thread.credentials.euid,
            None => self.euid_of(self.pid),
        }
    }

    #[inline(always)]
    fn euid_of(&self, pid: Pid) -> u32 {
        match &self.thread {
            // A process's first thread has its process's users.
            Some(thread) if thread.id.0 == pid.0 => thread.credentials.euid,
            _ => euid_of_process(self.processes, pid),
        }
    }

    fn security_context(&self, _pid: Pid) -> &'static str {
        SECURITY_CONTEXT
    }

    #[inline(always)]
    fn nice(&self) -> i8 {
        self.thread.as_ref().map_or(0, |thread| thread.nice)
    }

    #[inline(always)]
    fn set_nice(&mut self, nice: i8) {
        if let Some(thread) = &mut self.thread
            && nice != thread.settled_nice
        {
            change_nice(self.processes, thread, nice);
        }
    }

    fn now(&self) -> u64 {
        time::now() / MILLISECOND
    }

    #[inline(always)]
    fn ticks(&self) -> Ticks {
        time::ticks()
    }

    #[inline(always)]
    fn traces(&self) -> bool {
        R::TAKES
    }

    #[inline(always)]
    fn record(&mut self, event: Event) {
        self.recorder.record(event);
    }
}
