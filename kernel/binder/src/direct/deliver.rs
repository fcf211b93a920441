//! Reading what was handed over.

use super::{ROOM, StepBack, Unusual};
use crate::driver::Driver;
use crate::machine::{Fault, Machine};
use crate::node::Node;
use crate::proc::Proc;
use crate::read::{ReadCall, WORD};
use crate::receive::{inherit_call_priority, inherit_oneway_priority};
use crate::region::{Buffer, Delivery};
use crate::stats::ObjectStats;
use crate::table::{ThreadId, TransactionId};
use crate::thread::{Blocked, Thread};
use crate::transaction::{Announcement, Transaction};
use abi::binder::reply::{BR_REPLY, BR_TRANSACTION, BR_TRANSACTION_COMPLETE};
use zerocopy::{Immutable, IntoBytes};

/// Bytes that tell of a message, without the news that the reader's own call was accepted.
const MESSAGE: usize = size_of::<Announcement>().saturating_sub(size_of::<u32>());

impl ReadCall {
    /// Whether it has room for all that may come, and has returned nothing yet.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.is_fresh() && self.write_read.read_size >= ROOM
    }

    /// Writes what stands first in the read buffer.
    #[inline(always)]
    pub(super) fn put_first<T: IntoBytes + Immutable>(
        &self,
        value: &T,
        machine: &mut impl Machine,
    ) -> Result<(), Fault> {
        machine.write_user_value(self.write_read.read_buffer, value)
    }

    /// Writes what the reader is told of a message behind the code for nothing: how far the read buffer is filled then.
    #[inline(always)]
    pub(super) fn write_message(
        &self,
        accepted: bool,
        transaction: &Transaction,
        machine: &mut impl Machine,
    ) -> Result<u64, Unusual> {
        debug_assert!(self.is_plain(), "only plain reads are written so");
        let whole = &transaction.announcement;
        let next = self.write_read.read_buffer.wrapping_add(WORD);
        let (length, written) = if accepted {
            (size_of_val(whole), machine.write_user_value(next, whole))
        } else {
            let message: &[u8; MESSAGE] = whole.as_bytes().last_chunk().ok_or(Unusual)?;
            (message.len(), machine.write_user_value(next, message))
        };
        written.map_err(|_| Unusual)?;
        Ok(WORD.wrapping_add(length as u64))
    }
}

impl Thread {
    /// Its read has returned what was handed to it.
    #[inline(always)]
    pub(super) fn take_handed(
        &mut self,
        filled: u64,
        buffer: &mut Buffer,
        proc: &mut Proc,
        objects: &mut ObjectStats,
    ) {
        self.read.write_read.read_consumed = filled;
        buffer.delivery.insert(Delivery::DELIVERED);
        self.blocked = Blocked::No;
        if self.ahead.accepted {
            proc.stats.returned(BR_TRANSACTION_COMPLETE);
            objects.completions.gone();
            self.ahead.accepted = false;
        }
    }

    /// It has read a call, and has to answer.
    #[inline(always)]
    pub(super) fn begin_to_handle(
        &mut self,
        id: ThreadId,
        call: TransactionId,
        transaction: &mut Transaction,
        (proc, node): (&mut Proc, &Node),
        machine: &mut impl Machine,
    ) {
        proc.stats.returned(BR_TRANSACTION);
        transaction.to_thread = Some(id);
        transaction.to_parent = self.stack.replace(call);
        inherit_call_priority(transaction, node.min_priority, machine);
    }

    /// Ends its read, of which all is written but the caller's structure.
    #[inline(always)]
    pub(super) fn end_read(&mut self, proc: &Proc, machine: &mut impl Machine) -> Result<(), StepBack> {
        if !proc.is_quiet(self) {
            return Err(StepBack::Ends);
        }
        self.need_return = false;
        let read = &self.read;
        let written = machine.write_user_place(read.argument, &read.write_read);
        written.map_err(|_| StepBack::Faults)
    }
}

impl Proc {
    /// One of its threads has read a one-way call, of which only the buffer is left.
    #[inline(always)]
    pub(super) fn end_oneway(
        &mut self,
        transaction: &mut Transaction,
        (buffer, node): (&mut Buffer, &Node),
        machine: &mut impl Machine,
    ) {
        self.stats.returned(BR_TRANSACTION);
        self.outstanding.down();
        buffer.transaction = None;
        inherit_oneway_priority(transaction, node.min_priority, machine);
    }
}

impl Driver {
    /// Carries on a read whose thread was handed a call or reply, and has nothing else to read.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: [`Self::deliver_generally`] knows what is left to do.
    #[inline(always)]
    pub fn deliver_directly(&mut self, caller: ThreadId, machine: &mut impl Machine) -> Result<(), Unusual> {
        let thread = self.threads.get_mut(caller).ok_or(Unusual)?;
        let id = thread.ahead.handed.ok_or(Unusual)?;
        let usual = thread.blocked == Blocked::PlainRead && thread.todo.is_empty() && !machine.traces();
        if !usual {
            return Err(Unusual);
        }
        let mut found = self.transactions.find(id).ok_or(Unusual)?;
        let transaction = found.value();
        let buffer = &mut self.buffers[transaction.buffer.ok_or(Unusual)?];
        let proc = &mut self.procs[thread.proc];
        let objects = &mut self.stats.objects;
        let target = match buffer.target {
            None => None,
            Some(target) => Some(&self.nodes[target]),
        };
        let accepted = thread.ahead.accepted;
        let read = &thread.read;
        let filled = read.write_message(accepted, transaction, machine)?;

        // The reader has it: from here on everything succeeds.
        thread.take_handed(filled, buffer, proc, objects);
        thread.ahead.handed = None;
        thread.process_todo = false;
        match target {
            Some(node) if transaction.is_oneway() => {
                proc.end_oneway(transaction, (buffer, node), machine);
                found.discard();
            }
            Some(node) => thread.begin_to_handle(caller, id, transaction, (proc, node), machine),
            None => {
                proc.stats.returned(BR_REPLY);
                proc.outstanding.down();
                buffer.transaction = None;
                debug_assert!(
                    transaction.is_plain(),
                    "a reply that was sent directly has nothing else"
                );
                found.vacate();
            }
        }
        let ended = thread.end_read(proc, machine);
        ended.map_err(|step_back| self.step_back(step_back))
    }
}
