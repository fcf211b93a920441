//! Freezing: a process is put aside, and its callers are not left waiting for it.

use crate::driver::Driver;
use crate::machine::{Machine, Pid};
use crate::proc::{Frozen, OpenCalls};
use crate::table::{Element, ProcId, ThreadId};
use abi::Errno;
use abi::binder::ioctl::{FreezeInfo, FrozenStatusInfo};
use alloc::vec::Vec;
use core::mem;

/// A freeze that waits for transactions to end.
#[derive(Debug, Default)]
pub(crate) struct FreezeWait {
    /// When it stops waiting, in milliseconds since boot.
    deadline: u64,
    timeout: u32,
    /// The procs still to be frozen, the next one last.
    targets: Vec<ProcId>,
    /// It was woken because nothing is outstanding any more.
    settled: bool,
}

impl FreezeWait {
    /// How much longer it waits, after its thread was woken. Whoever has also polled is woken for other reasons than its
    /// freeze, which goes on waiting then: for a proc that has ended, or was thawed, until the time is over.
    pub(crate) fn goes_on(&self, machine: &dyn Machine) -> Option<u32> {
        let left = self.deadline.saturating_sub(machine.now());
        let waits = !self.settled && left > 0;
        waits.then(|| u32::try_from(left).unwrap_or(u32::MAX))
    }
}

impl Element for FreezeWait {
    fn vacant() -> Self {
        Self::default()
    }

    fn clear(&mut self) {
        self.targets = Vec::new();
    }
}

/// How a freeze went on.
pub(crate) enum FreezeStep {
    /// It is over.
    Done(Result<(), Errno>),
    /// It waits, for so many milliseconds at most.
    Wait(FreezeWait, u32),
}

impl Driver {
    /// `BINDER_FREEZE`: freezes or thaws all procs of a process, one after the other.
    pub(crate) fn freeze(&mut self, caller: ThreadId, info: FreezeInfo, machine: &dyn Machine) -> FreezeStep {
        let mut targets = Vec::new();
        for id in self.frozen_with(info.pid) {
            if targets.try_reserve(1).is_err() {
                return FreezeStep::Done(Err(Errno::ENOMEM));
            }
            targets.push(id);
        }
        if targets.is_empty() {
            return FreezeStep::Done(Err(Errno::EINVAL));
        }
        if info.enable == 0 {
            for id in targets {
                self.procs[id].set_frozen(Frozen::default());
                self.notify_freezes(id, false);
            }
            return FreezeStep::Done(Ok(()));
        }
        targets.reverse();
        let wait = FreezeWait {
            deadline: machine.now().saturating_add(u64::from(info.timeout_ms)),
            timeout: info.timeout_ms,
            targets,
            settled: false,
        };
        if let Some(&first) = wait.targets.last() {
            self.begin_freezing(first);
        }
        self.go_on_freezing(caller, wait, machine)
    }

    /// The procs of a process of a program. None of those has the number 0, which is the kernel's own.
    fn frozen_with(&self, pid: u32) -> impl Iterator<Item = ProcId> {
        self.procs_of(Pid(pid)).filter(move |_| pid != 0)
    }

    fn begin_freezing(&mut self, id: ProcId) {
        self.procs[id].set_frozen(Frozen {
            frozen: true,
            ..Default::default()
        });
    }

    /// Goes on with the proc that is being frozen, and those behind it.
    pub(crate) fn go_on_freezing(
        &mut self,
        caller: ThreadId,
        mut wait: FreezeWait,
        machine: &dyn Machine,
    ) -> FreezeStep {
        wait.settled = false;
        while let Some(&target) = wait.targets.last() {
            if let Some(proc) = self.procs.get(target) {
                let left = wait.deadline.saturating_sub(machine.now());
                if !proc.outstanding.is_zero() && left > 0 {
                    self.procs[target].freezers.push_back(&mut self.threads, caller);
                    return FreezeStep::Wait(wait, u32::try_from(left).unwrap_or(u32::MAX));
                }
                if self.has_pending_transactions(target) {
                    self.procs[target].stop_freezing();
                    return FreezeStep::Done(Err(Errno::EAGAIN));
                }
                self.notify_freezes(target, true);
            }
            wait.targets.pop();
            wait.deadline = machine.now().saturating_add(u64::from(wait.timeout));
            if let Some(&following) = wait.targets.last()
                && self.procs.contains(following)
            {
                self.begin_freezing(following);
            }
        }
        FreezeStep::Done(Ok(()))
    }

