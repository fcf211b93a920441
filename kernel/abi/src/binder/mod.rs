//! The binder UAPI of Linux 6.12, 64-bit, protocol version 8.
//!
//! [`ioctl`] has the requests of the device, [`command`] what a program writes to the driver (`BC_`), [`reply`] what
//! it reads back (`BR_`), [`object`] what may travel inside a transaction. Sources: the published UAPI of Linux 6.12
//! and measurements on that driver.

pub mod command;
pub mod ioctl;
pub mod object;
pub mod reply;
mod transaction;

pub use transaction::{TransactionData, TransactionDataSecctx, TransactionDataSg, TransactionFlags};

/// What `BINDER_VERSION` answers on a 64-bit system.
pub const PROTOCOL_VERSION: i32 = 8;

/// The kernel uses no more of a mapping than this; the rest of a longer one is never backed by memory.
pub const MAPPING_MAX: usize = 4 << 20;

/// Builds an ioctl-style code: direction and size of the payload, type letter, number.
const fn code(direction: u32, letter: u8, number: u8, size: usize) -> u32 {
    (direction << 30) | ((size as u32) << 16) | ((letter as u32) << 8) | number as u32
}

const NONE: u32 = 0;
const WRITE: u32 = 1;
const READ: u32 = 2;

/// The payload size in bytes that an ioctl-style code announces.
pub const fn payload_size(code: u32) -> usize {
    ((code >> 16) & 0x3fff) as usize
}

/// The number of an ioctl-style code within its letter.
pub const fn number(code: u32) -> u8 {
    (code & 0xff) as u8
}

/// A node's identity as its owner knows it: the payload of the refcount returns and their acknowledgements.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    zerocopy::FromBytes,
    zerocopy::IntoBytes,
    zerocopy::Immutable,
    zerocopy::KnownLayout,
)]
#[repr(C)]
pub struct PtrCookie {
    /// The owner's name for the node.
    pub ptr: u64,
    /// The owner's second word, fixed when the node was made.
    pub cookie: u64,
}

/// A handle and the cookie of a registration on it. Twelve bytes without padding.
#[derive(
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    zerocopy::FromBytes,
    zerocopy::IntoBytes,
    zerocopy::Immutable,
    zerocopy::KnownLayout,
)]
#[repr(C, packed)]
pub struct HandleCookie {
    /// The handle in the calling process.
    pub handle: u32,
    /// The word that comes back with the notification.
    pub cookie: u64,
}
