//! Death notifications: a proc asks to hear when the owner of a node ends.
//!
//! ```text
//!            death                 read                 BC_DEAD_BINDER_DONE
//!  Armed ────────────▶ Fired ──────────────▶ (delivered) ──────────────────▶ nothing more
//!    │ clear             │ clear                │ clear
//!    ▼                   ▼                      ▼        BC_DEAD_BINDER_DONE
//!  Cleared         FiredAndCleared ───────▶ (delivered) ──────────────────▶ Cleared
//! ```
//!
//! A cleared registration ends when its confirmation is read.

use crate::count::Strength;
use crate::defect::Defect;
use crate::driver::Driver;
use crate::machine::NoMemory;
use crate::table::{DeathId, Element, Id, NodeId, ProcId, ThreadId, WorkId};
use crate::thread::Looper;
use crate::work::{UNNAMED, Work};
use abi::binder::HandleCookie;
use abi::binder::reply::BR_ERROR;

/// How far a registration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeathState {
    /// The node lives, or its death has been told and acknowledged.
    Armed,
    /// The node died: the notification is queued or waits to be acknowledged.
    Fired,
    /// The same, and the registration was withdrawn meanwhile: that is confirmed after the acknowledgement.
    FiredAndCleared,
    /// The registration was withdrawn; the confirmation is queued.
    Cleared,
}

/// A registration for a death notification.
#[derive(Debug)]
pub(crate) struct Death {
    /// Who asked.
    pub(crate) proc: ProcId,
    pub(crate) cookie: u64,
    pub(crate) state: DeathState,
    pub(crate) work: WorkId,
}

impl Element for Death {
    fn vacant() -> Self {
        Self {
            proc: Id::NONE,
            cookie: 0,
            state: DeathState::Armed,
            work: Id::NONE,
        }
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

impl Driver {
    /// `BC_REQUEST_DEATH_NOTIFICATION`. Mistakes are passed over in silence.
    pub(crate) fn request_death(&mut self, caller: ThreadId, request: HandleCookie) {
        let proc = self.threads[caller].proc;
        let Some(reference) = self.find_ref(proc, request.handle, Strength::Weak) else {
            return;
        };
        if self.refs[reference].death.is_some() {
            return;
        }
        let Ok(death) = self.new_death(proc, request.cookie) else {
            return self.fail_command(caller, BR_ERROR);
        };
        self.refs[reference].death = Some(death);
        if self.nodes[self.refs[reference].node].counts_as_dead() {
            self.fire_death(proc, death);
        }
    }

    fn new_death(&mut self, proc: ProcId, cookie: u64) -> Result<DeathId, NoMemory> {
        self.deaths.reserve(1)?;
        self.works.reserve(1)?;
        self.procs[proc].due_deaths.register(cookie)?;
        let work = self.new_work(UNNAMED)?;
        let death = self.deaths.insert(Death {
            proc,
            cookie,
            state: DeathState::Armed,
            work,
        })?;
        self.works[work].work = Work::Death(death);
        self.stats.objects.deaths.made();
        Ok(death)
    }

    /// The node has died: tells the proc that asked.
    fn fire_death(&mut self, proc: ProcId, death: DeathId) {
        let death = &mut self.deaths[death];
        death.state = DeathState::Fired;
        let work = death.work;
        self.queue_to_proc(proc, work);
    }

    /// Tells all who asked that a node has died.
    pub(crate) fn fire_deaths(&mut self, node: NodeId) {
        if self.has_defect(Defect::Death) {
            return;
        }
        let mut next = self.nodes[node].refs.front();
        while let Some(id) = next {
            let (proc, death) = (self.refs[id].proc, self.refs[id].death);
            // A death that was announced before is not told twice.
            if let Some(death) = death
                && self.works[self.deaths[death].work].queue.is_none()
            {
                self.fire_death(proc, death);
            }
            next = self.nodes[node].refs.next(&self.refs, id);
        }
    }

    /// `BC_CLEAR_DEATH_NOTIFICATION`. Mistakes are passed over in silence.
    pub(crate) fn clear_death(&mut self, caller: ThreadId, request: HandleCookie) {
        let proc = self.threads[caller].proc;
        let Some(reference) = self.find_ref(proc, request.handle, Strength::Weak) else {
            return;
        };
        let Some(id) = self.refs[reference].death else {
            return;
        };
        let death = &mut self.deaths[id];
        if death.cookie != request.cookie {
            return;
        }
        if self.works[death.work].queue.is_some() {
            death.state = DeathState::FiredAndCleared;
        } else {
            self.confirm_clearing(caller, id);
        }
        self.refs[reference].death = None;
    }

    /// `BC_DEAD_BINDER_DONE`. An unknown cookie is passed over in silence.
    pub(crate) fn acknowledge_death(&mut self, caller: ThreadId, cookie: u64) {
        let proc = self.threads[caller].proc;
        let Some(work) = self.procs[proc].due_deaths.first(cookie) else {
            return;
        };
        let Work::Death(id) = self.works[work].work else {
            return;
        };
        self.dequeue(work);
        if self.deaths[id].state == DeathState::FiredAndCleared {
            self.confirm_clearing(caller, id);
        }
    }

    /// Confirms that a registration was withdrawn: to the calling thread if it is in the pool, else to the proc.
    fn confirm_clearing(&mut self, caller: ThreadId, id: DeathId) {
        let death = &mut self.deaths[id];
        death.state = DeathState::Cleared;
        let work = death.work;
        let thread = &self.threads[caller];
        if thread.looper.intersects(Looper::IN_POOL) {
            self.queue_to_caller(caller, work);
        } else {
            let proc = thread.proc;
            self.queue_to_proc(proc, work);
        }
    }

    /// Ends a registration, wherever its notification is.
    pub(crate) fn forget_death(&mut self, id: DeathId) {
        if let Some(death) = self.deaths.get(id) {
            let (proc, cookie, work) = (death.proc, death.cookie, death.work);
            self.dequeue(work);
            self.works.discard(work);
            self.deaths.discard(id);
            self.procs[proc].due_deaths.unregister(cookie);
            self.stats.objects.deaths.gone();
        }
    }

    /// For the kernel's own objects: what a node stands for has ended. Death notifications go out, also to those who
    /// ask later; the node stays callable.
    pub fn announce_death(&mut self, proc: ProcId, ptr: u64) -> crate::Effects {
        if self.procs.contains(proc)
            && let Some(node) = self.find_node(proc, ptr)
            && !self.nodes[node].announced_dead
        {
            self.nodes[node].announced_dead = true;
            self.fire_deaths(node);
        }
        self.take_effects()
    }
}
