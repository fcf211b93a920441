//! Ends of threads and of processes.

use super::types::Work;
use super::{At, Model, Place};

impl Model {
    /// `BINDER_THREAD_EXIT`.
    pub(crate) fn exit_thread(&mut self, thread: At) {
        let proc = self.threads[thread].proc;
        self.procs[proc].waiting.retain(|other| *other != thread);
        self.woken.retain(|other| *other != thread);
        let mut next = self.threads[thread].stack.take();
        let top = next;
        let to_answer = top.filter(|top| self.transactions[*top].to_thread == Some(thread));
        while let Some(at) = next {
            let transaction = &mut self.transactions[at];
            if transaction.to_thread == Some(thread) {
                transaction.to_thread = None;
                next = transaction.to_parent;
                if let Some(proc) = transaction.to_proc.take() {
                    self.procs[proc].outstanding -= 1;
                }
                if let Some(buffer) = transaction.buffer.take() {
                    self.buffers[buffer].transaction = None;
                }
            } else {
                transaction.from = None;
                next = transaction.from_parent;
            }
        }
        if let Some(call) = to_answer {
            self.fail(call, "DEAD");
        }
        self.abandon(Place::Thread(thread));
        self.threads[thread].gone = true;
    }

    /// Nobody will read what is in a list.
    fn abandon(&mut self, place: Place) {
        for work in std::mem::take(self.list(place)) {
            if let Work::Transaction(at) = work {
                let transaction = &self.transactions[at];
                if transaction.node.is_some() && !transaction.oneway {
                    self.fail(at, "DEAD");
                } else {
                    self.end(at);
                }
            }
        }
    }

    /// A process ends.
    pub(crate) fn release(&mut self, proc: At) {
        if self
            .manager
            .is_some_and(|node| self.nodes[node].owner == Some(proc))
        {
            self.manager = None;
        }
        self.procs[proc].frozen = false;
        let mut threads: Vec<At> = (0..self.threads.len())
            .filter(|at| self.threads[*at].proc == proc && !self.threads[*at].gone)
            .collect();
        threads.sort_by_key(|at| self.threads[*at].task);
        for thread in threads {
            self.threads[thread].blocked = None;
            self.exit_thread(thread);
        }
        let mut nodes: Vec<At> = (0..self.nodes.len())
            .filter(|at| !self.nodes[*at].gone && self.nodes[*at].owner == Some(proc))
            .collect();
        nodes.sort_by_key(|at| self.nodes[*at].ptr);
        for node in nodes {
            self.orphan(node);
        }
        let mut references: Vec<At> = (0..self.references.len())
            .filter(|at| self.references[*at].proc == proc && !self.references[*at].gone)
            .collect();
        references.sort_by_key(|at| self.references[*at].handle);
        for at in references {
            self.drop_reference(at);
        }
        self.abandon(Place::Proc(proc));
        self.abandon(Place::DeliveredDeaths(proc));
        self.abandon(Place::DeliveredFreezes(proc));
        for buffer in self.buffers.iter_mut().filter(|buffer| buffer.proc == proc) {
            buffer.freed = true;
        }
        self.procs[proc].gone = true;
    }

    fn orphan(&mut self, at: At) {
        self.abandon(Place::OneWay(at));
        self.unqueue(Work::Node(at));
        let node = &mut self.nodes[at];
        node.owner = None;
        (node.local_strong, node.local_weak) = (0, 0);
        if !self.is_weak(at) {
            self.nodes[at].gone = true;
            return;
        }
        self.announce_death(at);
    }
}
