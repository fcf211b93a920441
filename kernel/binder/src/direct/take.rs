//! Reading a call that found nobody waiting.

use super::{Sender, Unusual};
use crate::driver::Driver;
use crate::machine::Machine;
use crate::region::Delivery;
use crate::table::Element;
use crate::transaction::Announcement;
use crate::work::Work;
use abi::binder::reply::{BR_NOOP, BR_TRANSACTION, BR_TRANSACTION_COMPLETE};

impl Driver {
    /// Reads the call that comes first in the proc's queue. The reader has nothing of its own to read.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: the general way knows what is left to do.
    #[inline(always)]
    pub fn take_directly(&mut self, reader: Sender, machine: &mut impl Machine) -> Result<(), Unusual> {
        if reader.stack.is_some() {
            return Err(Unusual);
        }
        let work = self.procs[reader.proc].todo.front().ok_or(Unusual)?;
        let mut work = self.works.find(work).ok_or(Unusual)?;
        let Work::Transaction(id) = work.value().work else {
            return Err(Unusual);
        };
        let mut found = self.transactions.find(id).ok_or(Unusual)?;
        let transaction = found.value();
        if let Some(from) = transaction.from
            && self.procs[self.threads[from].proc].ended_as.is_some()
        {
            return Err(Unusual);
        }
        let thread = &mut self.threads[reader.thread];
        let proc = &mut self.procs[reader.proc];
        let plain = transaction.files.is_empty() && transaction.security_context.is_none();
        if !plain || proc.frozen.frozen {
            return Err(Unusual);
        }
        let buffer = &mut self.buffers[transaction.buffer.ok_or(Unusual)?];
        let node = &self.nodes[buffer.target.ok_or(Unusual)?];
        let announcement = &mut transaction.announcement;
        if announcement.code == BR_NOOP {
            let region = proc.region.as_ref().ok_or(Unusual)?;
            let address = region.address.wrapping_add(buffer.offset as u64);
            announcement.code = BR_TRANSACTION;
            let data = &mut announcement.data;
            (data.target, data.cookie) = (node.name.ptr, node.name.cookie);
            data.data_size = buffer.request.data as u64;
            data.offsets_size = buffer.request.offsets as u64;
            data.buffer = address;
            data.offsets = address.wrapping_add(buffer.request.offsets_at() as u64);
            data.sender_pid = match transaction.from {
                None => 0,
                Some(_) => transaction.from_pid.0.cast_signed(),
            };
        }
        // The reader has no call of its own whose acceptance it could be told of.
        announcement.accepted = BR_NOOP;
        let written = machine.write_user_value(thread.read.write_read.read_buffer, announcement);
        announcement.accepted = BR_TRANSACTION_COMPLETE;
        written.map_err(|_| Unusual)?;

        // The reader has it: from here on everything succeeds.
        proc.todo.leave(work.value());
        thread.read.write_read.read_consumed = size_of::<Announcement>() as u64;
        buffer.delivery.insert(Delivery::DELIVERED);
        machine.set_nice(proc.default_nice);
        if transaction.is_oneway() {
            proc.end_oneway(transaction, (buffer, node), machine);
            work.vacate();
            found.vacate().clear();
        } else {
            work.value().queue = None;
            thread.begin_to_handle(reader.thread, id, transaction, (proc, node), machine);
        }
        let ended = thread.end_read(proc, machine);
        ended.map_err(|step_back| self.step_back(step_back))
    }
}
