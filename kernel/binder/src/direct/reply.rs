//! `BC_REPLY` to a thread that waits for it.

use super::Unusual;
use super::commands::Message;
use super::message::Place;
use super::sender::{Sender, clear_error};
use crate::driver::Driver;
use crate::effects::Passage;
use crate::log::{Completeness, LogEntry, LogKind};
use crate::machine::Machine;
use crate::thread::{Blocked, Looper};
use crate::transaction::Transaction;
use abi::binder::TransactionFlags;
use abi::binder::command::BC_REPLY;
use abi::binder::reply::{BR_NOOP, BR_TRANSACTION_COMPLETE};
use alloc::vec::Vec;
use zerocopy::IntoBytes;

/// What the replier reads at once.
const ACCEPTED: u64 = BR_NOOP as u64 | (BR_TRANSACTION_COMPLETE as u64) << u32::BITS;

impl Driver {
    /// Sends the reply to the call that the sender read last, and tells the sender that it was accepted.
    #[inline(always)]
    pub(super) fn reply_directly(
        &mut self,
        sender: &Sender,
        message: &Message,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let flags = TransactionFlags::from_bits_retain(message.flags);
        if sender.looper.contains(Looper::POLL) {
            return Err(Unusual);
        }
        let call = sender.stack.ok_or(Unusual)?;
        let answered = &self.transactions[call];
        if answered.to_thread != Some(sender.thread) || answered.to_proc != Some(sender.proc) {
            return Err(Unusual);
        }
        let reader_id = answered.from.ok_or(Unusual)?;
        let reader = &mut self.threads[reader_id];
        if reader.blocked != Blocked::Read || !reader.todo.is_empty() || reader.ahead.handed.is_some() {
            return Err(Unusual);
        }
        let owner = reader.proc;
        let receiver = &mut self.procs[owner];
        let to_pid = receiver.pid;
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let place = Place::find(region, message)?;
        let transaction = self.transactions.vacancy().ok_or(Unusual)?;
        let buffer = self.buffers.vacancy().ok_or(Unusual)?;
        place.fill(region, message, machine)?;
        machine
            .write_user(sender.read_buffer, &ACCEPTED.to_le_bytes())
            .map_err(|_| Unusual)?;

        // All is as usual: from here on everything succeeds.
        self.last_id = self.last_id.wrapping_add(1).max(1);
        let id = self.last_id;
        self.clock = machine.now();
        machine.set_nice(answered.saved_priority);
        reader.stack = answered.from_parent;
        reader.ahead.handed = Some(transaction);
        reader.process_todo = true;
        let handoff = (reader.task, reader_id);
        self.log.add(LogEntry {
            id,
            kind: LogKind::Reply,
            context: sender.context,
            completeness: Completeness::Complete,
            from_proc: sender.pid,
            from_thread: sender.task,
            to_proc: to_pid,
            to_thread: reader.task,
            to_node: 0,
            target_handle: message.handle,
            data_size: place.data_size(),
            offsets_size: 0,
            failure: None,
        });
        let below = answered.to_parent;
        if let Some(work) = answered.work {
            self.works.discard(work);
        }
        if let Some(buffer) = answered.buffer {
            self.buffers[buffer].transaction = None;
        }
        place.take(region, sender.pid, buffer);
        receiver.outstanding.up();
        self.buffers.fill(
            buffer,
            place.buffer(id, owner, sender.pid, transaction, None, flags),
        );
        self.transactions.fill(
            transaction,
            Transaction {
                id,
                work: None,
                from: None,
                from_parent: None,
                to_proc: Some(owner),
                to_thread: Some(reader_id),
                to_parent: None,
                buffer: Some(buffer),
                code: message.code,
                flags,
                priority: machine.nice(),
                saved_priority: 0,
                sender_euid: machine.euid_of(sender.pid),
                security_context: None,
                files: Vec::new(),
                from_pid: sender.pid,
                from_task: sender.task,
                needs_reply: false,
                started: self.clock,
            },
        );
        self.transactions.discard(call);
        // The call has ended, the reply and its acceptance have begun, the latter is read at once.
        self.stats.objects.transactions.passed();
        self.stats.objects.completions.passed();
        self.stats.commands.command(BC_REPLY);
        self.stats.commands.returned(BR_TRANSACTION_COMPLETE);
        let caller = &mut self.threads[sender.thread];
        clear_error(caller, id);
        caller.stack = below;
        let write_read = &mut caller.read.write_read;
        write_read.write_consumed = write_read.write_size;
        write_read.read_consumed = size_of_val(&ACCEPTED) as u64;
        let proc = &mut self.procs[sender.proc];
        proc.stats.command(BC_REPLY);
        proc.stats.returned(BR_TRANSACTION_COMPLETE);
        proc.outstanding.down();
        if proc.is_quiet(caller) && !proc.frozen.frozen {
            caller.need_return = false;
            let result = machine.write_user(caller.read.argument, caller.read.write_read.as_bytes());
            return Ok(match result {
                Ok(()) => Passage::Done(Some(handoff)),
                Err(_) => self.end_faulting(sender.thread, Some(handoff)),
            });
        }
        self.effects.handoff = Some(handoff);
        Ok(self.end_reply(sender, machine))
    }
}
