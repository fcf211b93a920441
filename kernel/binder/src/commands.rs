//! Commands: the `BC_` stream of one write.
//!
//! The stream is not bounded as one would expect: a code is read wherever one begins before the end, and its payload
//! is read whole, even if either reaches past the end. To spare trips to user memory the stream is read ahead, but
//! never past its end, and a read-ahead that fails is as if it had not been tried.

#![deny(clippy::indexing_slicing)]

use crate::machine::{Machine, UserAddress};
use crate::message::size;
use abi::Errno;
use zerocopy::{FromBytes, IntoBytes};

/// How far the stream is read ahead: a freed buffer and a transaction fit.
const AHEAD: usize = 80;

/// The stream of one write.
pub(crate) struct Commands {
    at: UserAddress,
    end: UserAddress,
    ahead: [u8; AHEAD],
    /// Which part of `ahead` is read and not yet used.
    unused: core::ops::Range<usize>,
}

impl Commands {
    /// A stream from one address to another.
    #[inline]
    pub(crate) fn new(at: UserAddress, end: UserAddress) -> Self {
        Self {
            at,
            end,
            ahead: [0; AHEAD],
            unused: 0..0,
        }
    }

    /// Whether another command begins before the end.
    #[inline]
    pub(crate) fn are_left(&self) -> bool {
        self.at < self.end
    }

    /// Where the next command begins.
    #[inline]
    pub(crate) fn position(&self) -> UserAddress {
        self.at
    }

    /// The next command's code.
    ///
    /// # Errors
    ///
    /// EFAULT if it cannot be read.
    #[inline]
    pub(crate) fn code(&mut self, machine: &mut dyn Machine) -> Result<u32, Errno> {
        if self.unused.len() < size_of::<u32>() {
            let length = size(self.end.wrapping_sub(self.at)).min(AHEAD);
            self.unused = 0..0;
            if let Some(ahead) = self.ahead.get_mut(..length)
                && machine.read_user(self.at, ahead).is_ok()
            {
                self.unused.end = length;
            }
        }
        self.payload(machine)
    }

    /// The next bytes as a value.
    ///
    /// # Errors
    ///
    /// EFAULT if they cannot be read.
    #[inline]
    pub(crate) fn payload<T: FromBytes + IntoBytes>(
        &mut self,
        machine: &mut dyn Machine,
    ) -> Result<T, Errno> {
        let mut value = T::new_zeroed();
        self.fill(value.as_mut_bytes(), machine)?;
        Ok(value)
    }

    /// The next bytes, whatever they mean.
    #[inline(never)]
    fn fill(&mut self, into: &mut [u8], machine: &mut dyn Machine) -> Result<(), Errno> {
        let length = into.len();
        let end = self.unused.start.saturating_add(length);
        match self.ahead.get(self.unused.start..end) {
            Some(ahead) if end <= self.unused.end => {
                into.copy_from_slice(ahead);
                self.unused.start = end;
            }
            _ => {
                machine.read_user(self.at, into).map_err(|_| Errno::EFAULT)?;
                self.unused = 0..0;
            }
        }
        self.at = self.at.wrapping_add(length as u64);
        Ok(())
    }
}
