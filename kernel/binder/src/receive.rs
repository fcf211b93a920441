//! How a transaction reaches the thread that reads it.

use crate::driver::Driver;
use crate::effects::Effect;
use crate::held::Held;
use crate::machine::{Fault, Machine, Pid, Trace};
use crate::read::Next;
use crate::region::Delivery;
use crate::returns::Returns;
use crate::table::{BufferId, NodeId, ThreadId, TransactionId};
use crate::trace::Event;
use crate::transaction::{Placement, Transaction};
use abi::binder::object::FLAT_BINDER_FLAG_PRIORITY_MASK;
use abi::binder::reply::{BR_FAILED_REPLY, BR_REPLY, BR_TRANSACTION, BR_TRANSACTION_SEC_CTX};
use abi::binder::{TransactionData, TransactionDataSecctx};
use alloc::vec::Vec;
use zerocopy::IntoBytes;

/// The largest nice value. A node's flags may ask for a larger one, which then has no effect.
const NICE_MAX: u8 = 19;
const _: () = assert!(FLAT_BINDER_FLAG_PRIORITY_MASK == 0xff);

/// A file could not be installed.
struct OutOfDescriptors;

/// A call runs at its sender's priority if that is better than `least`, the node's, else at the node's. A one-way call
/// only ever raises the reader's.
#[inline(always)]
pub(crate) fn inherit_priority(
    transaction: &mut Transaction,
    least: u8,
    machine: &mut (impl Machine + ?Sized),
) {
    if transaction.is_oneway() {
        inherit_oneway_priority(transaction, least, machine);
    } else {
        inherit_call_priority(transaction, least, machine);
    }
}

/// The same for a one-way call.
#[inline(always)]
pub(crate) fn inherit_oneway_priority(
    transaction: &mut Transaction,
    least: u8,
    machine: &mut (impl Machine + ?Sized),
) {
    let saved = machine.nice();
    transaction.saved_priority = saved;
    if i16::from(saved) > i16::from(least) && least <= NICE_MAX {
        machine.set_nice(least.cast_signed());
    }
}

/// The same for a call that waits for an answer.
#[inline(always)]
pub(crate) fn inherit_call_priority(
    transaction: &mut Transaction,
    least: u8,
    machine: &mut (impl Machine + ?Sized),
) {
    transaction.saved_priority = machine.nice();
    if i16::from(transaction.priority) < i16::from(least) {
        machine.set_nice(transaction.priority);
    } else if least <= NICE_MAX {
        machine.set_nice(least.cast_signed());
    }
}

impl Driver {
    /// Hands a transaction over to the thread that reads it.
    #[inline]
    pub(crate) fn return_transaction(
        &mut self,
        caller: ThreadId,
        id: TransactionId,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        let Some(buffer) = self.transactions[id].buffer else {
            return Ok(Next::GoOn);
        };
        let target = self.buffers[buffer].target;
        let data = self.describe(id, buffer, target, machine);
        if self.install_files(id, buffer, machine).is_err() {
            return self.drop_undeliverable(caller, id, buffer, returns, machine);
        }
        let code = match (target, self.transactions[id].security_context) {
            (None, _) => BR_REPLY,
            (Some(_), None) => BR_TRANSACTION,
            (Some(_), Some(_)) => BR_TRANSACTION_SEC_CTX,
        };
        let written = match self.transactions[id].security_context {
            None => self.put_return(caller, code, data.as_bytes(), returns, machine),
            Some(secctx) => {
                let data = TransactionDataSecctx {
                    transaction_data: data,
                    secctx,
                };
                self.put_return(caller, code, data.as_bytes(), returns, machine)
            }
        };
        if written.and_then(|()| returns.flush(machine)).is_err() {
            self.cancel_transaction(id, BR_FAILED_REPLY);
            return Err(Fault);
        }
        self.hand_to_reader(caller, id, buffer, target, machine);
        Ok(Next::Stop)
    }

