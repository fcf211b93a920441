//! What the stage asks of an actor, and what the actor answers.
//!
//! Stage and actor are two processes with a pipe each way. A request is its length as four bytes, then the value in
//! postcard's encoding; so is an answer. The channel is a pipe and not binder, so that a driver under test cannot
//! disturb its own examiner.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Bytes of an arena: a thread's own memory for commands, room for returns and payloads. The stage learns where each
/// begins before it writes pointers into commands.
pub(crate) const ARENA_SIZE: u64 = 16 << 20;

/// Threads of an actor.
pub(crate) const THREADS: u8 = 8;
/// Opens of an actor.
pub(crate) const SLOTS: u8 = 8;

/// Where in the arena the commands lie.
pub(crate) const COMMANDS: u64 = 0;
/// Where in the arena the returns go.
pub(crate) const RETURNS: u64 = 0x4_0000;
/// Where in the arena an ioctl's argument lies.
pub(crate) const ARGUMENT: u64 = 0x8_0000;
/// Where in the arena the payloads begin.
pub(crate) const PAYLOADS: u64 = 0x10_0000;
/// Where in the arena nothing is ever written: the source of big payloads of zeros.
pub(crate) const ZEROS: u64 = 0x80_0000;

/// One system call, ready to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Operation {
    /// Opens a device.
    Open { slot: u8, device: u8, nonblocking: bool },
    /// Maps it.
    Map {
        slot: u8,
        length: u64,
        writable: bool,
        shared: bool,
    },
    /// Unmaps from this offset to the end.
    Unmap { slot: u8, offset: u64 },
    /// Asks for write permission on the mapping.
    MakeWritable { slot: u8 },
    /// Reads bytes of the mapping.
    Peek { slot: u8, offset: u64, length: u64 },
    /// Closes a slot.
    Close { slot: u8 },
    /// Duplicates a slot's descriptor.
    Duplicate { slot: u8, to: u8 },
    /// Writes these bytes into the arena, then calls `BINDER_WRITE_READ` with this struct.
    WriteRead {
        slot: u8,
        memory: Vec<(u64, Vec<u8>)>,
        header: [u64; 6],
    },
    /// Calls an ioctl with a struct of these bytes; answers with the bytes afterwards.
    Ioctl {
        slot: u8,
        request: u32,
        argument: Vec<u8>,
    },
    /// Calls an ioctl with an address as it is.
    IoctlAt { slot: u8, request: u32, address: u64 },
    /// Polls a slot; the result is the returned events, or −1 for none.
    Poll { slot: u8, events: u16, timeout: i32 },
    /// Sets the thread's nice value.
    SetNice(i32),
    /// The thread's nice value.
    Nice,
    /// Makes a pipe; the result holds both descriptors.
    Pipe,
    /// Closes a descriptor.
    CloseDescriptor(i32),
    /// Writes to a descriptor.
    Write(i32, Vec<u8>),
    /// Reads from a descriptor.
    Read(i32),
    /// The descriptor's close-on-exec flag.
    Descriptor(i32),
}

/// What the stage says to an actor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Lets a thread begin an operation. No answer.
    Begin(u8, Operation),
    /// Interrupts a thread's blocked call with a signal. No answer.
    Interrupt(u8),
    /// Asks for everything that has ended since.
    Collect,
}

/// A call or reply that a thread received, with the bytes it points to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// The data.
    pub(crate) data: Vec<u8>,
    /// The offsets array.
    pub(crate) offsets: Vec<u64>,
    /// The security context without its NUL.
    pub(crate) context: Vec<u8>,
    /// The bytes of each scattered buffer, in the order of the offsets.
    pub(crate) buffers: Vec<Vec<u8>>,
}

/// How an operation ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The system call's result; a negated errno when it failed.
    pub(crate) result: i64,
    /// `write_consumed` and `read_consumed` afterwards.
    pub(crate) consumed: [u64; 2],
    /// Returns, an ioctl's struct, or bytes read.
    pub(crate) bytes: Vec<u8>,
    /// What arrived, in the order of the returns.
    pub(crate) deliveries: Vec<Delivery>,
}

/// The first answer of an actor: its process and, later, what has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The actor is there, and so begins the arena of each of its threads.
    Ready { pid: i32, arenas: Vec<u64> },
    /// Every operation that ended since the last collection, by thread.
    Ended(Vec<(u8, Answer)>),
}
