//! One-way calls: sending them, and freeing them, which lets the next one go.

use super::call::find_target;
use super::commands::Message;
use super::message::{Place, clear_error};
use super::reply::ACCEPTED;
use super::{Sender, Unusual};
use crate::buffer::{self, Charge, MAX_SIZE, Request};
use crate::defect::Defect;
use crate::driver::Driver;
use crate::effects::{Effect, Handoff};
use crate::log::{LogEntry, LogKind};
use crate::machine::{Machine, Pid};
use crate::message::size;
use crate::node::Node;
use crate::proc::Caution;
use crate::proc::Proc;
use crate::region::{Buffer, Delivery, Region};
use crate::table::{BufferId, Found, NodeId, ProcId, Table, ThreadId, WorkId};
use crate::thread::Looper;
use crate::work::{Queue, Work, WorkItem, WorkList};
use abi::binder::command::{BC_FREE_BUFFER, BC_TRANSACTION};
use abi::binder::reply::{BR_TRANSACTION, BR_TRANSACTION_COMPLETE};

/// Where a one-way call goes.
#[derive(Clone, Copy)]
enum Way {
    /// Behind an earlier one to the same node.
    Behind,
    /// To whichever thread of the proc reads next.
    Queued,
    /// To a thread that waits.
    Handed(ThreadId),
}

/// Takes room for a one-way call in a region that is mapped as a whole, if there is so much of it that nobody can be suspected of flooding the receiver, and
/// all its pages have memory.
#[inline(always)]
fn take_place(
    region: &mut Region,
    message: &Message,
    sender: Pid,
    buffer: BufferId,
    waits: bool,
) -> Result<Place, Unusual> {
    if message.offsets_size != 0 || message.data_size > MAX_SIZE as u64 {
        return Err(Unusual);
    }
    let data = size(message.data_size);
    let taken = Request::size_of_plain(data);
    let offset = match region.space.append_async(taken, sender, buffer, waits) {
        Some(offset) => offset,
        None => book::<()>(region, data, sender, buffer)?,
    };
    Ok(Place { data, offset })
}

/// The same between other buffers.
///
/// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
#[inline(never)]
#[expect(
    clippy::extra_unused_type_parameters,
    reason = "what is generic is compiled where it is called from"
)]
fn book<Here>(region: &mut Region, data: usize, sender: Pid, buffer: BufferId) -> Result<usize, Unusual> {
    if !region.space.is_roomy_for_async(data.next_multiple_of(8).max(8)) {
        return Err(Unusual);
    }
    let request = Request {
        data,
        offsets: 0,
        extra: 0,
    };
    let allocation = region.space.allocate(&request, Charge::Async, sender, buffer);
    let allocation = allocation.map_err(|_| Unusual)?;
    if allocation.absent.is_some() {
        region.space.free(allocation.offset);
        return Err(Unusual);
    }
    Ok(allocation.offset)
}

