//! Freeze notifications: a proc asks to hear when the owner of a node is frozen or thawed.
//!
//! At most one notification of a registration is under way. While it is queued, only its value follows the changes;
//! once it has been read, a change waits until it is acknowledged. Withdrawing follows the same path.

use crate::count::Strength;
use crate::driver::Driver;
use crate::machine::NoMemory;
use crate::table::{Element, FreezeId, Id, NodeId, ProcId, WorkId};
use crate::work::{Queue, UNNAMED, Work};
use abi::Errno;
use abi::binder::HandleCookie;

/// What the next notification of a registration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Whether the owner is frozen.
    State,
    /// That the registration was withdrawn. Nothing comes after it.
    Cleared,
}

/// A registration for freeze notifications.
#[derive(Debug)]
pub(crate) struct Freeze {
    /// Who asked.
    pub(crate) proc: ProcId,
    pub(crate) cookie: u64,
    /// The newest state.
    pub(crate) frozen: bool,
    pub(crate) notice: Notice,
    /// There is something to say after the acknowledgement that is due.
    pub(crate) resend: bool,
    pub(crate) work: WorkId,
}

impl Element for Freeze {
    fn vacant() -> Self {
        Self {
            proc: Id::NONE,
            cookie: 0,
            frozen: false,
            notice: Notice::State,
            resend: false,
            work: Id::NONE,
        }
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

impl Driver {
    /// `BC_REQUEST_FREEZE_NOTIFICATION`.
    ///
    /// # Errors
    ///
    /// EINVAL for an unknown handle or a second request; ENOMEM.
    pub(crate) fn request_freeze(&mut self, proc: ProcId, request: HandleCookie) -> Result<(), Errno> {
        let reference = self
            .find_ref(proc, request.handle, Strength::Weak)
            .ok_or(Errno::EINVAL)?;
        if self.refs[reference].freeze.is_some() {
            return Err(Errno::EINVAL);
        }
        let id = self.new_freeze(proc, request.cookie).map_err(|_| Errno::ENOMEM)?;
        self.refs[reference].freeze = Some(id);
        if let Some(owner) = self.nodes[self.refs[reference].node].owner {
            self.freezes[id].frozen = self.procs[owner].frozen.frozen;
            let work = self.freezes[id].work;
            self.queue_to_proc(proc, work);
        }
        Ok(())
    }

    fn new_freeze(&mut self, proc: ProcId, cookie: u64) -> Result<FreezeId, NoMemory> {
        self.freezes.reserve(1)?;
        self.works.reserve(1)?;
        self.procs[proc].due_freezes.register(cookie)?;
        let work = self.new_work(UNNAMED)?;
        let id = self.freezes.insert(Freeze {
            proc,
            cookie,
            frozen: false,
            notice: Notice::State,
            resend: false,
            work,
        })?;
        self.works[work].work = Work::Freeze(id);
        self.stats.objects.freezes.made();
        Ok(id)
    }

    /// `BC_CLEAR_FREEZE_NOTIFICATION`.
    ///
    /// # Errors
    ///
    /// EINVAL for an unknown handle, no registration, or another cookie.
    pub(crate) fn clear_freeze(&mut self, proc: ProcId, request: HandleCookie) -> Result<(), Errno> {
        let reference = self
            .find_ref(proc, request.handle, Strength::Weak)
            .ok_or(Errno::EINVAL)?;
        let id = self.refs[reference].freeze.ok_or(Errno::EINVAL)?;
        let freeze = &mut self.freezes[id];
        if freeze.cookie != request.cookie {
            return Err(Errno::EINVAL);
        }
        freeze.notice = Notice::Cleared;
        let work = freeze.work;
        match self.works[work].queue {
            None => self.queue_to_proc(proc, work),
            Some(Queue::DeliveredFreezes(_)) => freeze.resend = true,
            Some(_) => {}
        }
        self.refs[reference].freeze = None;
        Ok(())
    }

    /// `BC_FREEZE_NOTIFICATION_DONE`.
    ///
    /// # Errors
    ///
    /// EINVAL if no notification with this cookie waits to be acknowledged.
    pub(crate) fn acknowledge_freeze(&mut self, proc: ProcId, cookie: u64) -> Result<(), Errno> {
        let work = self.procs[proc].due_freezes.first(cookie).ok_or(Errno::EINVAL)?;
        let Work::Freeze(id) = self.works[work].work else {
            return Err(Errno::EINVAL);
        };
        self.dequeue(work);
        if core::mem::take(&mut self.freezes[id].resend) {
            self.queue_to_proc(proc, work);
        }
        Ok(())
    }

    /// Tells all who asked about a node that its owner was frozen or thawed.
    pub(crate) fn notify_freeze(&mut self, node: NodeId, frozen: bool) {
        let mut next = self.nodes[node].refs.front();
        while let Some(reference) = next {
            let (proc, freeze) = (self.refs[reference].proc, self.refs[reference].freeze);
            if let Some(id) = freeze {
                self.notify_one(proc, id, frozen);
            }
            next = self.nodes[node].refs.next(&self.refs, reference);
        }
    }

    fn notify_one(&mut self, proc: ProcId, id: FreezeId, frozen: bool) {
        let freeze = &mut self.freezes[id];
        let work = freeze.work;
        let changed = core::mem::replace(&mut freeze.frozen, frozen) != frozen;
        match self.works[work].queue {
            None => self.queue_to_proc(proc, work),
            Some(Queue::DeliveredFreezes(_)) if changed => freeze.resend = true,
            Some(_) => {}
        }
    }

    /// Ends a registration, wherever its notification is.
    pub(crate) fn forget_freeze(&mut self, id: FreezeId) {
        if let Some(freeze) = self.freezes.get(id) {
            let (proc, cookie, work) = (freeze.proc, freeze.cookie, freeze.work);
            self.dequeue(work);
            self.works.remove(work);
            self.freezes.remove(id);
            self.procs[proc].due_freezes.unregister(cookie);
            self.stats.objects.freezes.gone();
        }
    }
}
