//! Bytes on their way in one direction: what a pipe is, and half of a pair of sockets.

use super::{OpenFile, UserMemory};
use crate::mm::{frames, user};
use crate::sync::Mutex;
use crate::task::{Channel, Flow, Kernel, TaskId};
use abi::Errno;
use abi::file::PIPE_BUF;
use abi::terminal::FIONREAD;
use alloc::vec::Vec;

/// How many bytes a stream holds.
pub(super) const CAPACITY: usize = 65536;

/// A stream.
#[derive(Debug)]
pub(super) struct Stream {
    /// Woken when there is something to read, or no one left who would write.
    filled: Channel,
    /// Woken when there is room, or no one left who would read.
    drained: Channel,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The bytes, behind those that were taken.
    bytes: Vec<u8>,
    /// How many of them were taken. Less than there are others, whenever bytes are put in.
    start: usize,
    /// How many times bytes were put in.
    put: u64,
    /// How many times bytes were taken.
    taken: u64,
    reader: End,
    writer: End,
    /// Who wrote went with bytes unread that were meant for him: the reader is told once.
    is_reset: bool,
    /// How much of its bytes a writer has put in that waits for room for the rest.
    begun: Vec<(TaskId, usize)>,
}

/// Whether an end is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It may be used.
    Open,
    /// Nobody uses it any more.
    Closed,
}

/// What happens to the bytes that a read gives out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taking {
    /// They are gone.
    Takes,
    /// They stay.
    Peeks,
}

/// What a stream looks like from outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Something could be read.
    pub(super) has_bytes: bool,
    /// A piece could be written.
    pub(super) has_room: bool,
    /// The end to read from.
    pub(super) reader: End,
    /// The end to write to.
    pub(super) writer: End,
    /// The reader will be told of a reset.
    pub(super) is_reset: bool,
    /// How many times bytes were put in.
    pub(super) put: u64,
    /// How many times bytes were taken.
    pub(super) taken: u64,
}

impl State {
    /// Puts bytes in, as many as there is room for.
    fn put(&mut self, from: &mut UserMemory) -> Result<(), Errno> {
        if self.start >= self.count() {
            let count = self.count();
            self.bytes.copy_within(self.start.., 0);
            self.bytes.truncate(count);
            self.start = 0;
        }
        let mut chunk = [0; PIPE_BUF];
        loop {
            let step = PIPE_BUF.min(CAPACITY - self.count()).min(from.remaining());
            if step == 0 {
                return Ok(());
            }
            if frames::is_short() {
                return Err(Errno::ENOMEM);
            }
            self.bytes.try_reserve(step).map_err(|_| Errno::ENOMEM)?;
            let count = from.take(&mut chunk[..step])?;
            self.bytes.extend_from_slice(&chunk[..count]);
        }
    }

    /// How many bytes can be read.
    fn count(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// How much of its bytes a writer has put in that waited; it does not any more.
    fn take_begun(&mut self, task: TaskId) -> usize {
        let place = self.begun.iter().position(|(writer, _)| *writer == task);
        place.map_or(0, |place| self.begun.swap_remove(place).1)
    }

    fn is_over(&self) -> bool {
        self.reader == End::Closed || self.writer == End::Closed
    }
}

impl Stream {
    /// An empty one, with the channels of those who read and of those who write.
    pub(super) const fn new(filled: Channel, drained: Channel) -> Self {
        Self {
            filled,
            drained,
            state: Mutex::new(State {
                bytes: Vec::new(),
                start: 0,
                put: 0,
                taken: 0,
                reader: End::Open,
                writer: End::Open,
                is_reset: false,
                begun: Vec::new(),
            }),
        }
    }

