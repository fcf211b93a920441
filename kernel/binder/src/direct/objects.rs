//! `BC_TRANSACTION` with objects, to a proc in which a thread waits.
//!
//! The objects themselves are [translated](crate::objects) in the general way. What they give the sender to read, of
//! nodes that were referred to for the first time, comes before the news that the call was accepted: then this is an
//! item of work behind those.

use super::call::find_target;
use super::message::{Place, clear_error};
use super::{Handed, Sender, Unusual};
use crate::buffer::{Charge, MAX_SIZE, Request};
use crate::driver::Driver;
use crate::log::{LogEntry, LogKind};
use crate::machine::Machine;
use crate::message::size;
use crate::proc::Caution;
use crate::read::Source;
use crate::region::Delivery;
use crate::table::{ProcId, ThreadId, TransactionId};
use crate::thread::Blocked;
use crate::transaction::Failure;
use crate::work::{Completion, Queue, Work};
use abi::Errno;
use abi::binder::TransactionData;
use abi::binder::command::BC_TRANSACTION;
use abi::binder::reply::{BR_NOOP, BR_TRANSACTION};

impl Driver {
    /// Sends the synchronous call with objects that has come in, and lets the sender wait for the reply. Nothing if its
    /// reader is to read it in the general way: then the [hand-over](Driver::take_handoff) is known.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: the general way knows what is left to do.
    #[inline(never)]
    pub fn call_with_objects(
        &mut self,
        sender: Sender,
        machine: &mut impl Machine,
    ) -> Result<Option<Handed<'_>>, Unusual> {
        let message = self.incoming.send.message;
        if message.offsets_size == 0 {
            return Err(Unusual);
        }
        let proc = &self.procs[sender.proc];
        let target = find_target(proc, message.handle, &self.refs, &self.managers)?;
        let node = &mut self.nodes[target];
        let owner = node.plain_owner.ok_or(Unusual)?;
        let (pid, is_left) = (proc.pid, proc.caution.contains(Caution::LEFT));
        let receiver = &mut self.procs[owner];
        let calls_itself = owner == sender.proc || message.handle == 0 && receiver.pid == pid;
        let is_shut = receiver.caution.intersects(Caution::FROZEN | Caution::CLOSED);
        if is_shut || calls_itself || is_left {
            return Err(Unusual);
        }
        let reader_id = receiver.waiting.front().ok_or(Unusual)?;
        let reader = &self.threads[reader_id];
        let thread = &self.threads[sender.thread];
        let waits = sender.stack.is_none() && !thread.need_return;
        if !waits || !reader.todo.is_empty() || reader.ahead.handed.is_some() {
            return Err(Unusual);
        }
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let fits = (message.data_size | message.offsets_size) <= MAX_SIZE as u64;
        if !fits || !message.offsets_size.is_multiple_of(8) {
            return Err(Unusual);
        }
        let transaction = self.transactions.vacancy().ok_or(Unusual)?;
        let buffer = self.buffers.vacancy().ok_or(Unusual)?;
        let request = Request {
            data: size(message.data_size),
            offsets: size(message.offsets_size),
            extra: 0,
        };
        let read_buffer = thread.read.write_read.read_buffer;
        let noop = machine.write_user_value(read_buffer, &BR_NOOP);
        noop.map_err(|_| Unusual)?;
        let allocation = region.space.allocate(&request, Charge::Sync, pid, buffer.id());
        let allocation = allocation.map_err(|_| Unusual)?;
        if allocation.absent.is_some() {
            region.space.free(allocation.offset);
            return Err(Unusual);
        }
        let place = Place {
            data: request.data,
            offset: allocation.offset,
        };

