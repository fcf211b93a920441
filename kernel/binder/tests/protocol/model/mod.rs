//! A second driver, as simple as it can be: the protocol as its users know it, without any cleverness.
//!
//! Everything is a vector that only grows, every search goes through all of it, and a reference's or node's state is
//! counted anew when it is asked for. Addresses, quotas and files are left out; the buffer allocator has a model of its
//! own. What the real driver returns must be what this one says, word for word.

mod counts;
mod ends;
mod hints;
mod notices;
mod reads;
mod transactions;
mod types;
mod writes;

pub(crate) use reads::{Outcome, Reading, Return, describe};
pub(crate) use types::{Command, Message, Object};

use types::{Buffer, Freeze, Node, Proc, Reference, Thread, Transaction, Watch, Work};

/// An element's place in its vector.
pub(crate) type At = usize;

/// The whole driver.
#[derive(Debug, Default)]
pub(crate) struct Model {
    procs: Vec<Proc>,
    threads: Vec<Thread>,
    nodes: Vec<Node>,
    references: Vec<Reference>,
    transactions: Vec<Transaction>,
    pub(crate) buffers: Vec<Buffer>,
    watches: Vec<Watch>,
    freezes: Vec<Freeze>,
    manager: Option<At>,
    /// Blocked threads that were woken, in the order in which that happened.
    pub(crate) woken: Vec<At>,
}

/// A list that work can be in.
#[derive(Clone, Copy, Debug)]
enum Place {
    Thread(At),
    Proc(At),
    OneWay(At),
    DeliveredDeaths(At),
    DeliveredFreezes(At),
}

impl Model {
    /// A process opens the device.
    pub(crate) fn open(&mut self, pid: u32) -> At {
        self.procs.push(Proc {
            pid,
            ..Proc::default()
        });
        self.procs.len() - 1
    }

    /// The thread of a task; it comes to be when it is first needed.
    pub(crate) fn thread(&mut self, proc: At, task: u32) -> At {
        let known = self
            .threads
            .iter()
            .position(|thread| !thread.gone && thread.proc == proc && thread.task == task);
        known.unwrap_or_else(|| {
            self.threads.push(Thread {
                proc,
                task,
                need_return: true,
                ..Thread::default()
            });
            self.threads.len() - 1
        })
    }

    fn list(&mut self, place: Place) -> &mut Vec<Work> {
        match place {
            Place::Thread(at) => &mut self.threads[at].todo,
            Place::Proc(at) => &mut self.procs[at].todo,
            Place::OneWay(at) => &mut self.nodes[at].oneways,
            Place::DeliveredDeaths(at) => &mut self.procs[at].delivered_deaths,
            Place::DeliveredFreezes(at) => &mut self.procs[at].delivered_freezes,
        }
    }

    fn lists(&mut self) -> impl Iterator<Item = &mut Vec<Work>> {
        let threads = self.threads.iter_mut().map(|thread| &mut thread.todo);
        let procs = self.procs.iter_mut().flat_map(|proc| {
            [
                &mut proc.todo,
                &mut proc.delivered_deaths,
                &mut proc.delivered_freezes,
            ]
        });
        let nodes = self.nodes.iter_mut().map(|node| &mut node.oneways);
        threads.chain(procs).chain(nodes)
    }

    fn is_queued(&mut self, work: Work) -> bool {
        self.lists().any(|list| list.contains(&work))
    }

    fn unqueue(&mut self, work: Work) {
        self.lists().for_each(|list| list.retain(|other| *other != work));
        for thread in &mut self.threads {
            thread.process_todo &= !thread.todo.is_empty();
        }
    }

    fn queue(&mut self, place: Place, work: Work) {
        self.list(place).push(work);
    }

    /// Work for a thread that makes it readable.
    fn queue_to_thread(&mut self, thread: At, work: Work) {
        self.queue(Place::Thread(thread), work);
        self.threads[thread].process_todo = true;
    }

    fn queue_to_proc(&mut self, proc: At, work: Work) {
        self.queue(Place::Proc(proc), work);
        self.wake_proc(proc);
    }

    fn wake_proc(&mut self, proc: At) {
        if let Some(thread) = self.select(proc) {
            self.wake(thread);
        }
    }

    /// The thread that began to wait last, which does not count as waiting from now on.
    fn select(&mut self, proc: At) -> Option<At> {
        self.procs[proc].waiting.pop()
    }

    fn wake(&mut self, thread: At) {
        if self.threads[thread].blocked.is_some() && !self.woken.contains(&thread) {
            self.woken.push(thread);
        }
    }

    fn is_in_pool(&self, thread: At) -> bool {
        self.threads[thread].registered || self.threads[thread].entered
    }

    /// `BINDER_SET_CONTEXT_MGR`: whether the proc became the manager.
    pub(crate) fn become_manager(&mut self, proc: At) -> bool {
        if self.manager.is_some() {
            return false;
        }
        let node = self.node_of(proc, 0).unwrap_or_else(|| self.new_node(proc, 0, 0));
        let state = &mut self.nodes[node];
        state.local_strong += 1;
        state.local_weak += 1;
        state.has_strong = true;
        state.has_weak = true;
        self.manager = Some(node);
        true
    }
}
