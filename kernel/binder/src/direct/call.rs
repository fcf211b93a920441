//! `BC_TRANSACTION` to a proc in which a thread waits.

use super::commands::Message;
use super::message::{Place, clear_error};
use super::{Ahead, Sender, Unusual};
use crate::driver::Driver;
use crate::effects::Passage;
use crate::list::List;
use crate::log::{LogEntry, LogKind};
use crate::machine::{Machine, TaskId};
use crate::read::Source;
use crate::table::{NodeId, ProcId, ThreadId};
use crate::thread::{Blocked, Looper, WaitingChain};
use crate::transaction::Transaction;
use abi::binder::TransactionFlags;
use abi::binder::command::BC_TRANSACTION;
use abi::binder::reply::BR_NOOP;

impl Driver {
    /// Sends a synchronous call, and lets the sender wait for the reply.
    #[inline(always)]
    pub(super) fn call_directly(
        &mut self,
        sender: Sender,
        message: &Message,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let flags = TransactionFlags::from_bits_retain(message.flags);
        if flags.contains(TransactionFlags::ONE_WAY) {
            return Err(Unusual);
        }
        let target = self.find_direct_target(sender.proc, message.handle)?;
        let owner = self.nodes[target].owner.ok_or(Unusual)?;
        let partner = match sender.stack {
            None => None,
            Some(_) => self.find_partner(sender, owner)?,
        };
        let node = &mut self.nodes[target];
        let (proc, receiver) = self.procs.pair(sender.proc, owner).ok_or(Unusual)?;
        let calls_itself = message.handle == 0 && receiver.pid == proc.pid;
        let is_left = proc.ended_as.is_some();
        if receiver.frozen.frozen || node.wants_security_context || calls_itself || is_left {
            return Err(Unusual);
        }
        let reader_id = partner.or(receiver.waiting.front()).ok_or(Unusual)?;
        let (thread, reader) = self.threads.pair(sender.thread, reader_id).ok_or(Unusual)?;
        if thread.need_return || !reader.todo.is_empty() || reader.ahead.handed.is_some() {
            return Err(Unusual);
        }
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let transaction = self.transactions.vacancy().ok_or(Unusual)?;
        let buffer = self.buffers.vacancy().ok_or(Unusual)?;
        let place = Place::take(region, message, proc.pid, buffer.id())?;
        let read_buffer = thread.read.write_read.read_buffer;
        let filled = place.fill(region, message, machine);
        if filled.is_err() || machine.write_user(read_buffer, &BR_NOOP.to_le_bytes()).is_err() {
            return Err(place.give_up(region));
        }

        // All is as usual: from here on everything succeeds.
        self.last_id = self.last_id.wrapping_add(1).max(1);
        let id = self.last_id;
        self.clock = machine.now();
        let (transaction_id, buffer_id) = (transaction.id(), buffer.id());
        buffer.fill(place.buffer(id, owner, proc.pid, transaction_id, Some(target), flags));
        transaction.fill(Transaction {
            from: Some(sender.thread),
            from_parent: sender.stack,
            to_thread: partner,
            needs_reply: true,
            ..message.transaction(id, (proc, thread), owner, buffer_id, self.clock, machine)
        });
        node.local_strong.up();
        self.log.add(LogEntry {
            to_node: node.id,
            to_thread: partner.map_or(TaskId(0), |_| reader.task),
            ..place.log_entry(id, LogKind::Call, (proc, thread), receiver.pid, message.handle)
        });
        proc.stats.command(BC_TRANSACTION);
        self.stats.objects.transactions.made();
        self.stats.objects.completions.made();
        clear_error(thread, id);
        thread.stack = Some(transaction_id);
        thread.ahead = Ahead {
            accepted: true,
            handed: None,
        };
        thread.looper.insert(Looper::WAITING);
        thread.blocked = Blocked::Read;
        thread.read.write_read.write_consumed = thread.read.write_read.write_size;
        thread.read.begin(Source::Own);
        receiver.outstanding.up();
        reader.ahead.handed = Some(transaction_id);
        reader.process_todo = true;
        self.effects.handoff = Some((reader.task, reader_id));
        if partner.is_none() {
            let after = receiver.waiting.leave(reader);
            List::<WaitingChain>::stand_behind(&mut self.threads, after, None);
        }
        Ok(Passage::Blocked)
    }

    /// The node behind a handle that keeps it.
    #[inline(always)]
    fn find_direct_target(&self, proc: ProcId, handle: u32) -> Result<NodeId, Unusual> {
        let proc = &self.procs[proc];
        if handle == 0 {
            return self.managers.of(proc.context).node.ok_or(Unusual);
        }
        let reference = &self.refs[proc.handles.get(handle).ok_or(Unusual)?];
        if reference.strong.is_zero() {
            return Err(Unusual);
        }
        Ok(reference.node)
    }

    /// The nearest thread of the target that waits for this very conversation: a call back goes to it.
    #[inline(never)]
    fn find_partner(&self, sender: Sender, target: ProcId) -> Result<Option<ThreadId>, Unusual> {
        let mut next = sender.stack;
        if let Some(top) = next
            && self.transactions[top].to_thread != Some(sender.thread)
        {
            return Err(Unusual);
        }
        while let Some(id) = next {
            let transaction = &self.transactions[id];
            if let Some(from) = transaction.from {
                let thread = &self.threads[from];
                if thread.proc == target {
                    return if thread.blocked == Blocked::Read {
                        Ok(Some(from))
                    } else {
                        Err(Unusual)
                    };
                }
            }
            next = transaction.from_parent;
        }
        Ok(None)
    }
}
