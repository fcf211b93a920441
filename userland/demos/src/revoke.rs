//! A handle is taken back: what was passed on is a caretaker, which its owner can cut off.
//!
//! A handle itself cannot be taken from whoever has it. So who wants to be able to take access back hands out an object
//! of its own that forwards calls, and stops forwarding.

use alloc::sync::Arc;
use alloc::vec::Vec;

use libbinder::{ExceptionKind, FileDescriptor, IBinder, ProcessState, Proxy, Result, Status};
use rt::sync::Mutex;

use crate::failure::{Failure, ensure};
use crate::peer::{BnPeer, BpPeer, Companion, IPeer, Notes, Whereabouts};

/// Forwards one method to its target, while it has one.
#[derive(Clone)]
struct Caretaker(Arc<Mutex<Option<BpPeer>>>);

impl Caretaker {
    fn closed<T>() -> Result<T> {
        Err(Status::exception(
            ExceptionKind::Security,
            "The access was revoked.",
        ))
    }
}

impl IPeer for Caretaker {
    fn whereabouts(&self) -> Result<Whereabouts> {
        let target = self.0.lock().clone();
        target.map_or_else(Self::closed, |target| target.whereabouts())
    }

    fn bounce(&self, _: &IBinder, _: &IBinder, _: i32) -> Result<Vec<Whereabouts>> {
        Self::closed()
    }

    fn note(&self, _: i32, _: i32) -> Result<()> {
        Self::closed()
    }

    fn notes(&self) -> Result<Notes> {
        Self::closed()
    }

    fn hold(&self, _: i32) -> Result<Whereabouts> {
        Self::closed()
    }

    fn ask(&self, _: &IBinder) -> Result<Whereabouts> {
        Self::closed()
    }

    fn fill(&self, _: &FileDescriptor, _: &str) -> Result<()> {
        Self::closed()
    }
}

pub(crate) fn run(_: &[&str]) -> core::result::Result<(), Failure> {
    let target = Companion::start("target")?;
    let user = Companion::start("user")?;
    ProcessState::get().start_thread_pool();
    let caretaker = Caretaker(Arc::new(Mutex::new(Some(target.peer.clone()))));
    let object = BnPeer::new(caretaker.clone());
    let answered = user.peer.ask(&object)?;
    rt::println!(
        "process {} reached process {} through a caretaker",
        user.program.pid(),
        answered.pid
    );
    ensure!(
        answered.pid == target.program.pid(),
        "process {} answered",
        answered.pid
    );
    *caretaker.0.lock() = None;
    let refused = user.peer.ask(&object);
    rt::println!(
        "after revocation: {}",
        refused
            .as_ref()
            .map_or_else(alloc::string::ToString::to_string, |_| "an answer".into())
    );
    let kind = refused.err().and_then(|status| status.exception_kind());
    ensure!(
        kind == Some(ExceptionKind::Security),
        "the access was not revoked"
    );
    ensure!(target.peer.as_binder().is_alive(), "the target died");
    Ok(())
}
