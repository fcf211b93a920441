//! Who wants to hear of deaths and of freezing.

use super::types::{Freeze, Watch, WatchState, Work};
use super::{At, Model, Place};

impl Model {
    /// `BC_REQUEST_DEATH_NOTIFICATION`.
    pub(super) fn request_death(&mut self, thread: At, handle: u32, cookie: u64) {
        let proc = self.threads[thread].proc;
        let Some(at) = self.find(proc, handle, false) else {
            return;
        };
        if self.references[at].watch.is_some() {
            return;
        }
        let is_dead = self.nodes[self.references[at].node].owner.is_none();
        self.watches.push(Watch {
            cookie,
            state: if is_dead {
                WatchState::Dead
            } else {
                WatchState::Armed
            },
        });
        let watch = self.watches.len() - 1;
        self.references[at].watch = Some(watch);
        if is_dead {
            self.queue_to_proc(proc, Work::Watch(watch));
        }
    }

    /// `BC_CLEAR_DEATH_NOTIFICATION`.
    pub(super) fn clear_death(&mut self, thread: At, handle: u32, cookie: u64) {
        let proc = self.threads[thread].proc;
        let Some(at) = self.find(proc, handle, false) else {
            return;
        };
        let Some(watch) = self.references[at].watch else {
            return;
        };
        if self.watches[watch].cookie != cookie {
            return;
        }
        self.references[at].watch = None;
        if self.is_queued(Work::Watch(watch)) {
            self.watches[watch].state = WatchState::DeadAndCleared;
        } else {
            self.confirm_clearing(thread, watch);
        }
    }

    fn confirm_clearing(&mut self, thread: At, watch: At) {
        self.watches[watch].state = WatchState::Cleared;
        if self.is_in_pool(thread) {
            self.queue_to_thread(thread, Work::Watch(watch));
        } else {
            self.queue_to_proc(self.threads[thread].proc, Work::Watch(watch));
        }
    }

    /// `BC_DEAD_BINDER_DONE`.
    pub(super) fn dead_done(&mut self, thread: At, cookie: u64) {
        let proc = self.threads[thread].proc;
        let delivered = &self.procs[proc].delivered_deaths;
        let found = delivered.iter().copied().find(|work| match work {
            Work::Watch(watch) => self.watches[*watch].cookie == cookie,
            _ => false,
        });
        let Some(Work::Watch(watch)) = found else { return };
        self.unqueue(Work::Watch(watch));
        if self.watches[watch].state == WatchState::DeadAndCleared {
            self.confirm_clearing(thread, watch);
        }
    }

    /// The owner of a node is gone: those who watch it are told, the newest reference first.
    pub(super) fn announce_death(&mut self, node: At) {
        for at in (0..self.references.len()).rev() {
            let reference = &self.references[at];
            if reference.gone || reference.node != node {
                continue;
            }
            let (proc, watch) = (reference.proc, reference.watch);
            if let Some(watch) = watch {
                self.watches[watch].state = WatchState::Dead;
                self.queue_to_proc(proc, Work::Watch(watch));
            }
        }
    }

    /// `BC_REQUEST_FREEZE_NOTIFICATION`. False if the command fails.
    pub(super) fn request_freeze(&mut self, proc: At, handle: u32, cookie: u64) -> bool {
        let Some(at) = self.find(proc, handle, false) else {
            return false;
        };
        if self.references[at].freeze.is_some() {
            return false;
        }
        let owner = self.nodes[self.references[at].node].owner;
        self.freezes.push(Freeze {
            cookie,
            frozen: owner.is_some_and(|owner| self.procs[owner].frozen),
            cleared: false,
            sent: false,
            resend: false,
        });
        let freeze = self.freezes.len() - 1;
        self.references[at].freeze = Some(freeze);
        if owner.is_some() {
            self.queue_to_proc(proc, Work::Freeze(freeze));
        }
        true
    }

    /// `BC_CLEAR_FREEZE_NOTIFICATION`. False if the command fails.
    pub(super) fn clear_freeze(&mut self, proc: At, handle: u32, cookie: u64) -> bool {
        let Some(at) = self.find(proc, handle, false) else {
            return false;
        };
        let Some(freeze) = self.references[at].freeze else {
            return false;
        };
        if self.freezes[freeze].cookie != cookie {
            return false;
        }
        self.references[at].freeze = None;
        self.freezes[freeze].cleared = true;
        if !self.is_queued(Work::Freeze(freeze)) {
            self.queue_to_proc(proc, Work::Freeze(freeze));
        } else if self.freezes[freeze].sent {
            self.freezes[freeze].resend = true;
        }
        true
    }

    /// `BC_FREEZE_NOTIFICATION_DONE`. False if the command fails.
    pub(super) fn freeze_done(&mut self, proc: At, cookie: u64) -> bool {
        let delivered = &self.procs[proc].delivered_freezes;
        let found = delivered.iter().copied().find(|work| match work {
            Work::Freeze(freeze) => self.freezes[*freeze].cookie == cookie,
            _ => false,
        });
        let Some(Work::Freeze(freeze)) = found else {
            return false;
        };
        self.unqueue(Work::Freeze(freeze));
        self.freezes[freeze].sent = false;
        if std::mem::take(&mut self.freezes[freeze].resend) {
            self.queue_to_proc(proc, Work::Freeze(freeze));
        }
        true
    }

    /// `BINDER_FREEZE` without a timeout. False if the proc is in the middle of something.
    pub(crate) fn freeze(&mut self, proc: At, freeze: bool) -> bool {
        let busy = self.procs[proc].outstanding > 0
            || self
                .threads
                .iter()
                .any(|thread| !thread.gone && thread.proc == proc && thread.stack.is_some());
        self.procs[proc].frozen = freeze && !busy;
        if freeze && busy {
            return false;
        }
        let mut nodes: Vec<At> = (0..self.nodes.len())
            .filter(|at| !self.nodes[*at].gone && self.nodes[*at].owner == Some(proc))
            .collect();
        nodes.sort_by_key(|at| self.nodes[*at].ptr);
        for node in nodes {
            for at in (0..self.references.len()).rev() {
                let reference = &self.references[at];
                if reference.gone || reference.node != node {
                    continue;
                }
                if let Some(at) = reference.freeze {
                    self.notify_freeze(reference.proc, at, freeze);
                }
            }
            self.let_go(node);
        }
        true
    }

    fn notify_freeze(&mut self, proc: At, at: At, frozen: bool) {
        let is_queued = self.is_queued(Work::Freeze(at));
        let freeze = &mut self.freezes[at];
        let changed = std::mem::replace(&mut freeze.frozen, frozen) != frozen;
        if !is_queued {
            self.queue_to_proc(proc, Work::Freeze(at));
        } else if freeze.sent && changed {
            freeze.resend = true;
        }
    }

    /// A notification that was read waits for its acknowledgement.
    pub(super) fn keep_delivered(&mut self, proc: At, work: Work) {
        let place = match work {
            Work::Freeze(_) => Place::DeliveredFreezes(proc),
            _ => Place::DeliveredDeaths(proc),
        };
        self.queue(place, work);
    }
}
