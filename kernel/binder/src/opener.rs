//! Openers: all opens of one process, found by its number.

use crate::driver::Driver;
use crate::group::{Common, Group, number};
use crate::list::{Chain, Links, List};
use crate::machine::{NoMemory, Pid};
use crate::proc::Proc;
use crate::table::ProcId;

/// Chains the procs of one process, the newest first.
#[derive(Debug)]
pub(crate) struct FellowChain;

impl Chain for FellowChain {
    type Id = ProcId;
    type Element = Proc;

    fn links(element: &Proc) -> &Links<ProcId> {
        &element.fellows
    }

    fn links_mut(element: &mut Proc) -> &mut Links<ProcId> {
        &mut element.fellows
    }
}

/// What the procs of one process have in common.
fn opener(pid: Pid) -> Common {
    number(pid.0.into())
}

impl Driver {
    /// Puts a new proc beside the others of its process. The first of them carries the process's debug file: with it the
    /// file goes, though others may be left.
    pub(crate) fn join_fellows(&mut self, id: ProcId) -> Result<(), NoMemory> {
        let opener = opener(self.procs[id].pid);
        if self.openers.get(opener).is_none() {
            self.openers.insert(opener, Group::EMPTY)?;
            self.procs[id].carries_file = true;
        }
        if let Some(fellows) = self.openers.get_mut(opener) {
            fellows.change::<FellowChain, _>(|list| list.push_front(&mut self.procs, id));
        }
        Ok(())
    }

    /// Takes a proc that ends from among those of its process.
    pub(crate) fn leave_fellows(&mut self, id: ProcId) {
        let opener = opener(self.procs[id].pid);
        let Some(fellows) = self.openers.get_mut(opener) else {
            return;
        };
        fellows.change::<FellowChain, _>(|list| list.remove(&mut self.procs, id));
        if fellows.is_empty() {
            self.openers.remove(opener);
        }
    }

    /// The procs of a process, the newest first.
    pub(crate) fn procs_of(&self, pid: Pid) -> impl Iterator<Item = ProcId> {
        self.fellows(pid).iter(&self.procs)
    }

    fn fellows(&self, pid: Pid) -> List<FellowChain> {
        self.openers.get(opener(pid)).unwrap_or(Group::EMPTY).list()
    }

    /// Whether a process has a debug file of its own.
    pub fn shows_process(&self, pid: Pid) -> bool {
        self.procs_of(pid).any(|id| self.procs[id].carries_file)
    }

    /// The processes that have debug files of their own.
    pub fn shown_processes(&self) -> impl Iterator<Item = Pid> {
        let procs = self.order.iter(&self.procs).map(|id| &self.procs[id]);
        procs.filter(|proc| proc.carries_file).map(|proc| proc.pid)
    }

    /// A process ended, as this effective user. Its opens may live on with its children.
    pub fn opener_ended(&mut self, pid: Pid, euid: u32) {
        let fellows = self.fellows(pid);
        let mut next = fellows.front();
        while let Some(id) = next {
            self.procs[id].ended_as.get_or_insert(euid);
            self.procs[id].take_caution();
            self.forget_numbers(id);
            next = fellows.next(&self.procs, id);
        }
    }

    /// Calls of a proc that nobody has read yet tell of no process any more, also those whose announcement is made already.
    fn forget_numbers(&mut self, proc: ProcId) {
        for id in self.procs[proc].threads.iter(&self.threads) {
            if let Some(top) = self.threads[id].stack
                && self.transactions[top].from == Some(id)
            {
                self.transactions[top].announcement.data.sender_pid = 0;
            }
        }
    }
}
