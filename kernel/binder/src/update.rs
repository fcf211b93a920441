//! One-way calls that a newer one may replace while they wait: those with `TF_UPDATE_TXN`.
//!
//! While its receiver is frozen, a newer one takes the place of the oldest that waits for the same node with the same code
//! and flags from the same process. It is found by these, however many others wait.

use crate::driver::Driver;
use crate::group::{Common, Group};
use crate::list::{Chain, Links};
use crate::machine::Machine;
use crate::table::{Id, NodeId, TransactionId, WorkId};
use crate::transaction::Transaction;
use crate::work::Work;
use abi::binder::TransactionFlags;

/// Chains those that wait with the same key, the oldest first.
#[derive(Debug)]
pub(crate) struct UpdateChain;

impl Chain for UpdateChain {
    type Id = TransactionId;
    type Element = Transaction;

    fn links(element: &Transaction) -> &Links<TransactionId> {
        &element.updates
    }

    fn links_mut(element: &mut Transaction) -> &mut Links<TransactionId> {
        &mut element.updates
    }
}

impl Transaction {
    /// What a newer call to the node must have in common with this one to replace it: the node, the code and the sender's
    /// process, the flags. Nothing can, if this is nothing.
    pub(crate) fn update_key(&self, node: NodeId) -> Option<Common> {
        let flags = self.flags();
        let code_and_sender = u64::from(self.code()) | u64::from(self.from_pid.0) << u32::BITS;
        let updates = flags.contains(TransactionFlags::UPDATE_TXN);
        updates.then_some(((node.to_bits(), code_and_sender), flags.bits().into()))
    }
}

impl Driver {
    /// What a work item speaks of, if it is a call that a newer one to the node may replace.
    fn update_of(&self, node: NodeId, work: WorkId) -> Option<(TransactionId, Common)> {
        let Work::Transaction(id) = self.works[work].work else {
            return None;
        };
        let key = self.transactions[id].update_key(node)?;
        Some((id, key))
    }

    /// A one-way call begins to wait for a node. If there is no memory to note it, no newer one replaces it.
    pub(crate) fn note_update(&mut self, node: NodeId, work: WorkId) {
        let Some((id, key)) = self.update_of(node, work) else {
            return;
        };
        if self.updates.get(key).is_none() && self.updates.insert(key, Group::EMPTY).is_err() {
            return;
        }
        if let Some(waiting) = self.updates.get_mut(key) {
            waiting.change::<UpdateChain, _>(|list| list.push_back(&mut self.transactions, id));
        }
    }

    /// A one-way call does not wait for a node any more.
    pub(crate) fn forget_update(&mut self, node: NodeId, work: WorkId) {
        let Some((id, key)) = self.update_of(node, work) else {
            return;
        };
        if let Some(waiting) = self.updates.get_mut(key) {
            waiting.change::<UpdateChain, _>(|list| list.remove(&mut self.transactions, id));
            if waiting.is_empty() {
                self.updates.remove(key);
            }
        }
    }

    /// Drops the waiting one-way call that a newer one replaces.
    pub(crate) fn supersede(&mut self, node: NodeId, newer: TransactionId, machine: &mut dyn Machine) {
        let key = self.transactions[newer].update_key(node);
        let waiting = key.and_then(|key| self.updates.get(key));
        let Some(id) = waiting.and_then(|waiting| waiting.list::<UpdateChain>().front()) else {
            return;
        };
        if let Some(work) = self.transactions[id].work {
            self.dequeue(work);
        }
        if let Some(buffer) = self.transactions[id].buffer {
            self.release_buffer(buffer, machine);
        }
        self.free_transaction(id);
    }
}
