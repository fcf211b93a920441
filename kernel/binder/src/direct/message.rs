//! A message's place and its data.

use super::Unusual;
use super::commands::Message;
use crate::buffer::{Charge, MAX_SIZE, Request};
use crate::machine::{Machine, Pid};
use crate::message::size;
use crate::region::{Buffer, Delivery, Mapping, Region};
use crate::table::{BufferId, NodeId, ProcId, TransactionId};
use abi::binder::TransactionFlags;
use alloc::vec::Vec;

/// Room that a message would get in its receiver's region. Nothing is taken yet.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Bytes of data.
    data: usize,
    /// Bytes that the buffer takes.
    size: usize,
    /// Where in the region.
    offset: usize,
}

impl Place {
    /// The place in a region, if it is the usual one, with memory behind it already.
    #[inline(always)]
    pub(super) fn find(region: &Region, message: &Message) -> Result<Self, Unusual> {
        let usual = message.offsets_size == 0
            && message.data_size <= MAX_SIZE as u64
            && region.mapping == Mapping::Open;
        if !usual {
            return Err(Unusual);
        }
        let data = size(message.data_size);
        let taken = data.next_multiple_of(8).max(8);
        let offset = region.space.shortcut(taken).ok_or(Unusual)?;
        Ok(Self {
            data,
            size: taken,
            offset,
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

    /// Bytes of data, as the log notes them.
    #[inline(always)]
    pub(super) fn data_size(&self) -> i32 {
        i32::try_from(self.data).unwrap_or(i32::MAX)
    }

    /// Takes the place.
    #[inline(always)]
    pub(super) fn take(&self, region: &mut Region, sender: Pid, buffer: BufferId) {
        region.space.take_shortcut(self.size, sender, buffer);
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
