//! Waiting for several files at once.

use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

bitflags! {
    /// What a file is ready for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct PollEvents: u16 {
        /// There is something to read.
        const IN = 0x001;
        /// Something urgent.
        const PRIORITY = 0x002;
        /// A write would not wait.
        const OUT = 0x004;
        /// An error; told without being asked.
        const ERROR = 0x008;
        /// The other end is gone; told without being asked.
        const HANG_UP = 0x010;
        /// No such descriptor; told without being asked.
        const INVALID = 0x020;
        /// As `IN`.
        const READ_NORMAL = 0x040;
        /// As `PRIORITY`.
        const READ_BAND = 0x080;
        /// As `OUT`.
        const WRITE_NORMAL = 0x100;
        /// As `OUT`.
        const WRITE_BAND = 0x200;
        /// The other end writes no more.
        const READ_HANG_UP = 0x2000;
    }
}

impl PollEvents {
    /// A file that can be read.
    pub const READABLE: Self = Self::IN.union(Self::READ_NORMAL);
    /// A file that can be written.
    pub const WRITABLE: Self = Self::OUT.union(Self::WRITE_NORMAL);
    /// What is told without being asked.
    pub const ALWAYS: Self = Self::ERROR.union(Self::HANG_UP).union(Self::INVALID);
}

/// `struct pollfd`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct PollDescriptor {
    /// The descriptor; a negative one is passed over.
    pub descriptor: i32,
    /// What is waited for.
    pub events: u16,
    /// What there is.
    pub returned: u16,
}
