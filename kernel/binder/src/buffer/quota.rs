//! The half of a region that oneway calls may fill.
//!
//! Nobody waits for oneway calls, so a sender could fill a receiver's region with them; half of it is out of their
//! reach. When that half runs low, the sender that has used most of it is told once that it looks like a spammer.

use super::layout::NOBODY;
use crate::hash::Numbers;
use crate::machine::NoMemory;
use core::num::NonZeroU64;

/// A pid that holds more async buffers than this is suspect.
const SUSPECT_COUNT: u32 = 50;

/// Async buffers of one pid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    count: u32,
    bytes: u32,
}

impl Tally {
    fn with(self, size: u32) -> Self {
        Self {
            count: self.count + 1,
            bytes: self.bytes + size,
        }
    }

    fn without(self, size: u32) -> Self {
        Self {
            count: self.count - 1,
            bytes: self.bytes - size,
        }
    }

    /// As one number, unless there are no buffers; none is empty.
    fn packed(self) -> Option<NonZeroU64> {
        NonZeroU64::new(u64::from(self.bytes) << u32::BITS | u64::from(self.count))
    }

    fn unpacked(packed: NonZeroU64) -> Self {
        Self {
            count: packed.get() as u32,
            bytes: (packed.get() >> u32::BITS) as u32,
        }
    }
}

/// Whether the sender of a oneway call looks like a spammer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spam {
    /// It does not, or somebody has been told already.
    Unsuspected,
    /// It does.
    Suspected,
}

/// Whether a new buffer counts when its sender's buffers are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NewBuffer {
    /// It does: its chunk was last allocated by the same pid.
    Counted,
    /// It does not: the driver learns who allocated a chunk only after counting.
    NotYetCounted,
}

/// The account of a region's async buffers.
///
/// - **Q1** What is free and what the allocated async chunks take make half of the region.
/// - **Q2** Each pid's tally is the number and the size of the async chunks it allocated. The tally of the pid that was
///   charged last is at hand; of the others, none is kept for 0.
#[derive(Debug)]
pub(super) struct AsyncQuota {
    region: u32,
    /// What is left at least while nobody is suspected: a tenth of the region.
    spare: u32,
    free: u32,
    /// The pid that was charged last, and its tally.
    current: (u32, Tally),
    others: Numbers,
    /// Somebody has been told since the free space was last at a tenth of the region.
    told: bool,
}

impl AsyncQuota {
    /// For a region of this size.
    pub(super) const fn new(region: u32) -> Self {
        let current = (NOBODY, Tally { count: 0, bytes: 0 });
        Self {
            region,
            spare: region / 10,
            free: region / 2,
            current,
            others: Numbers::new(),
            told: false,
        }
    }

    /// What async buffers may still take.
    #[inline]
    pub(super) fn free(&self) -> u32 {
        self.free
    }

    /// Whether charging so many bytes is allowed and leaves so much that nobody is suspected.
    #[inline]
    pub(super) fn is_roomy_for(&self, bytes: usize) -> bool {
        bytes.saturating_add(self.spare as usize) <= self.free as usize
    }

    /// Whether [`Self::charge_plainly`] does for a buffer what [`Self::charge`] would.
    #[inline]
    pub(super) fn charges_plainly(&self, owner: u32, size: usize) -> bool {
        self.current.0 == owner && self.is_roomy_for(size)
    }

    /// Charges the pid that was charged last with a buffer that nobody is suspected for.
    #[inline]
    pub(super) fn charge_plainly(&mut self, size: u32) {
        self.free -= size;
        self.current.1 = self.current.1.with(size);
        self.told = false;
    }

    /// Gets ready for [`Self::charge`].
    #[inline]
    pub(super) fn prepare(&mut self, owner: u32) -> Result<(), NoMemory> {
        if self.current.0 == owner {
            Ok(())
        } else {
            self.change_current(owner)
        }
    }

    fn change_current(&mut self, owner: u32) -> Result<(), NoMemory> {
        let (previous, tally) = self.current;
        if let Some(tally) = tally.packed() {
            self.others.insert(previous.into(), tally)?;
        }
        let tally = self.others.get(owner.into()).map(Tally::unpacked);
        self.others.remove(owner.into());
        self.current = (owner, tally.unwrap_or_default());
        Ok(())
    }

    /// Charges the pid that this got ready for with a buffer that fits.
    #[inline]
    pub(super) fn charge(&mut self, size: u32, new: NewBuffer) -> Spam {
        self.free -= size;
        let (_, tally) = &mut self.current;
        let before = *tally;
        *tally = tally.with(size);
        let counted = if new == NewBuffer::Counted { *tally } else { before };
        if self.free >= self.region / 10 {
            self.told = false;
            return Spam::Unsuspected;
        }
        if self.told || counted.count <= SUSPECT_COUNT && counted.bytes <= self.region / 4 {
            return Spam::Unsuspected;
        }
        self.told = true;
        Spam::Suspected
    }

    /// Gives back a buffer that was charged.
    #[inline(always)]
    pub(super) fn refund(&mut self, owner: u32, size: u32) {
        self.free += size;
        if self.current.0 == owner {
            self.current.1 = self.current.1.without(size);
        } else {
            self.refund_other(owner, size);
        }
    }

    #[inline(never)]
    fn refund_other(&mut self, owner: u32, size: u32) {
        let Some(place) = self.others.get_mut(owner.into()) else {
            return;
        };
        match Tally::unpacked(*place).without(size).packed() {
            Some(tally) => *place = tally,
            None => _ = self.others.remove(owner.into()),
        }
    }

    /// Asserts the invariants, given the owners and sizes of all allocated async chunks.
    pub(super) fn check(&self, chunks: impl Iterator<Item = (u32, u32)>) {
        let (current, tally) = self.current;
        let mut tallies = alloc::collections::BTreeMap::from([(current, Tally::default())]);
        let mut used = 0;
        for (owner, size) in chunks {
            let tally = tallies.entry(owner).or_default();
            *tally = tally.with(size);
            used += size;
        }
        assert_eq!(self.free + used, self.region / 2, "Q1: the async half");
        assert_eq!(
            tallies.remove(&current),
            Some(tally),
            "Q2: the tally of pid {current}"
        );
        self.others.check();
        assert_eq!(self.others.len(), tallies.len(), "Q2: the pids with tallies");
        for (owner, tally) in tallies {
            assert_eq!(
                self.others.get(owner.into()).map(Tally::unpacked),
                Some(tally),
                "Q2: the tally of pid {owner}"
            );
        }
    }
}
