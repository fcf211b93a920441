//! Objects of other processes.

use crate::binder::WeakBinder;
use crate::death::DeathRecipient;
use crate::parcel::Parcel;
use crate::process_state::ProcessState;
use crate::status::StatusCode;
use crate::thread::{IpcThreadState, TransactionFlags};
use abi::binder::command::{BC_CLEAR_DEATH_NOTIFICATION, BC_RELEASE, BC_REQUEST_DEATH_NOTIFICATION};
use abi::parcel::Stability;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use rt::sync::Mutex;

/// Who wants to know of the object's death.
#[derive(Default)]
struct Obituaries {
    /// The word that comes back with the notification; 0 while nobody has asked for one.
    cookie: u64,
    recipients: Vec<Arc<dyn DeathRecipient>>,
}

/// Stands for an object of another process. There is one for each handle, and it holds one strong count on it.
pub struct BpBinder {
    process: &'static ProcessState,
    handle: u32,
    stability: AtomicI32,
    alive: AtomicBool,
    obituaries: Mutex<Obituaries>,
    /// The proxy itself, to hand out.
    this: Weak<Self>,
}

impl BpBinder {
    /// A proxy for a handle on which the caller has just taken a strong count.
    pub(crate) fn new(process: &'static ProcessState, handle: u32, stability: Stability) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            process,
            handle,
            stability: AtomicI32::new(stability.0),
            alive: AtomicBool::new(true),
            obituaries: Mutex::new(Obituaries::default()),
            this: this.clone(),
        })
    }

    /// The connection that the handle belongs to.
    pub const fn process(&self) -> &'static ProcessState {
        self.process
    }

    /// The number of the object in this process.
    pub const fn handle(&self) -> u32 {
        self.handle
    }

    /// What the object's parcel said about its interface.
    pub fn stability(&self) -> Stability {
        match self.stability.load(Ordering::Relaxed) {
            0 => Stability::SYSTEM,
            level => Stability(level),
        }
    }

    /// Notes what a later parcel said.
    pub(crate) fn set_stability(&self, stability: Stability) {
        if stability != Stability::UNDECLARED {
            self.stability.store(stability.0, Ordering::Relaxed);
        }
    }

    /// Whether the object's process was alive when this process last heard of it.
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Calls the object.
    ///
    /// # Errors
    ///
    /// Why there is no answer, or the status that the object answered with.
    pub fn transact(&self, code: u32, data: &Parcel, flags: TransactionFlags) -> Result<Parcel, StatusCode> {
        if !self.is_alive() {
            return Err(StatusCode::DeadObject);
        }
        if !data.fits(self.process) {
            return Err(StatusCode::BadType);
        }
        let thread = IpcThreadState::of(self.process);
        let result = thread.transact(self.handle, code, data, flags);
        if matches!(result, Err(StatusCode::DeadObject)) {
            self.alive.store(false, Ordering::Release);
        }
        result
    }

    /// See [`crate::IBinder::link_to_death`].
    pub(crate) fn link_to_death(&self, recipient: &Arc<dyn DeathRecipient>) -> Result<(), StatusCode> {
        let mut obituaries = self.obituaries.lock();
        if !self.is_alive() {
            return Err(StatusCode::DeadObject);
        }
        obituaries.recipients.push(Arc::clone(recipient));
        if obituaries.cookie == 0 {
            obituaries.cookie = self.process.watch(&self.this);
            let thread = IpcThreadState::of(self.process);
            thread.register(BC_REQUEST_DEATH_NOTIFICATION, self.handle, obituaries.cookie);
        }
        Ok(())
    }

    /// See [`crate::IBinder::unlink_to_death`].
    pub(crate) fn unlink_to_death(&self, recipient: &Arc<dyn DeathRecipient>) -> Result<(), StatusCode> {
        let mut obituaries = self.obituaries.lock();
        if !self.is_alive() {
            return Err(StatusCode::DeadObject);
        }
        let place = obituaries
            .recipients
            .iter()
            .position(|known| Arc::ptr_eq(known, recipient));
        obituaries
            .recipients
            .remove(place.ok_or(StatusCode::NameNotFound)?);
        if obituaries.recipients.is_empty() {
            let cookie = core::mem::take(&mut obituaries.cookie);
            drop(obituaries);
            self.process.unwatch(cookie);
            IpcThreadState::of(self.process).register(BC_CLEAR_DEATH_NOTIFICATION, self.handle, cookie);
        }
        Ok(())
    }

    /// The driver says that the object is dead: tells all who wanted to know.
    pub(crate) fn send_obituary(&self, cookie: u64) {
        let obituaries = {
            let mut obituaries = self.obituaries.lock();
            self.alive.store(false, Ordering::Release);
            core::mem::take(&mut *obituaries)
        };
        if obituaries.cookie == cookie {
            self.process.unwatch(cookie);
            IpcThreadState::of(self.process).register(BC_CLEAR_DEATH_NOTIFICATION, self.handle, cookie);
        }
        let who = WeakBinder::Remote(self.this.clone());
        for recipient in obituaries.recipients {
            recipient.binder_died(&who);
        }
    }
}

impl Drop for BpBinder {
    fn drop(&mut self) {
        self.process.forget_proxy(self.handle, &self.this);
        let cookie = self.obituaries.get_mut().cookie;
        if cookie != 0 {
            self.process.unwatch(cookie);
            IpcThreadState::send_registration(self.process, BC_CLEAR_DEATH_NOTIFICATION, self.handle, cookie);
        }
        IpcThreadState::send_handle(self.process, BC_RELEASE, self.handle);
    }
}
