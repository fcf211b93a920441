//! What a program may do with a mapping, and what it tries to.

use crate::arch::paging::Flags;
use bitflags::bitflags;

bitflags! {
    /// The protection of a mapping, in the numbers of `mmap`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Protection: u8 {
        /// Loads.
        const READ = 1;
        /// Stores.
        const WRITE = 2;
        /// Instruction fetches.
        const EXECUTE = 4;
    }
}

/// A kind of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A load.
    Read,
    /// A store.
    Write,
    /// An instruction fetch.
    Execute,
}

impl Protection {
    /// Whether an access is allowed. On this processor whatever may be written or run may be read.
    pub(crate) const fn allows(self, access: Access) -> bool {
        match access {
            Access::Read => !self.is_empty(),
            Access::Write => self.contains(Self::WRITE),
            Access::Execute => self.contains(Self::EXECUTE),
        }
    }

    /// The page table flags of a user page with this protection. A page that allows nothing is not present; its entry
    /// keeps the frame.
    pub(super) fn flags(self) -> Flags {
        let mut flags = Flags::USER;
        flags.set(Flags::PRESENT, !self.is_empty());
        flags.set(Flags::WRITABLE, self.contains(Self::WRITE));
        flags.set(Flags::NO_EXECUTE, !self.contains(Self::EXECUTE));
        flags
    }
}
