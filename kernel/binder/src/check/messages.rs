//! The invariants of what is under way: work, transactions, buffers.

use crate::driver::Driver;
use crate::list::List;
use crate::region::Delivery;
use crate::table::{NodeId, ThreadId, TransactionId, WorkId};
use crate::update::UpdateChain;
use crate::work::{Queue, Work, WorkList};
use alloc::collections::BTreeMap;

impl Driver {
    pub(super) fn check_work(&self) {
        let mut queued = BTreeMap::new();
        let mut note = |list: &WorkList, queue: Queue| {
            list.check(&self.works);
            for work in list.iter(&self.works) {
                assert_eq!(self.works[work].queue, Some(queue), "I10: work knows its queue");
                assert!(queued.insert(work, ()).is_none(), "I10: work is on one queue");
            }
        };
        for (id, thread) in self.threads.iter() {
            note(&thread.todo, Queue::Thread(id));
        }
        for (id, proc) in self.procs.iter() {
            note(&proc.todo, Queue::Proc(id));
            for queue in proc.due_deaths.queues() {
                note(&queue, Queue::DeliveredDeaths(id));
            }
            for queue in proc.due_freezes.queues() {
                note(&queue, Queue::DeliveredFreezes(id));
            }
            let deaths = self.deaths.iter().filter(|(_, death)| death.proc == id);
            proc.due_deaths
                .check(deaths.map(|(_, death)| death.cookie), &self.works);
            let freezes = self.freezes.iter().filter(|(_, freeze)| freeze.proc == id);
            proc.due_freezes
                .check(freezes.map(|(_, freeze)| freeze.cookie), &self.works);
        }
        for (id, node) in self.nodes.iter() {
            note(&node.oneways, Queue::OneWay(id));
            for work in node.oneways.iter(&self.works) {
                self.check_update(id, work);
            }
        }
        for (id, item) in self.works.iter() {
            assert_eq!(
                item.queue.is_some(),
                queued.contains_key(&id),
                "I10: work is on the queue it knows"
            );
            let owned = match item.work {
                Work::Transaction(owner) => self.transactions[owner].work == Some(id),
                Work::Complete(_) => item.queue.is_some(),
                Work::Node(owner) => self.nodes[owner].work == id,
                Work::Death(owner) => self.deaths[owner].work == id,
                Work::Freeze(owner) => self.freezes[owner].work == id,
            };
            assert!(owned, "I10: work has an owner");
        }
    }

    /// A one-way call that waits is found by whatever replaces it.
    fn check_update(&self, node: NodeId, work: WorkId) {
        let Work::Transaction(id) = self.works[work].work else {
            return;
        };
        let key = self.transactions[id].update_key(node);
        let waiting = key.and_then(|key| self.updates.get(key));
        let waiting = waiting.map_or(List::new(), |waiting| waiting.list::<UpdateChain>());
        let found = waiting.iter(&self.transactions).any(|other| other == id);
        assert!(key.is_none() || found, "I18: an update is found while it waits");
    }

    pub(super) fn check_transactions(&self) {
        for (id, transaction) in self.transactions.iter() {
            if let Some(thread) = transaction.from {
                assert!(
                    self.is_on_stack(thread, id),
                    "I5: a call is on its sender's stack"
                );
            }
            let queued = match transaction.work {
                Some(work) => self.works[work].queue.is_some(),
                None => self.is_handed(id),
            };
            assert!(
                queued || !transaction.is_oneway(),
                "I8: a one-way call is queued or over"
            );
            if queued {
                assert!(transaction.buffer.is_some(), "I8: a queued transaction has data");
            }
        }
    }

    /// Whether a transaction without an item of work stands before some thread's queue.
    fn is_handed(&self, id: TransactionId) -> bool {
        let mut threads = self.threads.iter();
        threads.any(|(_, thread)| thread.ahead.handed == Some(id))
    }

    fn is_on_stack(&self, thread: ThreadId, wanted: TransactionId) -> bool {
        let mut next = self.threads[thread].stack;
        while let Some(id) = next {
            if id == wanted {
                return true;
            }
            let transaction = &self.transactions[id];
            next = if transaction.from == Some(thread) {
                transaction.from_parent
            } else {
                transaction.to_parent
            };
        }
        false
    }

    pub(super) fn check_buffers(&self) {
        let mut placed = 0;
        for (id, proc) in self.procs.iter() {
            let Some(region) = &proc.region else { continue };
            for (offset, _, &buffer) in region.space.iter() {
                let buffer = &self.buffers[buffer];
                assert_eq!(
                    (buffer.proc, buffer.offset),
                    (id, offset),
                    "I11: a buffer's place"
                );
                placed += 1;
            }
        }
        assert_eq!(self.buffers.len(), placed, "I11: each buffer has a place");
        for (id, buffer) in self.buffers.iter() {
            let is_plain = buffer.held.owns_nothing() && !buffer.is_cleared();
            assert!(
                is_plain || !buffer.delivery.contains(Delivery::PLAIN),
                "I19: a plain buffer"
            );
            if let Some(transaction) = buffer.transaction {
                assert_eq!(
                    self.transactions[transaction].buffer,
                    Some(id),
                    "I11: a transaction's buffer"
                );
            }
        }
    }
}
