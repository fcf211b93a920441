//! A thread's part of a connection: what it has to send, and what it was sent.
//!
//! Commands gather in a buffer and go out with the next ioctl; what comes in is acted on one return at a time. While a
//! thread waits for its answer, it does whatever else the driver gives it: counts to acknowledge, or a call that
//! belongs to the same conversation.
//!
//! The buffers are borrowed for single lines only, never while an object is called or dropped: both may use this very
//! thread state again.

mod execute;
mod pool;
mod transact;

pub use abi::binder::TransactionFlags;
pub use pool::PoolMember;

use crate::explain::{self, Station};
use crate::native::BBinder;
use crate::process_state::ProcessState;
use crate::status::StatusCode;
use abi::Errno;
use abi::binder::HandleCookie;
use alloc::rc::Rc;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use rt::binder::{Commands, Delivered, Return, Returns};
use rt::thread::Local;

/// One thread's state for each connection of the process, by the connection's index.
static THREADS: Local<RefCell<Vec<Option<Rc<IpcThreadState>>>>> = Local::new(|| RefCell::new(Vec::new()));

/// Who makes the call that the thread is serving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pid: i32,
    euid: u32,
}

/// Whether to wait for something to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receive {
    /// Send only.
    No,
    /// Send, then wait, unless something is there already.
    Yes,
}

/// A thread's part of a connection.
pub struct IpcThreadState {
    process: &'static ProcessState,
    out: RefCell<Commands>,
    returns: RefCell<Returns>,
    caller: Cell<Option<Caller>>,
    /// Objects that nobody else holds any more; dropped when the thread has nothing more urgent.
    released: RefCell<Vec<Arc<BBinder>>>,
}

impl IpcThreadState {
    fn new(process: &'static ProcessState) -> Self {
        Self {
            process,
            out: RefCell::new(Commands::new()),
            returns: RefCell::new(Returns::new()),
            caller: Cell::new(None),
            released: RefCell::new(Vec::new()),
        }
    }

    /// The calling thread's part of a connection.
    ///
    /// # Panics
    ///
    /// When the thread is ending.
    pub fn of(process: &'static ProcessState) -> Rc<Self> {
        match Self::try_of(process) {
            Some(thread) => thread,
            None => panic!("an ending thread makes no calls"),
        }
    }

    fn try_of(process: &'static ProcessState) -> Option<Rc<Self>> {
        THREADS.try_with(|threads| {
            let index = process.index();
            let mut threads = threads.borrow_mut();
            if threads.len() <= index {
                threads.resize(index + 1, None);
            }
            Rc::clone(threads[index].get_or_insert_with(|| Rc::new(Self::new(process))))
        })
    }

    /// The process whose call the thread is serving; its own outside of calls. 0 when the call was one-way.
    pub fn calling_pid(&self) -> i32 {
        self.caller
            .get()
            .map_or_else(rt::syscall::getpid, |caller| caller.pid)
    }

    /// The user whose call the thread is serving; its own outside of calls.
    pub fn calling_uid(&self) -> u32 {
        self.caller
            .get()
            .map_or_else(rt::syscall::effective_user, |caller| caller.euid)
    }

    /// Sends what has gathered, and acts on nothing.
    pub fn flush_commands(&self) {
        if !self.out.borrow().is_empty() {
            // A device that takes no commands any more will say so to the next call.
            let _ = self.talk_with_driver(Receive::No);
        }
    }

    /// Makes one ioctl, if there is anything to send or to wait for.
    pub(crate) fn talk_with_driver(&self, receive: Receive) -> Result<(), StatusCode> {
        loop {
            let mut out = self.out.borrow_mut();
            let mut returns = self.returns.borrow_mut();
            let need_read = returns.is_empty();
            let read = receive == Receive::Yes && need_read;
            // What is still to be acted on may add commands; they go out together.
            if !read && (receive == Receive::Yes || out.is_empty()) {
                return Ok(());
            }
            explain::at(|| Station::Commands(out.bytes()));
            let exchange = self
                .process
                .device()
                .exchange(&mut out, read.then_some(&mut *returns));
            explain::at(|| Station::WriteRead(&exchange, if read { returns.bytes() } else { &[] }));
            match exchange.result {
                Ok(()) => return Ok(()),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// The next thing to act on, if the driver has said anything.
    pub(crate) fn next_return(&self) -> Option<Return> {
        let (code, value) = self.returns.borrow_mut().next_return()?;
        explain::at(|| Station::Return(code, &value));
        Some(value)
    }

    /// Sends a handle's first count at once.
    pub(crate) fn take_handle(&self, command: u32, handle: u32) {
        self.out.borrow_mut().handle(command, handle);
        self.flush_commands();
    }

    /// Registers for, or withdraws from, an object's death, at once.
    pub(crate) fn register(&self, command: u32, handle: u32, cookie: u64) {
        self.out
            .borrow_mut()
            .registration(command, &HandleCookie { handle, cookie });
        self.flush_commands();
    }

    /// Adds a command to what the calling thread will send; an ending thread sends it at once.
    fn send(process: &'static ProcessState, add: impl FnOnce(&mut Commands)) -> Option<Rc<Self>> {
        let Some(thread) = Self::try_of(process) else {
            let mut commands = Commands::new();
            add(&mut commands);
            process.device().exchange(&mut commands, None);
            return None;
        };
        add(&mut thread.out.borrow_mut());
        Some(thread)
    }

    /// Gives a message back to the driver, with the thread's next commands.
    pub(crate) fn free_buffer(process: &'static ProcessState, delivered: Delivered) {
        Self::send(process, |commands| commands.free_buffer(delivered));
    }

    /// Changes a handle's count; at once, because the thread may not speak again for long.
    pub(crate) fn send_handle(process: &'static ProcessState, command: u32, handle: u32) {
        if let Some(thread) = Self::send(process, |commands| commands.handle(command, handle)) {
            thread.flush_commands();
        }
    }

    /// Withdraws from an object's death, together with the next commands.
    pub(crate) fn send_registration(process: &'static ProcessState, command: u32, handle: u32, cookie: u64) {
        let registration = HandleCookie { handle, cookie };
        Self::send(process, |commands| commands.registration(command, &registration));
    }

    /// Drops the objects that nobody else holds any more.
    fn process_pending_derefs(&self) {
        loop {
            let next = self.released.borrow_mut().pop();
            match next {
                Some(object) => drop(object),
                None => return,
            }
        }
    }
}

impl Drop for IpcThreadState {
    fn drop(&mut self) {
        self.process_pending_derefs();
        self.flush_commands();
        // The driver forgets the thread; that fails only when it has forgotten the whole process.
        let _ = self.process.device().thread_exit();
    }
}