    /// The freeze that a thread waits with, which does not wait any more.
    pub(crate) fn take_freeze(&mut self, caller: ThreadId) -> Option<FreezeWait> {
        let id = self.threads[caller].freeze.take()?;
        let wait = mem::take(&mut self.freeze_waits[id]);
        self.freeze_waits.discard(id);
        Some(wait)
    }

    /// A freeze is given up while it waits.
    pub(crate) fn give_up_freezing(&mut self, wait: &FreezeWait) {
        if let Some(&target) = wait.targets.last()
            && let Some(proc) = self.procs.get_mut(target)
        {
            proc.stop_freezing();
        }
    }

    /// Takes a thread off the list of those that wait to freeze a proc.
    pub(crate) fn leave_freezers(&mut self, caller: ThreadId, wait: &FreezeWait) {
        if let Some(&target) = wait.targets.last()
            && let Some(proc) = self.procs.get_mut(target)
        {
            proc.freezers.remove(&mut self.threads, caller);
        }
    }

    /// Whether the proc that is being frozen has outstanding transactions still. One that ended has none.
    pub(crate) fn must_wait_to_freeze(&self, wait: &FreezeWait) -> bool {
        let target = wait.targets.last().and_then(|target| self.procs.get(*target));
        target.is_some_and(|target| !target.outstanding.is_zero())
    }

    /// A proc ends: who waits to freeze it goes on waiting until the time is over, as on Linux.
    pub(crate) fn forget_freezers(&mut self, proc: ProcId) {
        while self.procs[proc].freezers.pop_front(&mut self.threads).is_some() {}
    }

    /// Wakes all who wait to freeze a proc.
    #[cold]
    pub(crate) fn wake_freezers(&mut self, proc: ProcId) {
        while let Some(thread) = self.procs[proc].freezers.pop_front(&mut self.threads) {
            if let Some(wait) = self.threads[thread].freeze {
                self.freeze_waits[wait].settled = true;
            }
            self.tell(thread);
        }
    }

    /// Whether a proc takes part in any transaction, also in calls of its own.
    pub(crate) fn has_pending_transactions(&self, id: ProcId) -> bool {
        let proc = &self.procs[id];
        !proc.outstanding.is_zero() || proc.calls != OpenCalls::default()
    }

    /// Tells everybody who asked that a proc was frozen or thawed, in the order of its nodes. As on Linux, a node that
    /// only messages refer to comes to its owner's attention by this. No other node is looked at.
    fn notify_freezes(&mut self, id: ProcId, frozen: bool) {
        let proc = &mut self.procs[id];
        proc.watchers.sort(&mut self.freezes, |freeze| freeze.turn);
        proc.lingering.sort(&mut self.nodes, |node| (node.name.ptr, 0));
        let (mut watcher, mut node) = (proc.watchers.front(), proc.lingering.front());
        loop {
            let turns = (
                watcher.map(|freeze| self.freezes[freeze].turn.0),
                node.map(|node| self.nodes[node].name.ptr),
            );
            match (watcher, node) {
                (Some(freeze), _) if turns.1.is_none() || turns.0 <= turns.1 => {
                    watcher = self.procs[id].watchers.next(&self.freezes, freeze);
                    self.notify_freeze(freeze, frozen);
                }
                (_, Some(lingering)) => {
                    node = self.procs[id].lingering.next(&self.nodes, lingering);
                    self.settle_node(lingering);
                }
                (_, None) => return,
            }
        }
    }

    /// `BINDER_GET_FROZEN_INFO`.
    ///
    /// # Errors
    ///
    /// EINVAL if the process has no proc.
    pub(crate) fn frozen_info(&self, pid: u32) -> Result<FrozenStatusInfo, Errno> {
        let mut found = None;
        for id in self.frozen_with(pid) {
            let proc = &self.procs[id];
            let info = found.get_or_insert(FrozenStatusInfo {
                pid,
                sync_recv: 0,
                async_recv: 0,
            });
            info.sync_recv |= u32::from(proc.frozen.sync_received);
            info.sync_recv |= u32::from(self.has_pending_transactions(id)) << 1;
            info.async_recv |= u32::from(proc.frozen.oneway_received);
        }
        found.ok_or(Errno::EINVAL)
    }
}
