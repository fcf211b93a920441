//! The invariants of the driver, asserted by number; the crate's documentation says them in words.

use crate::driver::Driver;
use crate::held::Held;
use crate::node::Told;
use crate::opener::FellowChain;
use crate::table::{Id, NodeId, ProcId, ThreadId};
use crate::thread::{Blocked, Looper};
use crate::update::UpdateChain;
use crate::work::Queue;
use alloc::vec::Vec;

impl Driver {
    /// Asserts all invariants. May be called between any two calls.
    pub fn check(&self) {
        self.check_containers();
        for (id, _) in self.procs.iter() {
            self.check_proc(id);
        }
        for (id, _) in self.threads.iter() {
            self.check_thread(id);
        }
        for (id, _) in self.nodes.iter() {
            self.check_node(id);
        }
        self.check_refs();
        self.check_work();
        self.check_transactions();
        self.check_buffers();
        assert!(
            self.effects.handoff.is_none() && self.effects.rest.is_empty(),
            "I12: effects are handed out"
        );
    }

    fn check_containers(&self) {
        self.procs.check();
        self.threads.check();
        self.nodes.check();
        self.refs.check();
        self.transactions.check();
        self.buffers.check();
        self.works.check();
        self.deaths.check();
        self.freezes.check();
        self.freeze_waits.check();
        let waits = self.threads.iter().filter_map(|(_, thread)| thread.freeze);
        assert_eq!(
            waits
                .inspect(|&wait| assert!(self.freeze_waits.contains(wait), "I20: a thread's freeze"))
                .count(),
            self.freeze_waits.len(),
            "I20: each freeze that waits is a thread's"
        );
        self.order.check(&self.procs);
        assert_eq!(
            self.order.len(&self.procs),
            self.procs.len(),
            "I1: each proc is in order"
        );
        self.openers.check();
        self.updates.check();
        for (_, waiting) in self.updates.iter() {
            let waiting = waiting.list::<UpdateChain>();
            waiting.check(&self.transactions);
            for id in waiting.iter(&self.transactions) {
                let work = self.transactions[id].work.map(|work| self.works[work].queue);
                assert!(
                    matches!(work, Some(Some(Queue::OneWay(_)))),
                    "I18: what can be replaced waits"
                );
            }
        }
        for (_, fellows) in self.openers.iter() {
            fellows.list::<FellowChain>().check(&self.procs);
        }
    }

    fn check_proc(&self, id: ProcId) {
        let proc = &self.procs[id];
        proc.threads.check(&self.threads);
        proc.waiting.check(&self.threads);
        proc.freezers.check(&self.threads);
        proc.nodes.check(&self.nodes);
        proc.handles.check();
        proc.refs_by_node.check();
        proc.nodes_by_ptr.check();
        proc.threads_by_task.check();
        assert_eq!(
            proc.threads.len(&self.threads),
            proc.threads_by_task.len(),
            "I1: threads by task"
        );
        assert_eq!(
            proc.nodes.len(&self.nodes),
            proc.nodes_by_ptr.len(),
            "I1: nodes by pointer"
        );
        let is_indexed = |reference| self.nodes[self.refs[reference].node].refs_indexed;
        assert_eq!(
            proc.handles
                .iter()
                .filter(|&(_, reference)| is_indexed(reference))
                .count(),
            proc.refs_by_node.len(),
            "I1: references by node"
        );
        for node in proc.nodes.iter(&self.nodes) {
            assert_eq!(self.nodes[node].owner, Some(id), "I1: a node's owner");
            assert_eq!(
                proc.nodes_by_ptr.get(self.nodes[node].name.ptr),
                Some(node),
                "I1: a node's name"
            );
        }
        for thread in proc.waiting.iter(&self.threads) {
            assert!(
                self.threads[thread].blocked.is_read(),
                "I2: a waiting thread is blocked"
            );
        }
        assert_eq!(proc.caution, proc.weigh(), "I16: a proc's caution");
        if let Some(region) = &proc.region {
            region.space.check();
        }
        let outstanding = self
            .transactions
            .iter()
            .filter(|(_, transaction)| transaction.to_proc == Some(id))
            .count();
        assert_eq!(proc.outstanding.get() as usize, outstanding, "I8: outstanding");
        self.check_calls(id);
        self.check_followers(id);
    }

    fn check_calls(&self, id: ProcId) {
        let proc = &self.procs[id];
        let transactions = self.transactions.iter();
        let calls = transactions
            .filter_map(|(_, transaction)| transaction.from)
            .filter(|&thread| self.threads[thread].proc == id)
            .count();
        assert_eq!(proc.calls.0 as usize, calls, "I14: open calls");
        let mut threads = proc.threads.iter(&self.threads);
        let takes_part = threads.any(|thread| self.threads[thread].stack.is_some());
        assert!(
            !takes_part || self.has_pending_transactions(id),
            "I14: whoever takes part in a transaction is counted"
        );
    }

