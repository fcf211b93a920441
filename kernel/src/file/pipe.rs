//! Pipes: bytes from those who write to those who read.

use super::{Facts, File, OpenFile, Progress, Readiness, UserMemory};
use crate::sync::Mutex;
use crate::task::{Channel, Kernel, TaskId};
use abi::Errno;
use abi::file::{OpenFlags, PIPE_BUF};
use abi::poll::PollEvents;
use abi::signal::Signal;
use abi::status::S_IFIFO;
use abi::terminal::FIONREAD;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::mm::{frames, user};
use crate::task::Flow;

/// How many bytes a pipe holds.
const CAPACITY: usize = 65536;
/// The device of files that have no name anywhere.
pub(super) const NAMELESS_DEVICE: u64 = 0xa;

/// What both ends share.
#[derive(Debug)]
struct Pipe {
    inode: u64,
    /// Woken when there is something to read, or no one left who would write.
    filled: Channel,
    /// Woken when there is room, or no one left who would read.
    drained: Channel,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    bytes: VecDeque<u8>,
    /// How many times bytes were put in.
    put: u64,
    /// How many times bytes were taken.
    taken: u64,
    reader: End,
    writer: End,
    /// How much of its bytes a writer has put in that waits for room for the rest.
    begun: BTreeMap<TaskId, usize>,
}

/// Whether an end of a pipe is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Closed,
}

/// The end to read from.
#[derive(Debug)]
pub(crate) struct PipeReader(Arc<Pipe>);

/// The end to write to.
#[derive(Debug)]
pub(crate) struct PipeWriter(Arc<Pipe>);

/// Makes a pipe; the end to read from comes first.
pub(crate) fn pipe(flags: OpenFlags) -> (Arc<OpenFile>, Arc<OpenFile>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let inode = NEXT.fetch_add(1, Ordering::Relaxed);
    let pipe = Arc::new(Pipe {
        inode,
        filled: Channel::new(),
        drained: Channel::new(),
        state: Mutex::new(State {
            bytes: VecDeque::new(),
            put: 0,
            taken: 0,
            reader: End::Open,
            writer: End::Open,
            begun: BTreeMap::new(),
        }),
    });
    let path = format!("pipe:[{inode}]").into_bytes();
    let reader = Box::new(PipeReader(Arc::clone(&pipe)));
    let writer = Box::new(PipeWriter(pipe));
    (
        OpenFile::nameless(reader, flags, path.clone()),
        OpenFile::nameless(writer, flags | OpenFlags::WRITE_ONLY, path),
    )
}

impl Pipe {
    fn facts(&self) -> Facts {
        Facts {
            device: NAMELESS_DEVICE,
            inode: self.inode,
            mode: S_IFIFO | 0o600,
            links: 1,
            ..Facts::default()
        }
    }

    fn control(&self, request: u32, argument: u64) -> Result<Flow, Errno> {
        if request != FIONREAD {
            return Err(Errno::ENOTTY);
        }
        let waiting = self.state.lock().bytes.len() as i32;
        user::write_value(argument, &waiting)?;
        Ok(Flow::Return(0))
    }
}

impl File for PipeReader {
    fn read(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        _at: u64,
    ) -> Result<Progress, Errno> {
        let Pipe { filled, drained, .. } = *self.0;
        let mut state = self.0.state.lock();
        if into.remaining() == 0 {
            return Ok(Progress::Done(0));
        }
        if state.bytes.is_empty() {
            return Ok(match state.writer {
                End::Open => Progress::Wait(filled),
                End::Closed => Progress::Done(0),
            });
        }
        let (front, back) = state.bytes.as_slices();
        into.fill(front)?;
        into.fill(back)?;
        state.bytes.drain(..into.copied());
        state.taken += 1;
        drop(state);
        kernel.wake(drained);
        Ok(Progress::Done(into.copied()))
    }

    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let state = self.0.state.lock();
        let mut events = PollEvents::empty();
        if !state.bytes.is_empty() {
            events |= PollEvents::READABLE;
        }
        if state.writer == End::Closed {
            events |= PollEvents::HANG_UP;
        }
        Ok(Readiness {
            events,
            channel: Some(self.0.filled),
            changes: Some(state.put),
        })
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn control(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        request: u32,
        argument: u64,
    ) -> Result<Flow, Errno> {
        self.0.control(request, argument)
    }

    fn facts(&self) -> Facts {
        self.0.facts()
    }

    fn release(&self, kernel: &mut Kernel) {
        self.0.state.lock().reader = End::Closed;
        kernel.wake(self.0.drained);
    }

    fn pipe_capacity(&self) -> Option<usize> {
        Some(CAPACITY)
    }
}

impl PipeWriter {
    /// Puts bytes in, as many as there is room for.
    fn put(state: &mut State, from: &mut UserMemory) -> Result<(), Errno> {
        let mut chunk = [0; PIPE_BUF];
        loop {
            let step = PIPE_BUF.min(CAPACITY - state.bytes.len()).min(from.remaining());
            if step == 0 {
                return Ok(());
            }
            if frames::is_short() {
                return Err(Errno::ENOMEM);
            }
            state.bytes.try_reserve(step).map_err(|_| Errno::ENOMEM)?;
            let count = from.take(&mut chunk[..step])?;
            state.bytes.extend(&chunk[..count]);
        }
    }
}

impl File for PipeWriter {
    fn write(
        &self,
        kernel: &mut Kernel,
        open: &OpenFile,
        from: &mut UserMemory,
        _at: u64,
    ) -> Result<Progress, Errno> {
        let Pipe { filled, drained, .. } = *self.0;
        let task = kernel.current;
        let mut state = self.0.state.lock();
        let before = state.begun.remove(&task).unwrap_or(0);
        let total = from.remaining();
        if total == 0 {
            return Ok(Progress::Done(0));
        }
        from.skip(before);
        if state.reader == End::Closed {
            drop(state);
            if before > 0 {
                return Ok(Progress::Done(before));
            }
            kernel.raise(Signal::SIGPIPE);
            return Err(Errno::EPIPE);
        }
        // What fits into one piece goes in one piece.
        if total > PIPE_BUF || CAPACITY - state.bytes.len() >= total {
            Self::put(&mut state, from)?;
        }
        let done = from.copied();
        let over = from.remaining() == 0 || done > 0 && (open.nonblocking() || kernel.interrupted());
        if !over && done > 0 {
            state.begun.insert(task, done);
        }
        state.put += u64::from(done > before);
        drop(state);
        if done > before {
            kernel.wake(filled);
        }
        Ok(if over {
            Progress::Done(done)
        } else {
            Progress::Wait(drained)
        })
    }

    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let state = self.0.state.lock();
        let mut events = PollEvents::empty();
        if CAPACITY - state.bytes.len() >= PIPE_BUF {
            events |= PollEvents::WRITABLE;
        }
        if state.reader == End::Closed {
            events |= PollEvents::ERROR;
        }
        Ok(Readiness {
            events,
            channel: Some(self.0.drained),
            changes: Some(state.taken),
        })
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn control(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        request: u32,
        argument: u64,
    ) -> Result<Flow, Errno> {
        self.0.control(request, argument)
    }

    fn facts(&self) -> Facts {
        self.0.facts()
    }

    fn release(&self, kernel: &mut Kernel) {
        self.0.state.lock().writer = End::Closed;
        kernel.wake(self.0.filled);
    }

    fn pipe_capacity(&self) -> Option<usize> {
        Some(CAPACITY)
    }
}
