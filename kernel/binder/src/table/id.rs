//! Names of objects: a slot's number and its generation, each kind of object with a type of its own.

use core::cmp::Ordering;
use core::num::{NonZeroU32, NonZeroU64};

/// The name of an object in a [table](super::Table).
pub(crate) trait Id: Copy + Ord {
    /// The id of nothing.
    const NONE: Self;

    /// The id of a slot in one of its generations.
    fn new(index: u32, generation: NonZeroU32) -> Self;

    /// The id of the same slot in its next generation, if it has one.
    fn next(self) -> Option<Self>;

    /// The slot's number.
    fn index(self) -> u32;

    /// The id as one number, unique among all ids of this type for ever. It is not 0.
    fn to_bits(self) -> u64;

    /// The same, as what is known not to be 0.
    fn to_number(self) -> NonZeroU64;

    /// The id that is this number.
    fn from_number(number: NonZeroU64) -> Self;

    /// The id that is this number.
    fn from_bits(bits: u64) -> Option<Self>;
}

/// One generation in an id.
const GENERATION: NonZeroU64 = NonZeroU64::new(1 << u32::BITS).expect("it is not 0");

/// Defines id types. The slot's number is in the lower half, where it is had for nothing; the generation in the upper
/// half is never 0, so an `Option` of an id is as small as the id. Ids are ordered by slot.
macro_rules! ids {
    ($($(#[$doc:meta])* $visibility:vis $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility struct $name(NonZeroU64);

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                let by_slot = |id: &Self| id.0.get().rotate_left(u32::BITS);
                by_slot(self).cmp(&by_slot(other))
            }
        }

        impl Id for $name {
            const NONE: Self = Self(NonZeroU64::MAX);

            #[inline(always)]
            fn new(index: u32, generation: NonZeroU32) -> Self {
                Self(NonZeroU64::from(generation).saturating_mul(GENERATION) | u64::from(index))
            }

            #[inline(always)]
            fn next(self) -> Option<Self> {
                // The last generation is the first with the highest bit: a sign is told with less than a limit.
                if self.0.get().cast_signed() < 0 {
                    return None;
                }
                Self::from_bits(self.0.get().wrapping_add(GENERATION.get()))
            }

            #[inline(always)]
            fn index(self) -> u32 {
                (self.0.get() & u64::from(u32::MAX)) as u32
            }

            #[inline(always)]
            fn to_bits(self) -> u64 {
                self.0.get()
            }

            #[inline(always)]
            fn to_number(self) -> NonZeroU64 {
                self.0
            }

            #[inline(always)]
            fn from_number(number: NonZeroU64) -> Self {
                Self(number)
            }

            #[inline(always)]
            fn from_bits(bits: u64) -> Option<Self> {
                NonZeroU64::new(bits).map(Self)
            }
        }
    )*};
}

ids! {
    /// Names one open of a binder device.
    pub ProcId;
    /// Names a thread of a proc.
    pub ThreadId;
    /// Names a node: an object that its owner offers.
    pub(crate) NodeId;
    /// Names a reference that a proc holds to a node.
    pub(crate) RefId;
    /// Names a transaction.
    pub(crate) TransactionId;
    /// Names a buffer in a receiver's region.
    pub(crate) BufferId;
    /// Names an item of work that waits to be read.
    pub(crate) WorkId;
    /// Names a registration for a death notification.
    pub(crate) DeathId;
    /// Names a registration for freeze notifications.
    pub(crate) FreezeId;
    /// Names a freeze that waits.
    pub(crate) FreezeWaitId;
}

impl ThreadId {
    /// No thread: it is never found.
    pub const NOWHERE: Self = <Self as Id>::NONE;

    /// It as a number, which has more than 32 bits.
    #[inline(always)]
    pub const fn to_number(self) -> u64 {
        self.0.get()
    }

    /// The thread of a number with more than 32 bits.
    #[inline(always)]
    pub const fn from_number(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(bits) if number > u32::MAX as u64 => Some(Self(bits)),
            _ => None,
        }
    }
}
