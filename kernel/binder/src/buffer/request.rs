//! What a message needs of a receiver's region.

use super::GRAIN;
use crate::machine::NoMemory;

/// Whose account a buffer is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charge {
    /// The region's: a synchronous call or a reply.
    Sync,
    /// The half of the region that oneway calls may fill at most, too.
    Async,
}

/// The sizes of a message's parts. In the buffer each begins at a multiple of 8, right behind the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Bytes of data.
    pub(crate) data: usize,
    /// Bytes of offsets of objects.
    pub(crate) offsets: usize,
    /// Bytes of everything else: scatter-gather buffers and security context.
    pub(crate) extra: usize,
}

/// Why a message gets no buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpaceError {
    /// Its size cannot be expressed (EINVAL).
    Overflow,
    /// No free chunk is large enough, or the async half is used up (ENOSPC).
    Full,
    /// The bookkeeping itself needs memory and there is none (ENOMEM).
    NoMemory,
}

impl From<NoMemory> for SpaceError {
    fn from(_: NoMemory) -> Self {
        Self::NoMemory
    }
}

impl Request {
    /// The size of a buffer of nothing but data, which is no larger than a region may be.
    #[inline]
    pub(crate) fn size_of_plain(data: usize) -> usize {
        align(data).max(GRAIN)
    }

    /// Where the offsets are in the buffer.
    #[inline]
    pub(crate) fn offsets_at(&self) -> usize {
        align(self.data)
    }

    /// Where the rest is in the buffer.
    #[inline]
    pub(crate) fn extra_at(&self) -> usize {
        align(self.data) + align(self.offsets)
    }

    /// The buffer's size. Empty messages get a few bytes too, so that their addresses differ.
    #[inline]
    pub(super) fn total(&self) -> Result<usize, SpaceError> {
        /// Three sizes below this can be added without a thought.
        const HARMLESS: usize = usize::MAX >> 2;
        if (self.data | self.offsets | self.extra) >= HARMLESS {
            return self.checked_total().ok_or(SpaceError::Overflow);
        }
        Ok((self.extra_at() + align(self.extra)).max(GRAIN))
    }

    #[cold]
    fn checked_total(&self) -> Option<usize> {
        let [data, offsets, extra] =
            [self.data, self.offsets, self.extra].map(|size| size.checked_next_multiple_of(GRAIN));
        data?.checked_add(offsets?)?.checked_add(extra?)
    }
}

#[inline]
fn align(size: usize) -> usize {
    size.wrapping_add(GRAIN - 1) & !(GRAIN - 1)
}
