//! A message's place and its data, and what is noted about it.

use super::Unusual;
use super::commands::Message;
use crate::buffer::{Charge, MAX_SIZE, Request};
use crate::log::{Completeness, LogEntry, LogKind};
use crate::machine::{Machine, Pid, TaskId};
use crate::message::size;
use crate::proc::Proc;
use crate::region::{Buffer, Delivery, Mapping, Region};
use crate::table::{BufferId, NodeId, ProcId, TransactionId};
use crate::thread::{NO_ERROR, Thread};
use crate::transaction::Transaction;
use abi::binder::TransactionFlags;
use abi::binder::ioctl::ExtendedError;
use alloc::vec::Vec;

/// Whether the room of a message is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Booking {
    /// Not yet. It will be the newest buffer, which needs no bookkeeping.
    Open,
    /// It is, between other buffers.
    Booked,
}

/// Room that a message gets in its receiver's region: to be [taken](Place::take) or [given up](Place::give_up).
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Bytes of data.
    data: usize,
    /// Bytes that the buffer takes.
    size: usize,
    /// Where in the region.
    offset: usize,
    booking: Booking,
}

/// Takes room between other buffers, if all its pages have memory.
#[inline(never)]
fn book(region: &mut Region, data: usize, sender: Pid, buffer: BufferId) -> Result<usize, Unusual> {
    let request = Request {
        data,
        offsets: 0,
        extra: 0,
    };
    let allocation = region.space.allocate(&request, Charge::Sync, sender, buffer);
    let allocation = allocation.map_err(|_| Unusual)?;
    if allocation.absent.is_some() {
        region.space.free(allocation.offset);
        return Err(Unusual);
    }
    Ok(allocation.offset)
}

impl Place {
    /// The place in a region, if there is one with memory behind it already.
    #[inline(always)]
    pub(super) fn find(
        region: &mut Region,
        message: &Message,
        sender: Pid,
        buffer: BufferId,
    ) -> Result<Self, Unusual> {
        let usual = message.offsets_size == 0
            && message.data_size <= MAX_SIZE as u64
            && region.mapping == Mapping::Open;
        if !usual {
            return Err(Unusual);
        }
        let data = size(message.data_size);
        let taken = data.next_multiple_of(8).max(8);
        let (offset, booking) = match region.space.shortcut(taken) {
            Some(offset) => (offset, Booking::Open),
            None => (book(region, data, sender, buffer)?, Booking::Booked),
        };
        Ok(Self {
            data,
            size: taken,
            offset,
            booking,
        })
    }

    /// Copies the data there. A part may be copied if it fails; nobody reads there yet.
    #[inline(always)]
    pub(super) fn fill(
        &self,
        region: &Region,
        message: &Message,
        machine: &mut impl Machine,
    ) -> Result<(), Unusual> {
        if self.data == 0 {
            return Ok(());
        }
        machine
            .copy_to_window(region.window, self.offset, message.buffer, self.data)
            .map_err(|_| Unusual)
    }

    /// What the log notes, but for what calls and replies differ in.
    #[inline(always)]
    pub(super) fn log_entry(
        &self,
        id: u32,
        kind: LogKind,
        (proc, thread): (&Proc, &Thread),
        to: Pid,
        handle: u32,
    ) -> LogEntry {
        LogEntry {
            id,
            kind,
            context: proc.context,
            completeness: Completeness::Complete,
            from_proc: proc.pid,
            from_thread: thread.task,
            to_proc: to,
            to_thread: TaskId(0),
            to_node: 0,
            target_handle: handle,
            data_size: i32::try_from(self.data).unwrap_or(i32::MAX),
            offsets_size: 0,
            failure: None,
        }
    }

    /// Takes the place.
    #[inline(always)]
    pub(super) fn take(&self, region: &mut Region, sender: Pid, buffer: BufferId) {
        if self.booking == Booking::Open {
            region.space.take_shortcut(self.size, sender, buffer);
        }
    }

    /// Leaves the place to others.
    #[cold]
    pub(super) fn give_up(&self, region: &mut Region) -> Unusual {
        if self.booking == Booking::Booked {
            region.space.free(self.offset);
        }
        Unusual
    }

    /// What is noted about the message there.
    #[inline(always)]
    pub(super) fn buffer(
        &self,
        id: u32,
        proc: ProcId,
        sender: Pid,
        transaction: TransactionId,
        target: Option<NodeId>,
        flags: TransactionFlags,
    ) -> Buffer {
        Buffer {
            id,
            proc,
            offset: self.offset,
            request: Request {
                data: self.data,
                offsets: 0,
                extra: 0,
            },
            charge: Charge::Sync,
            sender,
            delivery: Delivery::Pending,
            clear: flags.contains(TransactionFlags::CLEAR_BUF),
            transaction: Some(transaction),
            target,
            held: Vec::new(),
        }
    }
}

impl Message {
    /// The transaction, but for what calls and replies differ in.
    #[inline(always)]
    pub(super) fn transaction(
        &self,
        id: u32,
        (proc, thread): (&Proc, &Thread),
        to: ProcId,
        buffer: BufferId,
        started: u64,
        machine: &impl Machine,
    ) -> Transaction {
        Transaction {
            id,
            work: None,
            from: None,
            from_parent: None,
            to_proc: Some(to),
            to_thread: None,
            to_parent: None,
            buffer: Some(buffer),
            code: self.code,
            flags: TransactionFlags::from_bits_retain(self.flags),
            priority: machine.nice(),
            saved_priority: 0,
            sender_euid: machine.euid_of(proc.pid),
            security_context: None,
            files: Vec::new(),
            from_pid: proc.pid,
            from_task: thread.task,
            needs_reply: false,
            started,
        }
    }
}

/// Notes that a thread's last call or reply has not failed.
#[inline(always)]
pub(super) fn clear_error(thread: &mut Thread, id: u32) {
    thread.extended_error = ExtendedError { id, ..NO_ERROR };
}
