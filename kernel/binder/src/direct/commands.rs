//! The usual commands, read in one piece.

use super::Unusual;
use crate::machine::{Machine, UserAddress};
use crate::message::size;
use abi::binder::TransactionData;
use abi::binder::command::BC_FREE_BUFFER;
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes};

/// Bytes of a message's command alone.
pub(super) const WITHOUT_FREE: u64 = (size_of::<u32>() + size_of::<TransactionData>()) as u64;
/// Bytes of both commands.
pub(super) const WITH_FREE: u64 = size_of::<FreeAndSend>() as u64;

/// A buffer to be freed, and a message.
#[derive(FromBytes, IntoBytes, Immutable)]
#[repr(C, packed(4))]
pub(super) struct FreeAndSend {
    free: u32,
    /// The buffer's address.
    pub(super) address: u64,
    /// The message's command.
    pub(super) code: u32,
    /// The message.
    pub(super) message: Message,
}

/// A message as it stands in a command stream: aligned to four bytes.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable)]
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
    offsets: u64,
}

const _: () = assert!(size_of::<Message>() == size_of::<TransactionData>());

impl FreeAndSend {
    /// The commands of a write of this size, which is [`WITH_FREE`] or [`WITHOUT_FREE`].
    #[inline(always)]
    pub(super) fn read(from: UserAddress, length: u64, machine: &mut impl Machine) -> Result<Self, Unusual> {
        let mut commands = Self::new_zeroed();
        if length == WITH_FREE {
            machine
                .read_user(from, commands.as_mut_bytes())
                .map_err(|_| Unusual)?;
            if commands.free != BC_FREE_BUFFER {
                return Err(Unusual);
            }
        } else {
            let (_, alone) = commands
                .as_mut_bytes()
                .split_at_mut_checked(size(WITH_FREE - WITHOUT_FREE))
                .ok_or(Unusual)?;
            machine.read_user(from, alone).map_err(|_| Unusual)?;
        }
        Ok(commands)
    }

    /// Whether there is a buffer to be freed.
    #[inline(always)]
    pub(super) fn frees(&self) -> bool {
        self.free == BC_FREE_BUFFER
    }
}
