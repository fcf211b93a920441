//! The kernel's side of its own binder calls: buffers with made-up addresses, and the machine over them.

use crate::arch::time;
use crate::binder::{HeldFiles, SECURITY_CONTEXT, Windows};
use crate::file::{CloseOnExec, FileTable};
use crate::task::{Process, TaskTable};
use crate::trace::{Recorder, Tap};
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::{Event, Fault, FileId, Machine, NoMemory, Pid, Ticks, UserAddress, WindowId};
use core::ops::Range;

/// The bits of an address within a segment.
const SEGMENT_BITS: u32 = 32;

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// The most descriptors that one call may bring.
const DESCRIPTORS_MAX: usize = 256;

/// A buffer. Its number is the upper half of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// The argument of the ioctl.
    Argument = 1,
    /// What is written to the driver.
    Commands = 2,
    /// What is read from it.
    Returns = 3,
    /// The data of a reply.
    Data = 4,
    /// The places of the objects in it.
    Offsets = 5,
}

impl Segment {
    /// The address of its first byte.
    pub(super) const fn address(self) -> u64 {
        (self as u64) << SEGMENT_BITS
    }
}

/// What a kernel thread of the driver has in place of an address space.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) argument: Vec<u8>,
    pub(super) commands: Vec<u8>,
    pub(super) returns: Vec<u8>,
    pub(super) data: Vec<u8>,
    pub(super) offsets: Vec<u8>,
}

impl Memory {
    fn segment(&mut self, address: UserAddress) -> Result<&mut Vec<u8>, Fault> {
        Ok(match address >> SEGMENT_BITS {
            1 => &mut self.argument,
            2 => &mut self.commands,
            3 => &mut self.returns,
            4 => &mut self.data,
            5 => &mut self.offsets,
            _ => return Err(Fault),
        })
    }

    fn bytes(&mut self, address: UserAddress, length: usize) -> Result<&mut [u8], Fault> {
        let start = (address & ((1 << SEGMENT_BITS) - 1)) as usize;
        let end = start.checked_add(length).ok_or(Fault)?;
        self.segment(address)?.get_mut(start..end).ok_or(Fault)
    }
}

/// The machine as the driver sees it when the kernel itself, or a process that it acts for, is the caller.
pub(super) struct Own<'a> {
    pub(super) pid: Pid,
    pub(super) memory: &'a mut Memory,
    pub(super) files: &'a mut FileTable,
    pub(super) processes: &'a TaskTable<Process>,
    pub(super) windows: &'a Windows,
    pub(super) held: &'a mut HeldFiles,
    pub(super) tap: Tap<'a>,
}

impl Machine for Own<'_> {
    fn read_user(&mut self, from: UserAddress, into: &mut [u8]) -> Result<(), Fault> {
        into.copy_from_slice(self.memory.bytes(from, into.len())?);
        Ok(())
    }

    fn write_user(&mut self, to: UserAddress, bytes: &[u8]) -> Result<(), Fault> {
        self.memory.bytes(to, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    fn map_pages(&mut self, window: WindowId, pages: Range<usize>) -> Result<(), NoMemory> {
        Ok(self.windows.get(window).ok_or(NoMemory)?.back(pages)?)
    }

    fn copy_to_window(
        &mut self,
        window: WindowId,
        to: usize,
        from: UserAddress,
        length: usize,
    ) -> Result<(), Fault> {
        let window = self.windows.get(window).ok_or(Fault)?;
        window.write(to, self.memory.bytes(from, length)?);
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
        let file = Arc::clone(self.files.get(descriptor)?);
        self.held.hold(file).map_err(|(errno, _file)| errno)
    }

    fn take_file(&mut self, descriptor: i32) -> Option<FileId> {
        let file = self.pin_file(descriptor).ok()?;
        // It is held: the table's reference is not the last.
        let _reference = self.files.take(descriptor);
        Some(file)
    }

    fn install_file(&mut self, file: FileId) -> Result<i32, Errno> {
        let open = self.held.get(file).ok_or(Errno::EBADF)?;
        let descriptor = self.files.install(open, CloseOnExec::Yes, 0, DESCRIPTORS_MAX)?;
        self.held.take(file);
        Ok(descriptor)
    }

    fn pid(&self) -> Pid {
        self.pid
    }

    fn euid(&self) -> u32 {
        self.euid_of(self.pid)
    }

    fn euid_of(&self, pid: Pid) -> u32 {
        self.processes
            .get(pid.0)
            .map_or(0, |process| process.credentials.euid)
    }

    fn security_context(&self, _pid: Pid) -> &'static str {
        SECURITY_CONTEXT
    }

    fn nice(&self) -> i8 {
        0
    }

    // The kernel serves its objects at once, whoever calls.
    fn set_nice(&mut self, _nice: i8) {}

    fn now(&self) -> u64 {
        time::now() / MILLISECOND
    }

    fn ticks(&self) -> Ticks {
        time::ticks()
    }

    fn traces(&self) -> bool {
        true
    }

    fn record(&mut self, event: Event) {
        self.tap.record(event);
    }
}