impl Driver {
    /// Sends the one-way call that has come in, and tells the sender that it was accepted. Whoever was woken to read it.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: the general way knows what is left to do.
    #[inline(always)]
    pub fn send_oneway(
        &mut self,
        sender: Sender,
        machine: &mut impl Machine,
    ) -> Result<Option<Handoff>, Unusual> {
        if self.has_defect(Defect::OnewayOrder) {
            return Err(Unusual);
        }
        let handle = self.incoming.send.message.handle;
        let target = find_target(&self.procs[sender.proc], handle, &self.refs, &self.managers)?;
        let message = &self.incoming.send.message;
        let node = &mut self.nodes[target];
        let owner = node.plain_owner.ok_or(Unusual)?;
        let (proc, receiver) = self.procs.pair(sender.proc, owner).ok_or(Unusual)?;
        let pid = proc.pid;
        if receiver.pid == pid && handle == 0 {
            return Err(Unusual);
        }
        let is_shut = receiver.caution.intersects(Caution::FROZEN | Caution::CLOSED);
        if is_shut || proc.caution.intersects(Caution::LEFT | Caution::FROZEN) {
            return Err(Unusual);
        }
        let way = match receiver.waiting.front() {
            _ if node.oneway_active => Way::Behind,
            Some(reader) => Way::Handed(reader),
            None if !receiver.polling.is_empty() => return Err(Unusual),
            None => Way::Queued,
        };
        if let Way::Handed(reader) = way {
            let reader = &self.threads[reader];
            if !reader.todo.is_empty() || reader.ahead.handed.is_some() {
                return Err(Unusual);
            }
        }
        let thread = &mut self.threads[sender.thread];
        if thread.looper.contains(Looper::POLL) {
            return Err(Unusual);
        }
        let region = receiver.region.as_mut().ok_or(Unusual)?;
        let transaction = self.transactions.vacancy().ok_or(Unusual)?;
        let buffer = self.buffers.vacancy().ok_or(Unusual)?;
        let work = self.works.vacancy().ok_or(Unusual)?;
        let place = take_place(region, message, pid, buffer.id(), node.oneway_active)?;
        let read_buffer = thread.read.write_read.read_buffer;
        let filled = place.fill(region, message, machine);
        if filled.is_err() || machine.write_user_value(read_buffer, &ACCEPTED).is_err() {
            return Err(place.give_up(region));
        }

        // All is as usual: from here on everything succeeds.
        receiver.outstanding.up_for_object();
        let to = receiver.pid;
        let id = self.debug_ids.next();
        let (transaction_id, buffer_id) = (transaction.id(), buffer.id());
        let buffer = buffer.take();
        place.note(buffer);
        buffer.begin(message, pid, Charge::Async);
        buffer.id = id;
        buffer.proc = owner;
        buffer.transaction = Some(transaction_id);
        buffer.target = Some(target);
        let transaction = transaction.take();
        transaction.announcement.begin(BR_TRANSACTION, message);
        place.announce(&mut transaction.announcement, region);
        let data = &mut transaction.announcement.data;
        (data.target, data.cookie, data.sender_pid) = (node.name.ptr, node.name.cookie, 0);
        node.local_strong.up_for_object();
        node.oneway_active = true;
        self.log.add(LogEntry {
            to_node: node.id,
            ..place.log_entry(id, LogKind::OneWay, (proc, thread), to, handle)
        });
        transaction.begin((proc, thread), machine);
        transaction.id = id;
        transaction.from = None;
        transaction.from_parent = None;
        transaction.to_proc = Some(owner);
        transaction.to_thread = None;
        transaction.buffer = Some(buffer_id);
        proc.stats.command(BC_TRANSACTION);
        proc.stats.returned(BR_TRANSACTION_COMPLETE);
        self.stats.objects.transactions.made();
        clear_error(thread, id);
        let write_read = &mut thread.read.write_read;
        write_read.write_consumed = write_read.write_size;
        write_read.read_consumed = size_of_val(&ACCEPTED) as u64;
        let ended = thread.end_read(proc, machine);
        let (queue, reader) = match way {
            Way::Behind => (Queue::OneWay(target), None),
            Way::Queued => (Queue::Proc(owner), None),
            Way::Handed(reader) => (Queue::Proc(owner), Some(reader)),
        };
        let mut woken = None;
        if let Some(id) = reader {
            let reader = &mut self.threads[id];
            reader.ahead.handed = Some(transaction_id);
            reader.process_todo = true;
            reader.news = reader.news.wrapping_add(1);
            receiver.waiting.leave(reader);
            woken = Some((reader.task, id));
        } else {
            let id = work.id();
            transaction.work = Some(id);
            let list = match way {
                Way::Behind => &mut node.oneways,
                Way::Queued | Way::Handed(_) => &mut receiver.todo,
            };
            let links = list.extend(id);
            work.fill(WorkItem::placed(Work::Transaction(transaction_id), queue, links));
            WorkList::stand_before(&mut self.works, links.before(), id);
        }
        match ended {
            Ok(()) => Ok(woken),
            Err(step_back) => {
                if let Some((task, reader)) = woken {
                    self.effects.rest.push(Effect::Wake(task, reader));
                }
                Err(self.step_back(step_back))
            }
        }
    }
}

/// `BC_FREE_BUFFER` for a delivered one-way call that was found, if it holds nothing but its data and nobody has to be woken
/// to read the next one.
#[inline(always)]
pub(super) fn free_oneway(
    (owner, proc): (ProcId, &mut Proc),
    (mut buffer, place): (Found<'_, Buffer, BufferId>, buffer::Found),
    nodes: &mut Table<Node, NodeId>,
    works: &mut Table<WorkItem, WorkId>,
) -> Result<(), Unusual> {
    let freed = buffer.value();
    let node = &mut nodes[freed.target.ok_or(Unusual)?];
    if freed.delivery != Delivery::PLAINLY_DELIVERED || freed.transaction.is_some() {
        return Err(Unusual);
    }
    if node.remote_strong.is_zero() && node.local_strong.get() < 2 {
        return Err(Unusual);
    }
    if !node.oneways.is_empty() && (!proc.waiting.is_empty() || !proc.polling.is_empty()) {
        return Err(Unusual);
    }
    let region = proc.region.as_mut().ok_or(Unusual)?;
    region.space.free_async_in_order(place);
    buffer.vacate();
    proc.stats.command(BC_FREE_BUFFER);
    node.local_strong.down();
    match proc.todo.take_over(&mut node.oneways, works) {
        None => node.oneway_active = false,
        Some((_, next)) => next.queue = Some(Queue::Proc(owner)),
    }
    Ok(())
}