    /// Gives bytes out.
    ///
    /// # Errors
    ///
    /// EFAULT; ECONNRESET, once.
    pub(super) fn read(
        &self,
        kernel: &mut Kernel,
        into: &mut UserMemory,
        taking: Taking,
    ) -> Result<usize, Flow> {
        let mut state = self.state.lock();
        if into.remaining() == 0 {
            return Ok(0);
        }
        if state.count() == 0 {
            if core::mem::take(&mut state.is_reset) {
                return Err(Errno::ECONNRESET.into());
            }
            return if state.is_over() {
                Ok(0)
            } else {
                Err(kernel.wait_on(self.filled))
            };
        }
        into.fill(&state.bytes[state.start..])?;
        if taking == Taking::Takes {
            state.start += into.copied();
            state.taken += 1;
            drop(state);
            kernel.wake(self.drained);
        }
        Ok(into.copied())
    }

    /// Takes bytes in; without patience only as many as there is room for.
    ///
    /// # Errors
    ///
    /// EPIPE if nobody will read them, EFAULT, ENOMEM.
    pub(super) fn write(
        &self,
        kernel: &mut Kernel,
        from: &mut UserMemory,
        patience: Patience,
    ) -> Result<usize, Flow> {
        let task = kernel.current;
        let mut state = self.state.lock();
        let before = state.take_begun(task);
        let total = from.remaining();
        if total == 0 {
            return Ok(0);
        }
        from.skip(before);
        if state.is_over() {
            return if before > 0 {
                Ok(before)
            } else {
                Err(Errno::EPIPE.into())
            };
        }
        // What fits into one piece goes in one piece.
        if total > PIPE_BUF || CAPACITY - state.count() >= total {
            state.put(from)?;
        }
        let done = from.copied();
        let stops = patience == Patience::None || kernel.interrupted();
        let over = from.remaining() == 0 || done > 0 && stops;
        if !over && done > 0 {
            state.begun.push((task, done));
        }
        state.put += u64::from(done > before);
        drop(state);
        if done > before {
            kernel.wake(self.filled);
        }
        if over {
            Ok(done)
        } else {
            Err(kernel.wait_on(self.drained))
        }
    }

    /// How it looks.
    pub(super) fn look(&self) -> Look {
        let state = self.state.lock();
        Look {
            has_bytes: state.count() > 0,
            has_room: CAPACITY - state.count() >= PIPE_BUF,
            reader: state.reader,
            writer: state.writer,
            is_reset: state.is_reset,
            put: state.put,
            taken: state.taken,
        }
    }

    /// Who waits to read waits on this.
    pub(super) const fn filled(&self) -> Channel {
        self.filled
    }

    /// Who waits to write waits on this.
    pub(super) const fn drained(&self) -> Channel {
        self.drained
    }

    /// Nobody reads any more. Whether bytes were left.
    pub(super) fn close_reader(&self, kernel: &mut Kernel) -> bool {
        let mut state = self.state.lock();
        state.reader = End::Closed;
        let has_bytes = state.count() > 0;
        drop(state);
        kernel.wake(self.filled);
        kernel.wake(self.drained);
        has_bytes
    }

    /// Nobody writes any more.
    pub(super) fn close_writer(&self, kernel: &mut Kernel) {
        self.state.lock().writer = End::Closed;
        kernel.wake(self.filled);
        kernel.wake(self.drained);
    }

    /// The reader is told once that the writer did not read what came for him.
    pub(super) fn reset(&self) {
        self.state.lock().is_reset = true;
    }

    /// Takes the reset that the reader was to be told of.
    pub(super) fn take_reset(&self) -> bool {
        core::mem::take(&mut self.state.lock().is_reset)
    }

    /// The ioctls of streams.
    ///
    /// # Errors
    ///
    /// ENOTTY for any other.
    pub(super) fn control(&self, request: u32, argument: u64) -> Result<u64, Flow> {
        if request != FIONREAD {
            return Err(Errno::ENOTTY.into());
        }
        let waiting = self.state.lock().count() as i32;
        user::write_value(argument, &waiting)?;
        Ok(0)
    }
}

/// Whether a write waits for room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It does.
    Waits,
    /// It does not.
    None,
}

impl Patience {
    /// What the flags of an open file ask for.
    pub(crate) fn of(open: &OpenFile) -> Self {
        if open.nonblocking() {
            Self::None
        } else {
            Self::Waits
        }
    }
}
