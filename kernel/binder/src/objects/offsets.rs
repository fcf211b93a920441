//! The array of object offsets of a message: read once from the sender, and never again from anywhere else.

#![deny(clippy::indexing_slicing)]

use super::{FAULT, NO_MEMORY};
use crate::machine::{Machine, UserAddress, WindowId};
use crate::transaction::Failure;
use alloc::vec::Vec;
use zerocopy::IntoBytes;

/// So many need no memory of their own.
const FEW: usize = 8;

/// The offsets of a message's objects.
pub(super) struct Offsets {
    few: [u64; FEW],
    many: Vec<u64>,
    /// Bytes that the sender stated. If they are not whole offsets, the message fails before any is used.
    bytes: usize,
}

impl Offsets {
    /// Reads them from the sender.
    pub(super) fn read(from: UserAddress, bytes: usize, machine: &mut dyn Machine) -> Result<Self, Failure> {
        let mut offsets = Self {
            few: [0; FEW],
            many: Vec::new(),
            bytes,
        };
        let words = bytes.div_ceil(size_of::<u64>());
        if words > FEW {
            offsets.many.try_reserve_exact(words).map_err(|_| NO_MEMORY)?;
            offsets.many.resize(words, 0);
        }
        let room = if words > FEW {
            offsets.many.as_mut_slice()
        } else {
            &mut offsets.few
        };
        let room = room.as_mut_bytes().get_mut(..bytes).ok_or(FAULT)?;
        machine.read_user(from, room).map_err(|_| FAULT)?;
        Ok(offsets)
    }

    /// Gives the receiver its copy.
    pub(super) fn write(&self, window: WindowId, to: usize, machine: &mut dyn Machine) {
        let words = if self.many.is_empty() {
            self.few.as_slice()
        } else {
            self.many.as_slice()
        };
        if let Some(bytes) = words.as_bytes().get(..self.bytes) {
            machine.write_window(window, to, bytes);
        }
    }

    /// The whole offsets.
    pub(super) fn as_slice(&self) -> &[u64] {
        if self.many.is_empty() {
            let whole = self.bytes.checked_div(size_of::<u64>()).unwrap_or(0);
            self.few.get(..whole).unwrap_or(&[])
        } else {
            &self.many
        }
    }
}
