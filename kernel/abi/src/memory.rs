//! Mapping memory.

use bitflags::bitflags;

/// `PROT_GROWSDOWN`: refused by `mprotect` here, as no mapping grows.
pub const PROT_GROWSDOWN: u64 = 0x100_0000;
/// `PROT_GROWSUP`: as above.
pub const PROT_GROWSUP: u64 = 0x200_0000;

bitflags! {
    /// The flags of `mmap`. The four lowest bits are the kind of mapping.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MapFlags: u64 {
        /// Writes are seen by all who map it.
        const SHARED = 1;
        /// Writes are seen by nobody else.
        const PRIVATE = 2;
        /// The bits of the kind; both: shared, and unknown flags are refused.
        const KIND = 0xf;
        /// At this very address, replacing what is there.
        const FIXED = 0x10;
        /// Of no file: zeroes.
        const ANONYMOUS = 0x20;
        /// In the lower 2 GiB.
        const LOW_32_BITS = 0x40;
        /// Grows downwards.
        const GROWS_DOWN = 0x100;
        /// Ignored.
        const DENY_WRITE = 0x800;
        /// Ignored.
        const EXECUTABLE = 0x1000;
        /// Locked in memory.
        const LOCKED = 0x2000;
        /// Nothing is set aside for it.
        const NO_RESERVE = 0x4000;
        /// Its pages are made at once.
        const POPULATE = 0x8000;
        /// With `POPULATE`: only what needs no waiting.
        const NONBLOCK = 0x1_0000;
        /// It will be a stack.
        const STACK = 0x2_0000;
        /// Huge pages.
        const HUGE = 0x4_0000;
        /// Persistent memory.
        const SYNC = 0x8_0000;
        /// At this very address, if nothing is there.
        const FIXED_NO_REPLACE = 0x10_0000;
    }
}

/// `mremap` may move the mapping.
pub const MREMAP_MAYMOVE: u64 = 1;

/// `madvise`: no special treatment.
pub const MADV_NORMAL: u32 = 0;
/// `madvise`: will be read here and there.
pub const MADV_RANDOM: u32 = 1;
/// `madvise`: will be read in order.
pub const MADV_SEQUENTIAL: u32 = 2;
/// `madvise`: will be needed soon.
pub const MADV_WILLNEED: u32 = 3;
/// `madvise`: the pages may go; private ones read as zero afterwards.
pub const MADV_DONTNEED: u32 = 4;
/// `madvise`: the pages may go when memory is short.
pub const MADV_FREE: u32 = 8;
/// `madvise`: not inherited over fork.
pub const MADV_DONTFORK: u32 = 10;
/// `madvise`: inherited over fork.
pub const MADV_DOFORK: u32 = 11;
/// `madvise`: huge pages are welcome.
pub const MADV_HUGEPAGE: u32 = 14;
/// `madvise`: no huge pages.
pub const MADV_NOHUGEPAGE: u32 = 15;
/// `madvise`: not in core dumps.
pub const MADV_DONTDUMP: u32 = 16;
/// `madvise`: in core dumps.
pub const MADV_DODUMP: u32 = 17;
/// The range will not be used soon.
pub const MADV_COLD: u32 = 20;
/// The range may be taken out of memory.
pub const MADV_PAGEOUT: u32 = 21;
