//! The usual commands, read in one piece.

use super::Unusual;
use abi::binder::TransactionData;
use abi::binder::command::BC_FREE_BUFFER;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Bytes of a message's command alone.
pub(super) const SEND: u64 = size_of::<Send>() as u64;
/// Bytes of a free and a message.
pub(super) const FREE_AND_SEND: u64 = size_of::<FreeAndSend>() as u64;
/// Bytes of a free alone.
pub(super) const FREE: u64 = size_of::<Free>() as u64;

/// A buffer to be freed.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C, packed(4))]
pub(super) struct Free {
    code: u32,
    /// The buffer's address.
    address: u64,
}

/// A message.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C, packed(4))]
pub(super) struct Send {
    /// Whether it is a call or a reply.
    pub(super) code: u32,
    pub(super) message: Message,
}

/// A buffer to be freed, and a message.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C, packed(4))]
pub(crate) struct FreeAndSend {
    pub(super) free: Free,
    pub(super) send: Send,
}

impl FreeAndSend {
    /// Nothing.
    pub(crate) const EMPTY: Self = zerocopy::transmute!([0_u32; size_of::<Self>() / size_of::<u32>()]);
}

/// What a message's command says, as it stands in a command stream: aligned to four bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable)]
#[repr(C, packed(4))]
pub(super) struct Message {
    /// The handle of a call. The half behind it means nothing.
    pub(super) handle: u32,
    beside: u32,
    cookie: u64,
    pub(super) code: u32,
    pub(super) flags: u32,
    sender_pid: i32,
    sender_euid: u32,
    pub(super) data_size: u64,
    pub(super) offsets_size: u64,
    pub(super) buffer: u64,
    pub(super) offsets: u64,
}

const _: () = assert!(size_of::<Message>() == size_of::<TransactionData>());

impl Free {
    /// The buffer's address, if it is a free.
    #[inline(always)]
    pub(super) fn address(&self) -> Result<u64, Unusual> {
        if self.code == BC_FREE_BUFFER {
            Ok(self.address)
        } else {
            Err(Unusual)
        }
    }
}
