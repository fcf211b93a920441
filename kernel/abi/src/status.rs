//! What `stat` and its relatives tell about a file.

use crate::time::TimeSpec;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The bits of a mode that say what kind of file it is.
pub const S_IFMT: u32 = 0o170_000;
/// A pipe.
pub const S_IFIFO: u32 = 0o010_000;
/// A socket.
pub const S_IFSOCK: u32 = 0o140_000;
/// A character device.
pub const S_IFCHR: u32 = 0o020_000;
/// A directory.
pub const S_IFDIR: u32 = 0o040_000;
/// A regular file.
pub const S_IFREG: u32 = 0o100_000;
/// A symbolic link.
pub const S_IFLNK: u32 = 0o120_000;

/// `struct stat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Status {
    /// The device that the file is on.
    pub device: u64,
    /// The file's number there.
    pub inode: u64,
    /// How many names it has.
    pub links: u64,
    /// Kind and permissions.
    pub mode: u32,
    /// Its user.
    pub user: u32,
    /// Its group.
    pub group: u32,
    /// Unused.
    pub unused_word: u32,
    /// For a device file: which device it is.
    pub represents: u64,
    /// Bytes in it.
    pub size: i64,
    /// A good size for transfers.
    pub block_size: i64,
    /// How many units of 512 bytes it takes.
    pub blocks: i64,
    /// When it was last read.
    pub accessed: TimeSpec,
    /// When its content last changed.
    pub modified: TimeSpec,
    /// When anything about it last changed.
    pub changed: TimeSpec,
    /// Unused.
    pub unused: [i64; 3],
}

/// What [`ExtendedStatus`] has: all that `struct stat` tells.
pub const STATX_BASIC_STATS: u32 = 0x7ff;
/// Reserved in the mask of `statx`.
pub const STATX_RESERVED: u32 = 0x8000_0000;

/// `struct statx_timestamp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ExtendedTime {
    /// Seconds.
    pub seconds: i64,
    /// And nanoseconds.
    pub nanoseconds: u32,
    /// Unused.
    pub unused: i32,
}

impl From<TimeSpec> for ExtendedTime {
    fn from(time: TimeSpec) -> Self {
        Self {
            seconds: time.seconds,
            nanoseconds: u32::try_from(time.nanoseconds).unwrap_or(0),
            unused: 0,
        }
    }
}

/// `struct statx`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ExtendedStatus {
    /// What of this is filled in.
    pub mask: u32,
    /// A good size for transfers.
    pub block_size: u32,
    /// Special attributes.
    pub attributes: u64,
    /// How many names it has.
    pub links: u32,
    /// Its user.
    pub user: u32,
    /// Its group.
    pub group: u32,
    /// Kind and permissions.
    pub mode: u16,
    /// Unused.
    pub unused_half: u16,
    /// The file's number.
    pub inode: u64,
    /// Bytes in it.
    pub size: u64,
    /// How many units of 512 bytes it takes.
    pub blocks: u64,
    /// Which attributes are known here.
    pub attributes_mask: u64,
    /// When it was last read.
    pub accessed: ExtendedTime,
    /// When it was made.
    pub born: ExtendedTime,
    /// When anything about it last changed.
    pub changed: ExtendedTime,
    /// When its content last changed.
    pub modified: ExtendedTime,
    /// For a device file: which device it is.
    pub represents_major: u32,
    /// And its minor number.
    pub represents_minor: u32,
    /// The device that the file is on.
    pub device_major: u32,
    /// And its minor number.
    pub device_minor: u32,
    /// The mount that it is on.
    pub mount: u64,
    /// Memory alignment for direct transfers.
    pub direct_memory_alignment: u32,
    /// Offset alignment for direct transfers.
    pub direct_offset_alignment: u32,
    /// Unused.
    pub unused: [u64; 12],
}

/// A device number of `struct stat`, from its two parts. Both are small here.
pub const fn device(major: u32, minor: u32) -> u64 {
    ((major as u64) << 8) | minor as u64
}

/// Splits a device number into major and minor.
pub const fn device_parts(device: u64) -> (u32, u32) {
    ((device >> 8) as u32 & 0xfff, device as u32 & 0xff)
}

/// The part of `struct linux_dirent64` before the name: inode (8 bytes), offset of the next entry (8), length of this
/// one (2), kind (1).
pub const DIRECTORY_ENTRY_HEAD: usize = 19;

#[cfg(test)]
mod tests {
    use super::{ExtendedStatus, Status};

    #[test]
    fn the_layouts_are_as_long_as_on_linux() {
        assert_eq!(size_of::<Status>(), 144);
        assert_eq!(size_of::<ExtendedStatus>(), 256);
    }
}
