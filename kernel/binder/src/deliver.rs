//! Delivery of calls: to a thread that waits, to the proc's queue, or behind earlier one-way calls.

use crate::defect::Defect;
use crate::driver::Driver;
use crate::machine::Machine;
use crate::message::{Message, Target};
use crate::table::{NodeId, ProcId, WorkId};
use crate::transaction::Failure;
use crate::work::Queue;

/// How a one-way call was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// It will be read as soon as its turn comes.
    Usual,
    /// The receiver is frozen.
    PendingFrozen,
}

impl Driver {
    /// Queues a synchronous call, and goes over to the thread that is to read it.
    #[inline]
    pub(crate) fn deliver_call(&mut self, target: &Target, work: WorkId) -> Result<(), Failure> {
        let proc = &mut self.procs[target.proc];
        if proc.frozen.frozen {
            proc.frozen.sync_received = true;
            return Err(Failure::Frozen);
        }
        proc.outstanding.up();
        match target.thread.or_else(|| self.select_thread(target.proc)) {
            Some(thread) => {
                self.queue_to_thread(thread, work);
                self.hand_over(thread);
            }
            None => {
                self.enqueue(Queue::Proc(target.proc), work);
                self.wake_pollers(target.proc);
            }
        }
        Ok(())
    }

    /// Queues a one-way call. A node's one-way calls are handled one after the other.
    #[inline]
    pub(crate) fn deliver_oneway(
        &mut self,
        target: ProcId,
        node: NodeId,
        message: &Message,
        machine: &mut dyn Machine,
    ) -> Accepted {
        let work = message.work;
        let proc = &mut self.procs[target];
        proc.outstanding.up();
        let frozen = proc.frozen.frozen;
        proc.frozen.oneway_received |= frozen;
        let active = core::mem::replace(&mut self.nodes[node].oneway_active, true);
        if active && !self.has_defect(Defect::OnewayOrder) {
            if frozen {
                self.supersede(node, message.transaction, machine);
            }
            self.enqueue(Queue::OneWay(node), work);
        } else if let Some(thread) = self.select_thread(target) {
            self.queue_to_thread(thread, work);
            self.wake(thread);
        } else {
            self.enqueue(Queue::Proc(target), work);
            self.wake_pollers(target);
        }
        if frozen {
            Accepted::PendingFrozen
        } else {
            Accepted::Usual
        }
    }
}
