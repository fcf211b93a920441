//! What would make sense next, for whoever invents steps.

use super::types::{Command, Work};
use super::{At, Model};

impl Model {
    /// The handles of a proc.
    pub(crate) fn handles(&self, proc: At) -> Vec<u32> {
        let own = self
            .references
            .iter()
            .filter(|reference| !reference.gone && reference.proc == proc);
        own.map(|reference| reference.handle).collect()
    }

    /// The acknowledgements that a proc owes.
    pub(crate) fn due(&self, proc: At) -> Vec<Command> {
        let mut due = Vec::new();
        let own = self
            .nodes
            .iter()
            .filter(|node| !node.gone && node.owner == Some(proc));
        for node in own {
            if node.pending_weak {
                due.push(Command::IncrefsDone(node.ptr, node.cookie));
            }
            if node.pending_strong {
                due.push(Command::AcquireDone(node.ptr, node.cookie));
            }
        }
        let state = &self.procs[proc];
        for work in state.delivered_deaths.iter().chain(&state.delivered_freezes) {
            match *work {
                Work::Watch(watch) => due.push(Command::DeadDone(self.watches[watch].cookie)),
                Work::Freeze(freeze) => due.push(Command::FreezeDone(self.freezes[freeze].cookie)),
                _ => {}
            }
        }
        due
    }

    /// Whether a thread has a call to answer.
    pub(crate) fn owes_reply(&self, thread: At) -> bool {
        let top = self.threads[thread].stack;
        top.is_some_and(|top| self.transactions[top].to_thread == Some(thread))
    }

    /// Addresses of messages that a proc received, also of those it has freed.
    pub(crate) fn addresses(&self, proc: At) -> Vec<u64> {
        let own = self.buffers.iter().filter(|buffer| buffer.proc == proc);
        let mut known: Vec<u64> = own.filter_map(|buffer| buffer.address).collect();
        known.reverse();
        known.truncate(12);
        known
    }

    /// A message was delivered at an address, where no other of the proc may lie.
    pub(crate) fn delivered(&mut self, at: At, address: u64) {
        let proc = self.buffers[at].proc;
        let other = self
            .buffers
            .iter()
            .find(|other| !other.freed && other.proc == proc && other.address == Some(address));
        assert!(other.is_none(), "{other:?} lies at {address:#x} already");
        self.buffers[at].address = Some(address);
    }

    /// `BINDER_SET_MAX_THREADS`.
    pub(crate) fn set_max_threads(&mut self, proc: At, max: u32) {
        self.procs[proc].max_threads = max;
    }

    /// Any other ioctl of a thread is over.
    pub(crate) fn made_call(&mut self, thread: At) {
        self.threads[thread].need_return = false;
    }

    /// Another descriptor of the proc was closed.
    pub(crate) fn flush(&mut self, proc: At) {
        let threads: Vec<At> = (0..self.threads.len())
            .filter(|at| self.threads[*at].proc == proc && !self.threads[*at].gone)
            .collect();
        for thread in threads {
            self.threads[thread].need_return = true;
            self.wake(thread);
        }
    }

    /// A signal ends a thread's read.
    pub(crate) fn interrupt(&mut self, thread: At) {
        let proc = self.threads[thread].proc;
        self.procs[proc].waiting.retain(|other| *other != thread);
        self.threads[thread].blocked = None;
        self.threads[thread].need_return = false;
    }
}
