//! The other process of a demonstration: an object that can do what the demonstrations need.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use libbinder::{
    ExceptionKind, FileDescriptor, IBinder, IpcThreadState, ProcessState, Proxy, Result, Status,
    service_manager,
};
use rt::memory::{Access, Mapping};
use rt::sync::Mutex;
use rt::syscall;

use crate::failure::Failure;
use crate::program::Program;

libbinder::parcelable! {
    /// Who serves a call, and for whom.
    pub struct Whereabouts {
        /// The serving process.
        pub pid: i32,
        /// The serving thread.
        pub thread: i32,
        /// The calling process, as the driver names it.
        pub caller: i32,
        /// The serving thread's nice value.
        pub nice: i32,
    }
}

libbinder::interface! {
    /// What a peer can do.
    pub trait IPeer: "bindery.demo.IPeer" {
        proxy BpPeer;
        native BnPeer;

        /// Who serves this call.
        fn whereabouts(&self) -> Whereabouts = 1;
        /// Calls `next`, which calls `after`, and so on, `depth` times; who served each call, the last one first.
        fn bounce(&self, next: &IBinder, after: &IBinder, depth: i32) -> Vec<Whereabouts> = 2;
        /// Remembers a number, after a pause.
        oneway fn note(&self, number: i32, pause_ms: i32) = 3;
        /// The numbers in the order in which they came, and how many were being noted at once at most.
        fn notes(&self) -> Notes = 4;
        /// Keeps the caller waiting.
        fn hold(&self, pause_ms: i32) -> Whereabouts = 5;
        /// Asks another peer who serves there.
        fn ask(&self, other: &IBinder) -> Whereabouts = 6;
        /// Writes a text to the beginning of shared memory.
        fn fill(&self, memory: &FileDescriptor, text: &str) = 7;
    }
}

libbinder::parcelable! {
    /// What a peer has noted.
    pub struct Notes {
        /// The numbers, in order.
        pub numbers: Vec<i32>,
        /// How many calls were in progress at once.
        pub at_once: i32,
    }
}

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;
/// How long a peer may take to appear.
const PATIENCE_NS: u64 = 5_000 * MILLISECOND;

/// A peer's state.
#[derive(Default)]
pub(crate) struct Peer {
    notes: Mutex<Notes>,
    noting: Mutex<i32>,
}

/// Who serves the current call.
pub(crate) fn here() -> Whereabouts {
    Whereabouts {
        pid: syscall::getpid(),
        thread: syscall::gettid(),
        caller: IpcThreadState::of(ProcessState::get()).calling_pid(),
        nice: syscall::nice(0).unwrap_or(i32::MAX),
    }
}

impl IPeer for Peer {
    fn whereabouts(&self) -> Result<Whereabouts> {
        Ok(here())
    }

    fn bounce(&self, next: &IBinder, after: &IBinder, depth: i32) -> Result<Vec<Whereabouts>> {
        let own = here();
        let mut chain = Vec::new();
        if depth > 0 {
            chain = BpPeer::from_binder(next.clone()).bounce(after, next, depth - 1)?;
        }
        chain.push(own);
        Ok(chain)
    }

    fn note(&self, number: i32, pause_ms: i32) -> Result<()> {
        let at_once = {
            let mut noting = self.noting.lock();
            *noting += 1;
            *noting
        };
        pause(pause_ms);
        {
            let mut notes = self.notes.lock();
            notes.numbers.push(number);
            notes.at_once = notes.at_once.max(at_once);
        }
        *self.noting.lock() -= 1;
        Ok(())
    }

    fn notes(&self) -> Result<Notes> {
        Ok(self.notes.lock().clone())
    }

    fn hold(&self, pause_ms: i32) -> Result<Whereabouts> {
        pause(pause_ms);
        Ok(here())
    }

    fn ask(&self, other: &IBinder) -> Result<Whereabouts> {
        BpPeer::from_binder(other.clone()).whereabouts()
    }

    fn fill(&self, memory: &FileDescriptor, text: &str) -> Result<()> {
        let length = text.len();
        if length == 0 {
            return Err(Status::exception(ExceptionKind::IllegalArgument, "no text"));
        }
        Mapping::shared(memory.number(), length, Access::ReadWrite)?.write(0, text.as_bytes())?;
        Ok(())
    }
}

fn pause(milliseconds: i32) {
    syscall::sleep_ns(u64::try_from(milliseconds).unwrap_or(0) * MILLISECOND);
}

/// `demo --peer NAME`: serves as a peer until it is ended.
pub(crate) fn serve(name: &str) -> core::result::Result<(), Failure> {
    service_manager()?.add(name, &BnPeer::new(Peer::default()))?;
    ProcessState::get().join_thread_pool();
    Ok(())
}

/// A peer in a process of its own.
pub(crate) struct Companion {
    /// Its process.
    pub(crate) program: Program,
    /// Its object.
    pub(crate) peer: BpPeer,
    /// The name it is registered by.
    pub(crate) name: String,
}

impl Companion {
    /// Starts a peer and waits for it.
    pub(crate) fn start(role: &str) -> core::result::Result<Self, Failure> {
        // A name that no other demonstration has.
        let name = format!("demo.{role}.{}", syscall::getpid());
        let program = Program::start("/bin/demo", &["demo", "--peer", &name])?;
        let found = service_manager()?.wait_for_service_until(&name, PATIENCE_NS)?;
        Ok(Self {
            program,
            peer: BpPeer::from_binder(found),
            name,
        })
    }
}
