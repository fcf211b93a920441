//! Reading what was handed over.

use super::{Ahead, ROOM, Unusual};
use crate::driver::Driver;
use crate::effects::Passage;
use crate::machine::{Machine, Pid};
use crate::receive::inherit_priority;
use crate::region::Delivery;
use crate::table::ThreadId;
use crate::thread::{Blocked, Looper};
use abi::binder::TransactionData;
use abi::binder::reply::{BR_REPLY, BR_TRANSACTION, BR_TRANSACTION_COMPLETE};
use zerocopy::{Immutable, IntoBytes};

/// What a reader gets: that its own call was accepted, and a message.
#[derive(IntoBytes, Immutable)]
#[repr(C, align(8))]
struct Both {
    accepted: u32,
    code: u32,
    data: TransactionData,
}

/// Bytes of the first part.
const ACCEPTED: usize = size_of::<u32>();

impl Driver {
    /// Carries on a read whose thread was handed a call or reply, and has nothing else to read.
    #[inline(always)]
    pub(crate) fn deliver_directly(
        &mut self,
        caller: ThreadId,
        machine: &mut impl Machine,
    ) -> Option<Passage> {
        self.try_to_deliver(caller, machine).ok()
    }

    #[inline(always)]
    fn try_to_deliver(&mut self, caller: ThreadId, machine: &mut impl Machine) -> Result<Passage, Unusual> {
        let thread = self.threads.get_mut(caller).ok_or(Unusual)?;
        let id = thread.ahead.handed.ok_or(Unusual)?;
        let accepted = thread.ahead.accepted;
        let usual = thread.blocked == Blocked::Read
            && thread.read.is_fresh()
            && thread.read.write_read.read_size >= ROOM
            && thread.todo.is_empty()
            && !machine.traces();
        if !usual {
            return Err(Unusual);
        }
        let transaction = &mut self.transactions[id];
        let buffer = &mut self.buffers[transaction.buffer.ok_or(Unusual)?];
        let proc = &mut self.procs[thread.proc];
        let region = proc.region.as_ref().ok_or(Unusual)?;
        let address = region.address.wrapping_add(buffer.offset as u64);
        let target = buffer.target.map(|target| &self.nodes[target]);
        let both = Both {
            accepted: BR_TRANSACTION_COMPLETE,
            code: if target.is_some() {
                BR_TRANSACTION
            } else {
                BR_REPLY
            },
            data: TransactionData {
                target: target.map_or(0, |node| node.name.ptr),
                cookie: target.map_or(0, |node| node.name.cookie),
                code: transaction.code,
                flags: transaction.flags.bits(),
                sender_pid: match transaction.from {
                    None => 0,
                    Some(_) => {
                        let Pid(pid) = transaction.from_pid;
                        pid.cast_signed()
                    }
                },
                sender_euid: transaction.sender_euid,
                data_size: buffer.request.data as u64,
                offsets_size: 0,
                buffer: address,
                offsets: address.wrapping_add(buffer.request.offsets_at() as u64),
            },
        };
        let to = thread.read.next();
        let written = if accepted {
            machine.write_user(to, both.as_bytes())
        } else {
            let (_, without) = both.as_bytes().split_at_checked(ACCEPTED).ok_or(Unusual)?;
            machine.write_user(to, without)
        };
        written.map_err(|_| Unusual)?;

        // The reader has it: from here on everything succeeds.
        let length = size_of::<Both>().wrapping_sub(if accepted { 0 } else { ACCEPTED });
        thread.read.write_read.read_consumed = thread.read.filled(length);
        buffer.delivery = Delivery::Delivered;
        thread.blocked = Blocked::No;
        thread.looper.remove(Looper::WAITING);
        thread.ahead = Ahead::NOTHING;
        thread.process_todo = false;
        if accepted {
            proc.stats.returned(BR_TRANSACTION_COMPLETE);
            self.stats.objects.completions.gone();
        }
        match target {
            Some(node) => {
                proc.stats.returned(BR_TRANSACTION);
                transaction.to_thread = Some(caller);
                transaction.to_parent = thread.stack.replace(id);
                inherit_priority(transaction, node.min_priority, machine);
            }
            None => {
                proc.stats.returned(BR_REPLY);
                proc.outstanding.down();
                buffer.transaction = None;
                self.transactions.discard(id);
                self.stats.objects.transactions.gone();
            }
        }
        if proc.is_quiet(thread) && !proc.frozen.frozen {
            thread.need_return = false;
            let result = machine.write_user(thread.read.argument, thread.read.write_read.as_bytes());
            return Ok(match result {
                Ok(()) => Passage::Done,
                Err(_) => self.end_faulting(caller),
            });
        }
        let (proc, call) = (thread.proc, thread.read);
        self.look_at_freezers(proc);
        Ok(self.end_read_generally(caller, &call, machine))
    }
}
