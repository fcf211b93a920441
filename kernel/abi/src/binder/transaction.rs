//! The payload of the transaction commands and returns.

use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

bitflags! {
    /// The `flags` of a transaction. Unknown bits pass through unchanged.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TransactionFlags: u32 {
        /// No reply is wanted.
        const ONE_WAY = 0x01;
        /// Passed through; old userlands mark the root object with it.
        const ROOT_OBJECT = 0x04;
        /// The data is a 32-bit status; only userland looks at it.
        const STATUS_CODE = 0x08;
        /// The reply may carry file descriptors.
        const ACCEPT_FDS = 0x10;
        /// The receiver's buffer is zeroed when it is freed.
        const CLEAR_BUF = 0x20;
        /// Supersedes an equal, still queued one-way call to a frozen process.
        const UPDATE_TXN = 0x40;
        const _ = !0;
    }
}

/// `binder_transaction_data`: the header of a call or reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TransactionData {
    /// To the driver: the handle, in the low 32 bits. From the driver: the node's `ptr`.
    pub target: u64,
    /// From the driver: the node's cookie.
    pub cookie: u64,
    /// What the call means, between the two programs.
    pub code: u32,
    /// [`TransactionFlags`].
    pub flags: u32,
    /// From the driver: the caller's process, 0 for one-way calls and replies.
    pub sender_pid: i32,
    /// From the driver: the caller's effective user.
    pub sender_euid: u32,
    /// Bytes of data.
    pub data_size: u64,
    /// Bytes of the array of object offsets.
    pub offsets_size: u64,
    /// Address of the data.
    pub buffer: u64,
    /// Address of the array of object offsets.
    pub offsets: u64,
}

impl TransactionData {
    /// The handle that a command names. The upper half of the word means nothing.
    pub const fn handle(&self) -> u32 {
        self.target as u32
    }

    /// The flags with their meaning.
    pub const fn transaction_flags(&self) -> TransactionFlags {
        TransactionFlags::from_bits_retain(self.flags)
    }
}

/// `binder_transaction_data_secctx`: an incoming call with its sender's security context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TransactionDataSecctx {
    /// The call.
    pub transaction_data: TransactionData,
    /// Address of the NUL-terminated context inside the same buffer.
    pub secctx: u64,
}

/// `binder_transaction_data_sg`: a call with room for scattered buffers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TransactionDataSg {
    /// The call.
    pub transaction_data: TransactionData,
    /// Bytes that the scattered buffers take together, each rounded up to 8.
    pub buffers_size: u64,
}
