//! What is known of a file, and how `stat` and `statx` tell it.

use abi::status::{ExtendedStatus, STATX_BASIC_STATS, Status, device_parts};
use abi::time::TimeSpec;

/// The size of a page, which is also a good size for transfers.
const BLOCK: u64 = 4096;
/// The unit in which `stat` counts the room that a file takes.
const SECTOR: u64 = 512;

/// What is known of a file. Everything belongs to user and group 0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// The device that it is on.
    pub(crate) device: u64,
    /// Its number there.
    pub(crate) inode: u64,
    /// Kind and permissions.
    pub(crate) mode: u32,
    /// How many names it has.
    pub(crate) links: u32,
    /// For a device file: which device it is.
    pub(crate) represents: u64,
    /// Bytes in it.
    pub(crate) size: u64,
    /// When it last changed, in nanoseconds since 1970.
    pub(crate) modified: u64,
}

impl Facts {
    /// As `struct stat`.
    pub(crate) fn to_status(self) -> Status {
        let time = TimeSpec::from_nanoseconds(self.modified);
        Status {
            device: self.device,
            inode: self.inode,
            links: u64::from(self.links),
            mode: self.mode,
            represents: self.represents,
            size: self.size as i64,
            block_size: BLOCK as i64,
            blocks: self.blocks() as i64,
            accessed: time,
            modified: time,
            changed: time,
            ..Status::default()
        }
    }

    /// As `struct statx`.
    pub(crate) fn to_extended(self) -> ExtendedStatus {
        let time = TimeSpec::from_nanoseconds(self.modified).into();
        let (represents_major, represents_minor) = device_parts(self.represents);
        let (device_major, device_minor) = device_parts(self.device);
        ExtendedStatus {
            mask: STATX_BASIC_STATS,
            block_size: BLOCK as u32,
            links: self.links,
            mode: self.mode as u16,
            inode: self.inode,
            size: self.size,
            blocks: self.blocks(),
            accessed: time,
            changed: time,
            modified: time,
            represents_major,
            represents_minor,
            device_major,
            device_minor,
            ..ExtendedStatus::default()
        }
    }

    fn blocks(self) -> u64 {
        self.size.div_ceil(BLOCK) * (BLOCK / SECTOR)
    }
}
