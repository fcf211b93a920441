//! The other process: context manager of the device, answers what it is asked.
//!
//! Like any binder server it needs two calls for each request: one that frees the request's buffer, replies and reads
//! its completion, and one that reads the next request.

use crate::endpoint::Endpoint;
use abi::Errno;
use abi::binder::{TransactionFlags, command as bc};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};
use rt::memory::{Access, Mapping};

/// What a request's code asks for; the low half is a number.
pub(crate) mod code {
    /// Answers with as many bytes.
    pub(crate) const ECHO: u32 = 0;
    /// Answers, and ends.
    pub(crate) const STOP: u32 = 1 << 24;
    /// A one-way message: frees it.
    pub(crate) const ONEWAY: u32 = 2 << 24;
    /// Keeps the buffer.
    pub(crate) const HOLD: u32 = 3 << 24;
    /// Takes a strong count on the handles up to the number.
    pub(crate) const KEEP: u32 = 4 << 24;
    /// Calls the caller back so many times deep.
    pub(crate) const NEST: u32 = 5 << 24;
    /// Starts as many threads that wait.
    pub(crate) const THREADS: u32 = 6 << 24;
    /// Drops the strong counts on the handles up to the number.
    pub(crate) const DROP: u32 = 7 << 24;

    /// The part that says what to do.
    pub(crate) const WHAT: u32 = 0xff << 24;
}

/// A server process, as its clients see it.
pub(crate) struct Server {
    pid: i32,
    shared: Arc<Mapping>,
}

impl Server {
    /// Starts the process and waits until it serves.
    pub(crate) fn start() -> rt::Result<Self> {
        let memory = rt::syscall::memfd("bench")?;
        rt::syscall::truncate(memory, 4096)?;
        let shared = Arc::new(Mapping::shared(memory, 4096, Access::ReadWrite)?);
        let pid = rt::process::fork(|| match serve(&shared) {
            Ok(()) => 0,
            Err(errno) => {
                rt::eprintln!("binder-bench: server: {errno}");
                1
            }
        })?;
        rt::syscall::close(memory)?;
        let ready = shared.word(READY)?;
        // A server that cannot begin ends, and then never gets ready.
        let mut waited = 0;
        while ready.load(Ordering::Acquire) == 0 {
            if waited == READY_MS {
                rt::syscall::kill(pid, rt::signal::KILL)?;
                rt::process::wait(pid)?;
                return Err(Errno::ETIMEDOUT);
            }
            waited += 1;
            rt::syscall::sleep_ns(1_000_000);
        }
        Ok(Self { pid, shared })
    }

    /// Ticks that the server has spent outside the kernel, modulo 2³².
    pub(crate) fn own(&self) -> u32 {
        self.shared
            .word(OWN)
            .map_or(0, |word| word.load(Ordering::Relaxed))
    }

    /// Ends the process.
    pub(crate) fn stop(self, client: &mut Endpoint) -> rt::Result<()> {
        client.clear();
        client.call(0, code::STOP, 0, 0);
        client.send()?;
        rt::process::wait(self.pid)?;
        Ok(())
    }

    /// Ends the process by force.
    pub(crate) fn kill(self) -> rt::Result<()> {
        rt::syscall::kill(self.pid, rt::signal::KILL)?;
        rt::process::wait(self.pid)?;
        Ok(())
    }
}

/// How long a server may take to begin, in milliseconds.
const READY_MS: u32 = 2000;

/// Where the shared page says that the server serves.
const READY: usize = 0;
/// Where it counts the server's own ticks.
const OWN: usize = 4;

fn serve(shared: &Arc<Mapping>) -> rt::Result<()> {
    let mut end = Endpoint::open()?;
    // A manager before this one may not be quite gone: Linux releases a dead process's device a little later.
    let mut tries = 0;
    while let Err(errno) = end.device().set_context_manager() {
        if errno != Errno::EBUSY || tries == READY_MS / 2 {
            return Err(errno);
        }
        tries += 1;
        rt::syscall::sleep_ns(1_000_000);
    }
    end.clear();
    end.short(bc::BC_ENTER_LOOPER, &[]);
    end.send_only()?;
    shared.word(READY)?.store(1, Ordering::Release);
    requests(&mut end, shared)
}

/// Serves requests on one thread until it is told to stop.
fn requests(end: &mut Endpoint, shared: &Arc<Mapping>) -> rt::Result<()> {
    let own: &AtomicU32 = shared.word(OWN)?;
    // The commands of the common answer, prepared once.
    end.clear();
    let freed = end.free(0);
    let only_free = 12;
    end.reply(0);
    let answer = 12 + 68;
    let reply_size = only_free + 4 + 32;
    loop {
        let request = end.wait()?;
        let number = request.code & !code::WHAT;
        match request.code & code::WHAT {
            code::ECHO => {
                end.patch(freed, request.buffer);
                end.patch(reply_size, u64::from(number));
                end.exchange(answer, 0x1000)?;
            }
            code::ONEWAY => {
                end.patch(freed, request.buffer);
                end.exchange(only_free, 0)?;
            }
            what => {
                let stopping = what == code::STOP;
                other(end, what, number, request.buffer, shared)?;
                if stopping {
                    return Ok(());
                }
                end.clear();
                end.free(0);
                end.reply(0);
            }
        }
        own.fetch_add(core::mem::take(&mut end.own) as u32, Ordering::Relaxed);
    }
}

/// Requests that change something before the answer.
fn other(end: &mut Endpoint, what: u32, number: u32, buffer: u64, shared: &Arc<Mapping>) -> rt::Result<()> {
    end.clear();
    match what {
        code::HOLD => {}
        code::KEEP | code::DROP => {
            let command = if what == code::KEEP {
                bc::BC_ACQUIRE
            } else {
                bc::BC_RELEASE
            };
            // The handles of this request end with `number`; a request carries at most 64.
            for handle in number.saturating_sub(63).max(1)..=number {
                end.short(command, &[handle]);
            }
            end.free(buffer);
        }
        code::THREADS => {
            for _ in 0..number {
                let mut thread = Endpoint::for_thread(end.device())?;
                let shared = Arc::clone(shared);
                rt::thread::spawn(32 << 10, move || {
                    // A thread's first call returns at once; after it the thread waits for requests.
                    let _ = thread.read().and_then(|_| requests(&mut thread, &shared));
                })?;
            }
            end.free(buffer);
        }
        code::NEST if number > 0 => {
            end.free(buffer);
            nest(end, 1, number - 1)?;
            end.clear();
        }
        _ => {
            end.free(buffer);
        }
    }
    end.reply(0);
    end.send()?;
    Ok(())
}

/// Calls a handle and serves whatever comes back until the answer is there. Both sides of a nested call use it.
pub(crate) fn nest(end: &mut Endpoint, handle: u32, depth: u32) -> rt::Result<()> {
    end.call(handle, code::NEST | depth, 0, 0);
    let mut count = end.send()?;
    loop {
        let Some(arrived) = end.arrived(count)? else {
            count = end.read()?;
            continue;
        };
        end.clear();
        end.free(arrived.buffer);
        if end.is_reply(count) {
            return end.send_only();
        }
        let deeper = arrived.code & !code::WHAT;
        if deeper > 0 {
            // Each side has one handle for the other, and calls it again.
            nest(end, handle, deeper - 1)?;
            end.clear();
        }
        end.reply(0);
        count = end.send()?;
    }
}

/// A one-way message's flags.
pub(crate) const ONE_WAY: u32 = TransactionFlags::ONE_WAY.bits();