        // From here on it can fail only as it would in the general way.
        let id = self.debug_ids.next();
        let (call, buffer_id) = (transaction.id(), buffer.id());
        let buffer = buffer.take();
        place.note(buffer);
        buffer.begin(&message, pid, Charge::Sync);
        buffer.delivery.remove(Delivery::PLAIN);
        buffer.id = id;
        buffer.request = request;
        buffer.proc = owner;
        buffer.transaction = Some(call);
        buffer.target = Some(target);
        let transaction = transaction.take();
        transaction.announcement.begin(BR_TRANSACTION, &message);
        place.announce(&mut transaction.announcement, region);
        transaction.announcement.data.offsets_size = message.offsets_size;
        let to = receiver.pid;
        let proc = &mut self.procs[sender.proc];
        let thread = &mut self.threads[sender.thread];
        transaction.begin((proc, thread), machine);
        transaction.id = id;
        transaction.from = Some(sender.thread);
        transaction.from_parent = None;
        // Set when it is handed over: until then nothing is outstanding.
        transaction.to_proc = None;
        transaction.to_thread = None;
        transaction.buffer = Some(buffer_id);
        let data = &mut transaction.announcement.data;
        (data.target, data.cookie) = (node.name.ptr, node.name.cookie);
        data.sender_pid = pid.0.cast_signed();
        node.local_strong.up();
        self.log.add(LogEntry {
            to_node: node.id,
            offsets_size: i32::try_from(request.offsets).unwrap_or(i32::MAX),
            ..place.log_entry(id, LogKind::Call, (proc, thread), to, message.handle)
        });
        proc.stats.command(BC_TRANSACTION);
        self.stats.objects.transactions.made();
        self.stats.objects.completions.begin();
        clear_error(thread, id);
        thread.read.write_read.write_consumed = thread.read.write_read.write_size;
        let data = TransactionData {
            data_size: message.data_size,
            offsets_size: message.offsets_size,
            buffer: message.buffer,
            offsets: message.offsets,
            ..TransactionData::default()
        };
        let sent = match self.transfer_sole(sender.thread, call, &data, machine) {
            Some(sent) => sent,
            None => self.transfer(sender.thread, call, &data, None, 0, machine),
        };
        match sent.and_then(|()| self.get_ready(sender, call)) {
            Ok(()) => Ok(self.hand_to((reader_id, owner), sender, call)),
            Err(failure) => {
                self.stats.objects.completions.gone();
                self.release_buffer(buffer_id, machine);
                self.free_transaction(call);
                self.fail_call(sender.thread, id, failure);
                Err(Unusual)
            }
        }
    }

    /// Takes the memory that handing a call over needs.
    #[inline]
    fn get_ready(&mut self, sender: Sender, call: TransactionId) -> Result<(), Failure> {
        let no_memory = |_| Failure::Failed(Errno::ENOMEM);
        // Files are installed by the general way, which takes what it reads off the queue.
        if !self.transactions[call].files.is_empty() {
            let work = self.new_work(Work::Transaction(call)).map_err(no_memory)?;
            self.transactions[call].work = Some(work);
        }
        if !self.threads[sender.thread].todo.is_empty() {
            let completion = self.new_work(Work::Complete(Completion::Usual));
            self.enqueue_to_thread(sender.thread, completion.map_err(no_memory)?);
        }
        Ok(())
    }

    /// Hands a call over, of which everything is in the buffer.
    #[inline]
    fn hand_to(
        &mut self,
        (reader_id, owner): (ThreadId, ProcId),
        sender: Sender,
        call: TransactionId,
    ) -> Option<Handed<'_>> {
        self.procs[sender.proc].calls.begin();
        let receiver = &mut self.procs[owner];
        receiver.outstanding.up_for_object();
        let (thread, reader) = self.threads.pair(sender.thread, reader_id)?;
        receiver.waiting.leave(reader);
        thread.stack = Some(call);
        thread.ahead.accepted = thread.todo.is_empty();
        thread.blocked = Blocked::PlainRead;
        thread.read.begin(Source::Own);
        let to = (reader.task, reader_id);
        let transaction = &mut self.transactions[call];
        transaction.to_proc = Some(owner);
        if let Some(work) = transaction.work {
            self.effects.handoff = Some(to);
            self.works[work].queue = Some(Queue::Thread(reader_id));
            reader.todo.push_back(&mut self.works, work);
            reader.process_todo = true;
            return None;
        }
        let buffer = &mut self.buffers[transaction.buffer?];
        let node = &self.nodes[buffer.target?];
        Some(Handed {
            to,
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
