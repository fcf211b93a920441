//! A message's place and its data, and what is noted about it.

use super::Unusual;
use super::commands::Message;
use crate::buffer::{Charge, MAX_SIZE, Request};
use crate::log::{Completeness, LogEntry, LogKind};
use crate::machine::{Machine, Pid, TaskId};
use crate::message::size;
use crate::proc::Proc;
use crate::region::{Buffer, Delivery, Region};
use crate::table::BufferId;
use crate::thread::{NO_ERROR, Thread};
use crate::transaction::{Announcement, Transaction};
use abi::binder::TransactionFlags;
use abi::binder::ioctl::ExtendedError;

/// Room of a message in its receiver's region.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Bytes of data.
    pub(super) data: usize,
    /// Where in the region.
    pub(super) offset: usize,
}

/// Takes room between other buffers, if all its pages have memory.
///
/// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
#[cold]
#[inline(never)]
#[expect(
    clippy::extra_unused_type_parameters,
    reason = "what is generic is compiled where it is called from"
)]
fn book<Here>(region: &mut Region, data: usize, sender: Pid, buffer: BufferId) -> Result<usize, Unusual> {
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
    /// Takes a place for a message without objects in a region, which is mapped as a whole, if there is one with memory
    /// behind it already.
    #[inline(always)]
    pub(super) fn take(
        region: &mut Region,
        message: &Message,
        sender: Pid,
        buffer: BufferId,
    ) -> Result<Self, Unusual> {
        if message.data_size > MAX_SIZE as u64 {
            return Err(Unusual);
        }
        let data = size(message.data_size);
        let taken = Request::size_of_plain(data);
        let offset = match region.space.shortcut(taken) {
            Some(offset) => {
                region.space.take_shortcut(taken, sender, buffer);
                offset
            }
            None => book::<()>(region, data, sender, buffer)?,
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

    /// Notes that a buffer is here.
    #[inline(always)]
    pub(super) fn note(&self, buffer: &mut Buffer) {
        buffer.offset = self.offset;
        buffer.request = Request {
            data: self.data,
            offsets: 0,
            extra: 0,
        };
    }

    /// Tells the reader that the message is here.
    #[inline(always)]
    pub(super) fn announce(&self, announcement: &mut Announcement, region: &Region) {
        let data = &mut announcement.data;
        data.data_size = self.data as u64;
        data.offsets_size = 0;
        let address = region.address.wrapping_add(self.offset as u64);
        data.buffer = address;
        data.offsets = address.wrapping_add(self.data.wrapping_add(7) as u64 & !7);
    }
}

impl Buffer {
    /// Begins anew, for a message of a sender that holds nothing. Its number, its place, whose it is and what it is for are still missing.
    #[inline(always)]
    pub(super) fn begin(&mut self, message: &Message, sender: Pid, charge: Charge) {
        self.sender = sender;
        self.charge = charge;
        self.flags = TransactionFlags::from_bits_retain(message.flags);
        self.delivery = Delivery::of_plain(self.flags);
    }
}

impl Announcement {
    /// Begins anew, for a message. Its place, the target of a call and the sender are still missing.
    #[inline(always)]
    pub(super) fn begin(&mut self, code: u32, message: &Message) {
        self.code = code;
        // Read together, they are written together.
        let (code, flags) = (message.code, message.flags);
        (self.data.code, self.data.flags) = (code, flags);
    }
}

impl Message {
    /// Whether it is a call that waits for an answer and has no objects.
    #[inline(always)]
    pub(super) fn is_plain_call(&self) -> bool {
        (u64::from(self.flags & TransactionFlags::ONE_WAY.bits()) | self.offsets_size) == 0
    }

    /// Whether nobody waits for an answer.
    #[inline(always)]
    pub(super) fn is_oneway(&self) -> bool {
        TransactionFlags::from_bits_retain(self.flags).contains(TransactionFlags::ONE_WAY)
    }

    /// Whether nobody waits for an answer, and no newer one may replace it while it waits, nor it an older one.
    #[inline(always)]
    pub(super) fn is_plain_oneway(&self) -> bool {
        let asked = TransactionFlags::ONE_WAY | TransactionFlags::UPDATE_TXN;
        TransactionFlags::from_bits_retain(self.flags).intersection(asked) == TransactionFlags::ONE_WAY
    }
}

impl Transaction {
    /// Begins anew in a vacant place, with what calls and replies have in common, but for the number.
    #[inline(always)]
    pub(super) fn begin(&mut self, (proc, thread): (&Proc, &Thread), machine: &impl Machine) {
        debug_assert!(self.is_plain(), "what is vacant has nothing else");
        self.from_pid = proc.pid;
        self.from_task = thread.task;
        self.priority = machine.nice();
        self.started = machine.ticks();
        self.announcement.data.sender_euid = machine.euid_of(proc.pid);
    }
}

/// Notes that a thread's last call or reply has not failed.
#[inline(always)]
pub(super) fn clear_error(thread: &mut Thread, id: u32) {
    thread.extended_error = ExtendedError { id, ..NO_ERROR };
}
