//! Freeze notifications: a proc asks to hear when the owner of a node is frozen or thawed.
//!
//! At most one notification of a registration is under way. While it is queued, only its value follows the changes;
//! once it has been read, a change waits until it is acknowledged. Withdrawing follows the same path.

use crate::count::Strength;
use crate::driver::Driver;
use crate::list::{Chain, Links};
use crate::machine::NoMemory;
use crate::table::{Element, FreezeId, Id, ProcId, RefId, WorkId};
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
    /// Whose freezing it is about, as long as there is something to tell of it.
    pub(crate) watched: Option<ProcId>,
    /// When it is told: in the order of the owner's nodes, and for one of them, the newest reference first.
    pub(crate) turn: (u64, u32),
    watchers: Links<FreezeId>,
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
            watched: None,
            turn: (0, 0),
            watchers: Links::new(),
        }
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

/// Chains the registrations on nodes of one proc.
#[derive(Debug)]
pub(crate) struct WatcherChain;

impl Chain for WatcherChain {
    type Id = FreezeId;
    type Element = Freeze;

    #[inline]
    fn links(element: &Freeze) -> &Links<FreezeId> {
        &element.watchers
    }

    #[inline]
    fn links_mut(element: &mut Freeze) -> &mut Links<FreezeId> {
        &mut element.watchers
    }
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
        let id = self
            .new_freeze(proc, reference, request.cookie)
            .map_err(|_| Errno::ENOMEM)?;
        self.refs[reference].freeze = Some(id);
        if let Some(owner) = self.nodes[self.refs[reference].node].owner {
            let watched = &mut self.procs[owner];
            watched.watchers.push_back(&mut self.freezes, id);
            let freeze = &mut self.freezes[id];
            freeze.watched = Some(owner);
            freeze.frozen = watched.frozen.frozen;
            let work = self.freezes[id].work;
            self.queue_to_proc(proc, work);
        }
        Ok(())
    }

    fn new_freeze(&mut self, proc: ProcId, reference: RefId, cookie: u64) -> Result<FreezeId, NoMemory> {
        self.freezes.reserve(1)?;
        self.works.reserve(1)?;
        self.procs[proc].due_freezes.register(cookie)?;
        let work = self.new_work(UNNAMED)?;
        let reference = &self.refs[reference];
        let turn = (self.nodes[reference.node].name.ptr, u32::MAX ^ reference.id);
        let id = self.freezes.insert(Freeze {
            proc,
            cookie,
            frozen: false,
            notice: Notice::State,
            resend: false,
            work,
            watched: None,
            turn,
            watchers: Links::new(),
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
        self.leave_watchers(id);
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

    /// The nodes are gone that a registration is about, or it is: a freeze has nothing to tell it any more.
    pub(crate) fn leave_watchers(&mut self, id: FreezeId) {
        if let Some(owner) = self.freezes[id].watched.take() {
            self.procs[owner].watchers.remove(&mut self.freezes, id);
        }
    }

    /// Tells one who asked that the owner was frozen or thawed.
    pub(crate) fn notify_freeze(&mut self, id: FreezeId, frozen: bool) {
        let freeze = &mut self.freezes[id];
        let (proc, work) = (freeze.proc, freeze.work);
        let changed = core::mem::replace(&mut freeze.frozen, frozen) != frozen;
        match self.works[work].queue {
            None => self.queue_to_proc(proc, work),
            Some(Queue::DeliveredFreezes(_)) if changed => freeze.resend = true,
            Some(_) => {}
        }
    }

    /// Ends a registration, wherever its notification is.
    pub(crate) fn forget_freeze(&mut self, id: FreezeId) {
        if self.freezes.contains(id) {
            self.leave_watchers(id);
            let freeze = &self.freezes[id];
            let (proc, cookie, work) = (freeze.proc, freeze.cookie, freeze.work);
            self.dequeue(work);
            self.works.discard(work);
            self.freezes.discard(id);
            self.procs[proc].due_freezes.unregister(cookie);
            self.stats.objects.freezes.gone();
        }
    }
}
