//! `BC_REPLY` to a thread that waits for it.

use super::message::{Place, clear_error};
use super::{Sender, Unusual};
use crate::buffer::Charge;
use crate::driver::Driver;
use crate::effects::Handoff;
use crate::log::{LogEntry, LogKind};
use crate::machine::Machine;
use crate::proc::Caution;
use crate::thread::{Blocked, Looper};
use crate::work::{Queue, Work, WorkItem};
use abi::binder::command::BC_REPLY;
use abi::binder::reply::{BR_NOOP, BR_REPLY, BR_TRANSACTION_COMPLETE};

/// What the replier reads at once.
pub(super) const ACCEPTED: u64 = BR_NOOP as u64 | (BR_TRANSACTION_COMPLETE as u64) << u32::BITS;

impl Driver {
    /// Sends the reply to the call that the sender read last, and tells the sender that it was accepted. The reply takes
    /// the call's place in the table. Whose call it was can go on.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: the general way knows what is left to do.
    #[inline(always)]
    pub fn reply_directly(&mut self, sender: Sender, machine: &mut impl Machine) -> Result<Handoff, Unusual> {
        self.reply_to::<false>(sender, machine)
    }

    /// The same, also to a thread that has other things to read before the reply, if `ANYHOW` says so.
    #[inline(always)]
    pub(super) fn reply_to<const ANYHOW: bool>(
        &mut self,
        sender: Sender,
        machine: &mut impl Machine,
    ) -> Result<Handoff, Unusual> {
        let message = &self.incoming.send.message;
        let call = sender.stack.ok_or(Unusual)?;
        let call = self.transactions.heritage(call).ok_or(Unusual)?;
        let answered = call.value();
        if answered.to_thread != Some(sender.thread) {
            return Err(Unusual);
        }
        let reader_id = answered.from.ok_or(Unusual)?;
        let (thread, reader) = self.threads.pair(sender.thread, reader_id).ok_or(Unusual)?;
        let is_behind = !reader.todo.is_empty() || ANYHOW && reader.errors.queued() != 0;
        let takes_it = if ANYHOW {
            reader.blocked.is_read()
        } else {
            reader.blocked == Blocked::PlainRead && !is_behind
        };
        if !takes_it || reader.ahead.handed.is_some() || thread.looper.contains(Looper::POLL) {
            return Err(Unusual);
        }
        let owner = reader.proc;
        let (proc, receiver) = self.procs.pair(sender.proc, owner).ok_or(Unusual)?;
        if proc.caution.contains(Caution::LEFT) || receiver.caution.contains(Caution::CLOSED) {
            return Err(Unusual);
        }
        if ANYHOW && is_behind && self.works.reserve(1).is_err() {
            return Err(Unusual);
        }
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let (answer, reply) = (answered.buffer, call.heir());
        // What is written to a vacant place is nowhere to be seen until it is taken.
        let mut buffer = self.buffers.vacancy().ok_or(Unusual)?;
        let buffer_id = buffer.id();
        let draft = buffer.draft();
        draft.begin(message, proc.pid, Charge::Sync);
        draft.proc = owner;
        draft.transaction = Some(reply);
        draft.target = None;
        if message.offsets_size != 0 {
            return Err(Unusual);
        }
        let place = Place::take(region, message, proc.pid, buffer_id)?;
        place.note(draft);
        let filled = place.fill(region, message, machine);
        if filled.is_err() || thread.read.put_first(&ACCEPTED, machine).is_err() {
            return Err(place.give_up(region));
        }

        // All is as usual: from here on everything succeeds.
        if let Some(work) = answered.work {
            self.works.discard(work);
        }
        let id = self.debug_ids.next();
        machine.set_nice(answered.saved_priority);
        thread.stack = answered.to_parent;
        reader.stack = answered.from_parent;
        if !(ANYHOW && is_behind) {
            reader.ahead.handed = Some(reply);
        }
        reader.process_todo = true;
        let handoff = (reader.task, reader_id);
        self.log.add(LogEntry {
            to_thread: reader.task,
            ..place.log_entry(id, LogKind::Reply, (proc, thread), receiver.pid, message.handle)
        });
        buffer.take().id = id;
        let transaction = call.pass_on();
        transaction.id = id;
        transaction.begin((proc, thread), machine);
        transaction.from = None;
        transaction.from_parent = None;
        transaction.to_proc = Some(owner);
        transaction.to_thread = Some(reader_id);
        transaction.buffer = Some(buffer_id);
        if ANYHOW && is_behind {
            let work = WorkItem::queued(Work::Transaction(reply), Queue::Thread(reader_id));
            transaction.work = self.works.insert(work).ok();
            if let Some(work) = transaction.work {
                reader.todo.push_back(&mut self.works, work);
            }
        }
        transaction.announcement.begin(BR_REPLY, message);
        place.announce(&mut transaction.announcement, region);
        let data = &mut transaction.announcement.data;
        (data.target, data.cookie, data.sender_pid) = (0, 0, 0);
        if let Some(buffer) = answer {
            self.buffers[buffer].transaction = None;
        }
        receiver.outstanding.up_for_object();
        receiver.calls.end();
        // The call has ended, the reply and its acceptance have begun, the latter is read at once.
        self.stats.objects.transactions.made();
        proc.stats.command(BC_REPLY);
        proc.stats.returned(BR_TRANSACTION_COMPLETE);
        proc.outstanding.down();
        clear_error(thread, id);
        let write_read = &mut thread.read.write_read;
        write_read.write_consumed = write_read.write_size;
        write_read.read_consumed = size_of_val(&ACCEPTED) as u64;
        match thread.end_read(proc, machine) {
            Ok(()) => Ok(handoff),
            Err(step_back) => {
                self.effects.handoff = Some(handoff);
                Err(self.step_back(step_back))
            }
        }
    }
}
