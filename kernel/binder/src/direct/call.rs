//! `BC_TRANSACTION` to a proc in which a thread waits.

use super::message::{Place, clear_error};
use super::{Handed, Sender, Unusual};
use crate::buffer::Charge;
use crate::context::Managers;
use crate::driver::Driver;
use crate::log::{LogEntry, LogKind};
use crate::machine::{Machine, TaskId};
use crate::proc::{Caution, Proc};
use crate::read::Source;
use crate::reference::Reference;
use crate::table::{NodeId, ProcId, RefId, Table, ThreadId, TransactionId};
use crate::thread::{Blocked, Thread};
use crate::transaction::Transaction;
use abi::binder::command::BC_TRANSACTION;
use abi::binder::reply::{BR_NOOP, BR_TRANSACTION};

impl Driver {
    /// Sends the synchronous call that has come in, and lets the sender wait for the reply.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: then nothing is done.
    #[inline(always)]
    pub fn call_directly(
        &mut self,
        sender: Sender,
        machine: &mut impl Machine,
    ) -> Result<Handed<'_>, Unusual> {
        let message = &self.incoming.send.message;
        let handle = message.handle;
        let target = find_target(&self.procs[sender.proc], handle, &self.refs, &self.managers)?;
        let node = &mut self.nodes[target];
        let owner = node.plain_owner.ok_or(Unusual)?;
        let mut partner = None;
        if let Some(top) = sender.stack {
            partner = find_partner::<()>(sender.thread, top, owner, &self.transactions, &self.threads)?;
        }
        // What is written to vacant places is nowhere to be seen until they are taken.
        let mut transaction = self.transactions.vacancy().ok_or(Unusual)?;
        let mut buffer = self.buffers.vacancy().ok_or(Unusual)?;
        let (call, buffer_id) = (transaction.id(), buffer.id());
        let draft = buffer.draft();
        draft.proc = owner;
        draft.transaction = Some(call);
        draft.target = Some(target);
        let draft = transaction.draft();
        draft.from = Some(sender.thread);
        draft.from_parent = sender.stack;
        draft.to_proc = Some(owner);
        draft.buffer = Some(buffer_id);
        let (proc, receiver) = self.procs.pair(sender.proc, owner).ok_or(Unusual)?;
        if receiver.pid == proc.pid && handle == 0 {
            return Err(Unusual);
        }
        let is_left = proc.caution.contains(Caution::LEFT);
        let is_shut = receiver.caution.intersects(Caution::FROZEN | Caution::CLOSED);
        if is_shut || is_left {
            return Err(Unusual);
        }
        let reader_id = partner.or(receiver.waiting.front()).ok_or(Unusual)?;
        let (thread, reader) = self.threads.pair(sender.thread, reader_id).ok_or(Unusual)?;
        if thread.need_return || !reader.todo.is_empty() || reader.ahead.handed.is_some() {
            return Err(Unusual);
        }
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let place = Place::take(region, message, proc.pid, buffer.id())?;
        let filled = place.fill(region, message, machine);
        if filled.is_err() || thread.read.put_first(&BR_NOOP, machine).is_err() {
            return Err(place.give_up(region));
        }

        // All is as usual: from here on everything succeeds.
        let id = self.debug_ids.next();
        let (buffer, transaction) = (buffer.take(), transaction.take());
        (buffer.id, transaction.id) = (id, id);
        buffer.begin(message, proc.pid, Charge::Sync);
        place.note(buffer);
        place.announce(&mut transaction.announcement, region);
        // A partner waits for nothing but this.
        let is_partner = !reader.is_waiting();
        transaction.begin((proc, thread), machine);
        transaction.to_thread = is_partner.then_some(reader_id);
        transaction.announcement.begin(BR_TRANSACTION, message);
        let data = &mut transaction.announcement.data;
        (data.target, data.cookie) = (node.name.ptr, node.name.cookie);
        data.sender_pid = proc.pid.0.cast_signed();
        node.local_strong.up_for_object();
        self.log.add(LogEntry {
            to_node: node.id,
            to_thread: if is_partner { reader.task } else { TaskId(0) },
            ..place.log_entry(id, LogKind::Call, (proc, thread), receiver.pid, message.handle)
        });
        proc.stats.command(BC_TRANSACTION);
        proc.calls.begin();
        self.stats.objects.transactions.made();
        self.stats.objects.completions.begin();
        clear_error(thread, id);
        thread.stack = Some(call);
        thread.ahead.accepted = true;
        thread.blocked = Blocked::PlainRead;
        thread.read.write_read.write_consumed = thread.read.write_read.write_size;
        thread.read.begin(Source::Own);
        receiver.outstanding.up_for_object();
        if !is_partner {
            receiver.waiting.leave(reader);
        }
        Ok(Handed {
            to: (reader.task, reader_id),
            call,
            reader,
            proc: receiver,
            node,
            transaction,
            buffer,
            objects: &mut self.stats.objects,
            effects: &mut self.effects,
            step_back: &mut self.step_back,
        })
    }
}

/// The node behind a handle that keeps it.
#[inline(always)]
pub(super) fn find_target(
    proc: &Proc,
    handle: u32,
    refs: &Table<Reference, RefId>,
    managers: &Managers,
) -> Result<NodeId, Unusual> {
    if handle == 0 {
        return managers.of(proc.context).node.ok_or(Unusual);
    }
    let reference = &refs[proc.handles.get(handle).ok_or(Unusual)?];
    if reference.strong.is_zero() {
        return Err(Unusual);
    }
    Ok(reference.node)
}

/// The nearest thread of the target that waits for this very conversation: a call back goes to it.
///
/// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
#[inline(never)]
#[expect(
    clippy::extra_unused_type_parameters,
    reason = "what is generic is compiled where it is called from"
)]
fn find_partner<Here>(
    sender: ThreadId,
    top: TransactionId,
    target: ProcId,
    transactions: &Table<Transaction, TransactionId>,
    threads: &Table<Thread, ThreadId>,
) -> Result<Option<ThreadId>, Unusual> {
    if transactions[top].to_thread != Some(sender) {
        return Err(Unusual);
    }
    let mut next = Some(top);
    while let Some(id) = next {
        let transaction = &transactions[id];
        if let Some(from) = transaction.from {
            let thread = &threads[from];
            if thread.proc == target {
                return if thread.blocked.is_read() && thread.errors.queued() == 0 {
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
