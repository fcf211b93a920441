//! Keeps services running.
//!
//! Each service has a thread of init that waits for its end, says so and starts it again. A service that ends soon
//! after its start waits longer before each new attempt.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use libbinder::Result;
use libbinder::kernel::{Process, ProcessManager, Spawn};
use rt::sync::Mutex;
use rt::syscall::{clock_monotonic_ns, sleep_ns};
use rt::thread;

/// Whether anybody may be disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Events are said on the console.
    Aloud,
    /// The console belongs to somebody else.
    Silent,
}

impl Voice {
    /// Says one line, where that is wanted.
    pub(crate) fn say(self, what: fmt::Arguments<'_>) {
        if self == Voice::Aloud {
            rt::eprintln!("init: {}", what);
        }
    }
}

/// The wait before the first new attempt.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// A service that ran this long had started well.
const RAN_WELL: Duration = Duration::from_secs(5);

/// What the end of a service means for the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing.
    Service,
    /// Their registrations are gone: they are started again, too.
    ContextManager,
}

/// Starts services, again and again.
pub(crate) struct Keeper(Arc<Inner>);

struct Inner {
    manager: ProcessManager,
    voice: Voice,
    /// The services that run, with their roles.
    running: Mutex<Vec<(Role, Process)>>,
}

impl Keeper {
    /// A keeper without services.
    pub(crate) fn start(manager: ProcessManager, voice: Voice) -> Self {
        Self(Arc::new(Inner {
            manager,
            voice,
            running: Mutex::new(Vec::new()),
        }))
    }

    /// Starts the program at `path`, and starts it again whenever it ends.
    pub(crate) fn keep(&self, path: String, role: Role) {
        let inner = Arc::clone(&self.0);
        let started = thread::spawn(thread::STACK, move || inner.run(&path, role));
        if let Err(error) = started {
            self.0
                .voice
                .say(format_args!("no thread to keep a service: {error}"));
        }
    }
}

impl Inner {
    fn run(&self, path: &str, role: Role) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut wait = FIRST_WAIT;
        loop {
            let start_ns = clock_monotonic_ns();
            match self.run_once(path, name, role) {
                Ok(status) => self.voice.say(format_args!("{name} ended with status {status}")),
                Err(error) => self.voice.say(format_args!("{name}: {error}")),
            }
            let ran = Duration::from_nanos(clock_monotonic_ns() - start_ns);
            if ran >= RAN_WELL {
                wait = FIRST_WAIT;
            }
            sleep_ns(wait.as_nanos() as u64);
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Starts a service and waits for its end; its status.
    fn run_once(&self, path: &str, name: &str, role: Role) -> Result<i32> {
        let process = self
            .manager
            .spawn(&Spawn::new(path).arguments([name]).standard_files())?;
        self.running.lock().push((role, process.clone()));
        let status = process.wait();
        self.running.lock().retain(|(_, other)| *other != process);
        if role == Role::ContextManager {
            self.end_services();
        }
        status
    }

    /// Ends all services, so that they are started again.
    fn end_services(&self) {
        let running = self.running.lock().clone();
        for (_, process) in running.iter().filter(|(role, _)| *role == Role::Service) {
            // One that has just ended needs no signal.
            let _ = process.kill(rt::signal::KILL);
        }
    }
}
