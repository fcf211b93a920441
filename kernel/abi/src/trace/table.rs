//! Where a trace lies in the machine's memory.
//!
//! The boot tool lets the machine's memory be a file and reads the trace out of it when the machine is off, however it
//! ended. The kernel's log tells the address of the table; all addresses are physical.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// What a table begins with.
pub const MAGIC: u64 = u64::from_le_bytes(*b"bndtrace");

/// The front of a trace.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Table {
    /// [`MAGIC`].
    pub magic: u64,
    /// How many records were written in all. The record of number `n` lies at the place `n % capacity`.
    pub written: u64,
    /// How many places there are.
    pub capacity: u64,
    /// How many of them lie in one chunk.
    pub chunk: u64,
    /// The address of the list of the chunks' addresses.
    pub chunks: u64,
    /// How many names there are, in records of their own.
    pub name_count: u64,
    /// The address of the names.
    pub names: u64,
}
