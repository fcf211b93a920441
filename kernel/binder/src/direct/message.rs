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

/// Room of a message in its receiver's region.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Bytes of data.
    data: usize,
    /// Where in the region.
    offset: usize,
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
    /// Takes a place in a region, if there is one with memory behind it already.
    #[inline(always)]
    pub(super) fn take(
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
        let taken = Request::size_of_plain(data);
        let offset = match region.space.shortcut(taken) {
            Some(offset) => {
                region.space.take_shortcut(taken, sender, buffer);
                offset
            }
            None => book(region, data, sender, buffer)?,
        };
        Ok(Self { data, offset })
    }

    /// Leaves the place to others.
    #[cold]
    pub(super) fn give_up(&self, region: &mut Region) -> Unusual {
        region.space.free(self.offset);
        Unusual
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
            started: machine.ticks(),
        }
    }
}

/// Notes that a thread's last call or reply has not failed.
#[inline(always)]
pub(super) fn clear_error(thread: &mut Thread, id: u32) {
    thread.extended_error = ExtendedError { id, ..NO_ERROR };
}
