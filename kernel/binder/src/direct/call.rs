//! `BC_TRANSACTION` to a proc in which a thread waits.

use super::commands::Message;
use super::message::Place;
use super::sender::{Sender, clear_error};
use super::{Ahead, Unusual};
use crate::driver::Driver;
use crate::effects::Passage;
use crate::log::{Completeness, LogEntry, LogKind};
use crate::machine::{Machine, TaskId};
use crate::read::Source;
use crate::table::NodeId;
use crate::thread::{Blocked, Looper};
use crate::transaction::Transaction;
use abi::binder::TransactionFlags;
use abi::binder::command::BC_TRANSACTION;
use abi::binder::reply::BR_NOOP;
use alloc::vec::Vec;

impl Driver {
    /// Sends a synchronous call of a thread that takes part in no other, and lets the thread wait for the reply.
    #[inline(always)]
    pub(super) fn call_directly(
        &mut self,
        sender: &Sender,
        message: &Message,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let flags = TransactionFlags::from_bits_retain(message.flags);
        if flags.contains(TransactionFlags::ONE_WAY) || sender.stack.is_some() || sender.need_return {
            return Err(Unusual);
        }
        let target = self.find_direct_target(sender, message.handle)?;
        let node = &mut self.nodes[target];
        let owner = node.owner.filter(|owner| *owner != sender.proc).ok_or(Unusual)?;
        let receiver = &mut self.procs[owner];
        let to_pid = receiver.pid;
        if receiver.frozen.frozen
            || node.wants_security_context
            || message.handle == 0 && to_pid == sender.pid
        {
            return Err(Unusual);
        }
        let reader_id = receiver.waiting.front().ok_or(Unusual)?;
        let reader = &mut self.threads[reader_id];
        if !reader.has_nothing() {
            return Err(Unusual);
        }
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let place = Place::find(region, message)?;
        let transaction = self.transactions.vacancy().ok_or(Unusual)?;
        let buffer = self.buffers.vacancy().ok_or(Unusual)?;
        place.fill(region, message, machine)?;
        machine
            .write_user(sender.read_buffer, &BR_NOOP.to_le_bytes())
            .map_err(|_| Unusual)?;

        // All is as usual: from here on everything succeeds.
        self.last_id = self.last_id.wrapping_add(1).max(1);
        let id = self.last_id;
        self.clock = machine.now();
        place.take(region, sender.pid, buffer);
        self.buffers.fill(
            buffer,
            place.buffer(id, owner, sender.pid, transaction, Some(target), flags),
        );
        self.transactions.fill(
            transaction,
            Transaction {
                id,
                work: None,
                from: Some(sender.thread),
                from_parent: None,
                to_proc: Some(owner),
                to_thread: None,
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
                needs_reply: true,
                started: self.clock,
            },
        );
        node.local_strong.up();
        self.log.add(LogEntry {
            id,
            kind: LogKind::Call,
            context: sender.context,
            completeness: Completeness::Complete,
            from_proc: sender.pid,
            from_thread: sender.task,
            to_proc: to_pid,
            to_thread: TaskId(0),
            to_node: node.id,
            target_handle: message.handle,
            data_size: place.data_size(),
            offsets_size: 0,
            failure: None,
        });
        reader.ahead.handed = Some(transaction);
        reader.process_todo = true;
        let handoff = (reader.task, reader_id);
        receiver.outstanding.up();
        receiver.waiting.pop_front(&mut self.threads);
        self.procs[sender.proc].stats.command(BC_TRANSACTION);
        self.stats.commands.command(BC_TRANSACTION);
        self.stats.objects.transactions.made();
        self.stats.objects.completions.made();
        let caller = &mut self.threads[sender.thread];
        clear_error(caller, id);
        caller.stack = Some(transaction);
        caller.ahead = Ahead {
            accepted: true,
            handed: None,
        };
        caller.looper.insert(Looper::WAITING);
        caller.blocked = Blocked::Read;
        caller.read.write_read.write_consumed = caller.read.write_read.write_size;
        caller.read.begin(Source::Own);
        Ok(Passage::Blocked(Some(handoff)))
    }

    /// The node behind a handle that keeps it.
    #[inline(always)]
    fn find_direct_target(&self, sender: &Sender, handle: u32) -> Result<NodeId, Unusual> {
        if handle == 0 {
            return self.managers.of(sender.context).node.ok_or(Unusual);
        }
        let handles = &self.procs[sender.proc].handles;
        let reference = &self.refs[handles.get(handle).ok_or(Unusual)?];
        if reference.strong.is_zero() {
            return Err(Unusual);
        }
        Ok(reference.node)
    }
}