    /// From now on the reader may free the buffer, and must answer if it is a synchronous call.
    #[inline]
    fn hand_to_reader(
        &mut self,
        caller: ThreadId,
        id: TransactionId,
        buffer: BufferId,
        target: Option<NodeId>,
        machine: &mut dyn Machine,
    ) {
        self.buffers[buffer].delivery.insert(Delivery::DELIVERED);
        let transaction = &mut self.transactions[id];
        let number = transaction.id;
        let thread = &mut self.threads[caller];
        let task = thread.task;
        machine.trace(|| Event::Received { id: number, task });
        if target.is_some() && !transaction.is_oneway() {
            transaction.to_thread = Some(caller);
            transaction.to_parent = thread.stack.replace(id);
        } else {
            self.free_transaction(id);
        }
    }

    /// What the reader is told of a transaction. Reading a call also sets the reader's priority.
    #[inline]
    fn describe(
        &mut self,
        id: TransactionId,
        buffer: BufferId,
        target: Option<NodeId>,
        machine: &mut dyn Machine,
    ) -> TransactionData {
        let mut data = TransactionData::default();
        if let Some(node) = target {
            let name = self.nodes[node].name;
            data.target = name.ptr;
            data.cookie = name.cookie;
            let least = self.nodes[node].min_priority;
            inherit_priority(&mut self.transactions[id], least, machine);
        }
        let transaction = &self.transactions[id];
        let TransactionData {
            code,
            flags,
            sender_euid,
            ..
        } = transaction.announcement.data;
        data.code = code;
        data.flags = flags;
        data.sender_euid = sender_euid;
        data.sender_pid = transaction.from.map_or(0, |thread| {
            let sender = &self.procs[self.threads[thread].proc];
            let Pid(pid) = sender.pid;
            if sender.ended_as.is_some() {
                0
            } else {
                pid.cast_signed()
            }
        });
        let buffer = &self.buffers[buffer];
        data.data_size = buffer.request.data as u64;
        data.offsets_size = buffer.request.offsets as u64;
        data.buffer = self.buffer_address(buffer);
        data.offsets = data.buffer.wrapping_add(buffer.request.offsets_at() as u64);
        data
    }

    /// Installs the files of a transaction in the reader, all or none.
    #[inline]
    fn install_files(
        &mut self,
        id: TransactionId,
        buffer: BufferId,
        machine: &mut dyn Machine,
    ) -> Result<(), OutOfDescriptors> {
        let transaction = &mut self.transactions[id];
        if transaction.files.is_empty() {
            return Ok(());
        }
        let files = core::mem::take(&mut transaction.files);
        let received = &mut self.buffers[buffer];
        let Some(region) = &self.procs[received.proc].region else {
            return Err(OutOfDescriptors);
        };
        let mut installed = Vec::new();
        if received.held.reserve(files.len()).is_err() || installed.try_reserve(files.len()).is_err() {
            self.transactions[id].files = files;
            return Err(OutOfDescriptors);
        }
        let mut left = files.as_slice();
        while let [sent, others @ ..] = left {
            let Ok(descriptor) = machine.install_file(sent.file) else {
                break;
            };
            let to = received.offset.wrapping_add(sent.offset);
            machine.write_window(region.window, to, &descriptor.to_le_bytes());
            installed.push((sent.placement, descriptor));
            left = others;
        }
        // If one was not installed, those that were are closed again, the others dropped.
        for placed in [Placement::Array, Placement::Object] {
            for &(_, descriptor) in installed.iter().filter(|(placement, _)| *placement == placed) {
                if left.is_empty() {
                    if placed == Placement::Array {
                        received.held.push(Held::Descriptor(descriptor));
                    }
                } else if let Some(file) = machine.take_file(descriptor) {
                    self.effects.rest.push(Effect::DropFile(file));
                }
            }
        }
        for sent in left {
            self.effects.rest.push(Effect::DropFile(sent.file));
        }
        if left.is_empty() {
            Ok(())
        } else {
            Err(OutOfDescriptors)
        }
    }

    /// The reader has no room for the files of a transaction: it is dropped, and its sender told.
    #[cold]
    fn drop_undeliverable(
        &mut self,
        caller: ThreadId,
        id: TransactionId,
        buffer: BufferId,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        let is_reply = self.buffers[buffer].target.is_none();
        self.cancel_transaction(id, BR_FAILED_REPLY);
        self.free_buffer(buffer, machine);
        if is_reply {
            self.put_return(caller, BR_FAILED_REPLY, &[], returns, machine)?;
            return Ok(Next::Stop);
        }
        Ok(Next::GoOn)
    }
}
