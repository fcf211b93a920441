//! One of the kernel's own threads in the driver.
//!
//! It has no stack: between two reads it is this value. A call that cannot be answered yet stays open by parking the
//! looper that received it; another one reads on.

use super::memory::{Memory, Own, Segment};
use crate::task::Kernel;
use crate::trace::Tap;
use abi::binder::command::{BC_ACQUIRE_DONE, BC_FREE_BUFFER, BC_INCREFS_DONE, BC_REPLY};
use abi::binder::ioctl::{BINDER_WRITE_READ, WriteRead};
use abi::binder::{PtrCookie, TransactionData, TransactionFlags};
use abi::parcel::Writer;
use abi::trace::{Event, KERNEL_THREADS};
use binder_driver::{Blocking, Driver, Outcome, Pid, Resumption, Step, TaskId, ThreadId};
use zerocopy::{FromBytes, IntoBytes};

/// The room for returns.
const RETURNS: usize = 512;

/// The kernel's own pid: that of no process.
pub(super) const OWN: Pid = Pid(0);

/// A thread of the kernel in the driver.
#[derive(Debug)]
pub(super) struct Looper {
    pub(super) thread: ThreadId,
    pub(super) memory: Memory,
    pub(super) state: State,
}

/// What a looper does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Its read waits in the driver.
    Idle,
    /// The driver has something for it.
    Woken,
    /// It is being served right now.
    Busy,
    /// It owes an answer until this process ends.
    Parked(Pid),
}

impl Looper {
    pub(super) fn new(thread: ThreadId) -> Self {
        let memory = Memory {
            returns: alloc::vec![0; RETURNS],
            ..Memory::default()
        };
        Self {
            thread,
            memory,
            state: State::Busy,
        }
    }

    /// Adds a command without payload.
    pub(super) fn push_command(&mut self, command: u32) {
        self.memory.commands.extend_from_slice(command.as_bytes());
    }

    /// Gives a received buffer back.
    pub(super) fn push_free(&mut self, buffer: u64) {
        self.push_command(BC_FREE_BUFFER);
        self.memory.commands.extend_from_slice(buffer.as_bytes());
    }

    /// Confirms a reference that the driver announced.
    pub(super) fn push_done(&mut self, done: Done, node: PtrCookie) {
        self.push_command(match done {
            Done::Increfs => BC_INCREFS_DONE,
            Done::Acquire => BC_ACQUIRE_DONE,
        });
        self.memory.commands.extend_from_slice(node.as_bytes());
    }

    /// Answers the call that the looper received last.
    pub(super) fn push_reply(&mut self, reply: Writer, flags: TransactionFlags) {
        let (data, objects) = reply.into_parts();
        let transaction = TransactionData {
            flags: flags.bits(),
            data_size: data.len() as u64,
            offsets_size: size_of_val(objects.as_slice()) as u64,
            buffer: Segment::Data.address(),
            offsets: Segment::Offsets.address(),
            ..TransactionData::default()
        };
        self.memory.data = data;
        self.memory.offsets = objects.as_bytes().to_vec();
        self.push_command(BC_REPLY);
        self.memory.commands.extend_from_slice(transaction.as_bytes());
    }

    /// Fills in the ioctl's argument: all commands, and this much room for returns.
    fn prepare(&mut self, room: usize) {
        let argument = WriteRead {
            write_size: self.memory.commands.len() as u64,
            write_consumed: 0,
            write_buffer: Segment::Commands.address(),
            read_size: room as u64,
            read_consumed: 0,
            read_buffer: Segment::Returns.address(),
        };
        self.memory.argument = argument.as_bytes().to_vec();
    }

    /// How much the driver returned.
    pub(super) fn returned(&self) -> usize {
        let argument = WriteRead::read_from_bytes(&self.memory.argument);
        argument
            .map_or(0, |argument| argument.read_consumed as usize)
            .min(RETURNS)
    }
}

/// A call of a looper into the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Writes its commands, then reads.
    WriteAndRead,
    /// Writes its commands.
    Write,
    /// Carries on its read.
    CarryOn,
}

/// Which reference is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Increfs,
    Acquire,
}

/// Whether a looper has returns to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Returned,
    Waiting,
}

/// The task number of a looper.
pub(super) const fn task(index: usize) -> TaskId {
    TaskId(KERNEL_THREADS + index as u32)
}

impl Kernel {
    /// Does one of the looper's calls into the driver.
    pub(super) fn turn(&mut self, index: usize, turn: Turn) -> Progress {
        let looper = &mut self.objects.loopers[index];
        let thread = looper.thread;
        match turn {
            Turn::WriteAndRead => looper.prepare(RETURNS),
            Turn::Write => looper.prepare(0),
            Turn::CarryOn => {}
        }
        let request = if turn == Turn::CarryOn {
            0
        } else {
            BINDER_WRITE_READ
        };
        self.trace_own(index, Event::Enter { request });
        let (driver, mut machine) = self.driver_and_own(index);
        let step: Step = match turn {
            Turn::CarryOn => driver.resume(thread, Resumption::Woken, &mut machine),
            Turn::WriteAndRead | Turn::Write => {
                let argument = Segment::Argument.address();
                driver.ioctl_generally(
                    thread,
                    BINDER_WRITE_READ,
                    argument,
                    Blocking::Allowed,
                    &mut machine,
                )
            }
        };
        if let Some((woken, _)) = step.effects.handoff {
            self.trace_own(index, Event::Wake { woken: woken.0 });
        }
        self.trace_own(
            index,
            match step.outcome {
                Outcome::Blocked { .. } => Event::Block {},
                Outcome::Done(_) => Event::Leave { result: 0 },
            },
        );
        let looper = &mut self.objects.loopers[index];
        looper.memory.commands.clear();
        // The state first: what the effects wake may be this looper.
        let progress = match step.outcome {
            Outcome::Blocked { .. } => {
                looper.state = State::Idle;
                Progress::Waiting
            }
            Outcome::Done(_) => Progress::Returned,
        };
        crate::binder::apply(self, step.effects);
        progress
    }

    /// Records an event of a looper.
    fn trace_own(&mut self, index: usize, event: Event) {
        if self.tracer.is_on() {
            self.tracer.record(OWN, task(index), event);
        }
    }

    pub(super) fn driver_and_own(&mut self, index: usize) -> (&mut Driver, Own<'_>) {
        let Self {
            driver,
            objects,
            processes,
            windows,
            held,
            tracer,
            ..
        } = self;
        let own = Own {
            pid: OWN,
            memory: &mut objects.loopers[index].memory,
            files: &mut objects.files,
            processes,
            windows,
            held,
            tap: Tap::new(tracer, OWN, task(index)),
        };
        (driver, own)
    }
}