    /// Checks what is found without a look at all nodes or threads of a proc.
    fn check_followers(&self, id: ProcId) {
        let proc = &self.procs[id];
        proc.watchers.check(&self.freezes);
        proc.lingering.check(&self.nodes);
        proc.polling.check(&self.threads);
        proc.sorted_ptrs.check();
        let refs = self.refs.iter();
        let watching = refs
            .filter(|(_, reference)| self.nodes[reference.node].owner == Some(id))
            .filter_map(|(_, reference)| reference.freeze)
            .inspect(|&freeze| assert_eq!(self.freezes[freeze].watched, Some(id), "I15: a watcher is known"))
            .count();
        assert_eq!(
            watching,
            proc.watchers.len(&self.freezes),
            "I15: all watchers are known"
        );
        for node in proc.nodes.iter(&self.nodes).map(|node| &self.nodes[node]) {
            assert!(
                node.lingering.is_linked() || !node.is_lingering() || self.works[node.work].queue.is_some(),
                "I15: a node that only messages refer to is known"
            );
            assert!(
                !node.lingering.is_linked() || node.refs.is_empty(),
                "I15: a node with references does not linger"
            );
            assert!(
                node.is_told() || node.is_referred_to(),
                "I15: a node that nobody knows of is no more"
            );
        }
        for thread in proc
            .threads
            .iter(&self.threads)
            .map(|thread| &self.threads[thread])
        {
            assert_eq!(
                thread.polls(),
                thread.looper.contains(Looper::POLL),
                "I15: a thread that polls is known"
            );
        }
    }

    fn check_thread(&self, id: ThreadId) {
        let thread = &self.threads[id];
        assert_eq!(
            self.procs[thread.proc].threads_by_task.get(thread.task.0.into()),
            Some(id),
            "I1: a thread's task"
        );
        assert!(
            !thread.process_todo || !thread.has_nothing(),
            "I3: something is there to be read"
        );
        thread.errors.check(thread.todo.iter(&self.works));
        assert!(
            thread.errors.queued() == 0 || thread.blocked != Blocked::PlainRead && !thread.is_waiting(),
            "I2: an error ends the wait"
        );
        if let Some(handed) = thread.ahead.handed {
            let transaction = &self.transactions[handed];
            assert!(
                transaction.work.is_none() && transaction.buffer.is_some() && thread.process_todo,
                "I13: a transaction was handed over"
            );
        }
        let mut next = thread.stack;
        let mut depth = 0;
        while let Some(entry) = next {
            let transaction = &self.transactions[entry];
            let (sent, read) = (transaction.from == Some(id), transaction.to_thread == Some(id));
            assert!(sent != read, "I5: a thread has one role in a transaction");
            next = if sent {
                transaction.from_parent
            } else {
                transaction.to_parent
            };
            depth += 1;
            assert!(depth <= self.transactions.len(), "I5: a stack ends");
        }
    }

    fn check_node(&self, id: NodeId) {
        let node = &self.nodes[id];
        assert_eq!(
            node.plain_owner,
            node.owner.filter(|_| !node.wants_security_context),
            "I17: a node's plain owner"
        );
        node.refs.check(&self.refs);
        let refs: Vec<_> = node.refs.iter(&self.refs).map(|id| &self.refs[id]).collect();
        assert!(
            refs.iter().all(|reference| reference.node == id),
            "I6: a reference's node"
        );
        let strong = refs
            .iter()
            .filter(|reference| !reference.strong.is_zero())
            .count();
        assert_eq!(node.remote_strong.get() as usize, strong, "I6: strong references");
        if node.owner.is_none() {
            assert!(!refs.is_empty(), "I6: a dead node is referred to");
            return;
        }
        let buffers = self
            .buffers
            .iter()
            .filter(|(_, buffer)| buffer.target == Some(id))
            .count();
        let held = |strength| {
            let held = self.buffers.iter().flat_map(|(_, buffer)| buffer.held.iter());
            held.filter(|held| *held == Held::Node(id, strength)).count()
        };
        let manager = usize::from(
            crate::Context::ALL
                .iter()
                .any(|&context| self.managers.of(context).node == Some(id)),
        );
        let due = |told| usize::from(told == Told::WaitingAck);
        assert_eq!(
            node.local_strong.get() as usize,
            buffers + held(crate::count::Strength::Strong) + manager + due(node.told_strong),
            "I7: the driver's own strong references"
        );
        assert_eq!(
            node.local_weak.get() as usize,
            held(crate::count::Strength::Weak) + manager + due(node.told_weak),
            "I7: the driver's own weak references"
        );
        assert!(
            node.oneways.is_empty() || node.oneway_active,
            "I9: one-way calls wait only behind an active one"
        );
        let announced = [
            (node.is_strong(), node.told_strong),
            (node.is_referred_to(), node.told_weak),
        ];
        assert!(
            self.works[node.work].queue.is_some()
                || announced
                    .iter()
                    .all(|&(referred_to, told)| referred_to || told == Told::NoRef),
            "I7: the owner hears when nothing refers to the node"
        );
    }

    fn check_refs(&self) {
        for (id, reference) in self.refs.iter() {
            let proc = &self.procs[reference.proc];
            assert_eq!(
                proc.handles.get(reference.handle),
                Some(id),
                "I6: a reference's handle"
            );
            let node = &self.nodes[reference.node];
            let found = if node.refs_indexed {
                proc.refs_by_node.get(reference.node.to_bits())
            } else {
                node.refs.front().filter(|_| node.refs.len(&self.refs) == 1)
            };
            assert_eq!(found, Some(id), "I6: one reference per node");
            assert!(
                !reference.strong.is_zero() || !reference.weak.is_zero(),
                "I6: a reference has a count"
            );
            assert_ne!(
                self.nodes[reference.node].owner,
                Some(reference.proc),
                "I6: no proc refers to its own node"
            );
        }
    }
}

mod messages;
