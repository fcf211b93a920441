//! Page table entries, and the registers that make tables take effect.

use bitflags::bitflags;
use core::arch::asm;

bitflags! {
    /// What a page table entry says besides its frame.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Flags: u64 {
        /// The entry means something to the processor.
        const PRESENT = 1;
        /// Writes are allowed.
        const WRITABLE = 1 << 1;
        /// Ring 3 may use it.
        const USER = 1 << 2;
        /// Not cached: device memory.
        const UNCACHED = 1 << 3 | 1 << 4;
        /// The entry is a large page, not a table.
        const LARGE = 1 << 7;
        /// The same in all address spaces.
        const GLOBAL = 1 << 8;
        /// The frame is counted as this mapping's; free for software.
        const OWNED = 1 << 9;
        /// No instruction is fetched from it.
        const NO_EXECUTE = 1 << 63;
    }
}

/// The bits of an entry that hold its frame's address.
const FRAME: u64 = 0x000f_ffff_ffff_f000;

/// One entry of a page table of any level.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry(u64);

impl Entry {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self(0);

    /// Whether none of these holds anything.
    #[inline]
    pub(crate) fn are_empty(entries: &[Self; 8]) -> bool {
        // Written out, because the compiler's loop would cost three times as much.
        let [a, b, c, d, e, f, g, h] = entries;
        a.0 | b.0 | c.0 | d.0 | e.0 | f.0 | g.0 | h.0 == 0
    }

    /// An entry for a frame or table at a physical address.
    pub(crate) const fn new(frame: u64, flags: Flags) -> Self {
        Self(frame & FRAME | flags.bits())
    }

    /// The physical address.
    pub(crate) const fn frame(self) -> u64 {
        self.0 & FRAME
    }

    /// What it says besides.
    pub(crate) const fn flags(self) -> Flags {
        Flags::from_bits_truncate(self.0)
    }

    /// Whether the processor follows it.
    pub(crate) const fn is_present(self) -> bool {
        self.0 & Flags::PRESENT.bits() != 0
    }

    /// Whether it is a large page.
    pub(crate) const fn is_large(self) -> bool {
        self.0 & Flags::LARGE.bits() != 0
    }
}

/// A page table of any level.
#[repr(C, align(4096))]
pub(crate) struct Table(pub(crate) [Entry; 512]);

/// The index into a table of a level, 1 being that of 4 KiB pages, for an address.
pub(crate) const fn index(address: u64, level: u32) -> usize {
    (address >> (12 + 9 * (level - 1)) & 511) as usize
}

/// The size of what one entry of a level covers.
pub(crate) const fn span(level: u32) -> u64 {
    1 << (12 + 9 * (level - 1))
}

/// Makes a top-level table take effect.
///
/// # Safety
///
/// It must map the running code, its stack and all kernel data as before.
#[inline]
pub(crate) unsafe fn load_root(root: u64) {
    // SAFETY: by this function's contract.
    unsafe { asm!("mov cr3, {}", in(reg) root, options(nostack, preserves_flags)) };
}

/// The physical address of the top-level table in use.
pub(crate) fn current_root() -> u64 {
    let root: u64;
    // SAFETY: reading the register has no effect.
    unsafe { asm!("mov {}, cr3", out(reg) root, options(nomem, nostack, preserves_flags)) };
    root & FRAME
}

/// Forgets what the processor remembers of one page of the address space in use.
#[inline]
pub(crate) fn flush_page(address: u64) {
    // SAFETY: the processor reads the tables again, no more.
    unsafe { asm!("invlpg [{}]", in(reg) address, options(nostack, preserves_flags)) };
}
