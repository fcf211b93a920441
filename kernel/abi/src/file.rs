//! Opening files, and what descriptors are told.

use bitflags::bitflags;

bitflags! {
    /// The flags of `open`. The two lowest bits are the access mode.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OpenFlags: u32 {
        /// Writes only.
        const WRITE_ONLY = 1;
        /// Reads and writes.
        const READ_WRITE = 2;
        /// Both bits of the access mode.
        const ACCESS_MODE = 3;
        /// Makes the file if it does not exist.
        const CREATE = 0o100;
        /// Fails if it exists. Only with `CREATE`.
        const EXCLUSIVE = 0o200;
        /// Does not become the controlling terminal.
        const NO_CONTROLLING_TERMINAL = 0o400;
        /// Empties the file.
        const TRUNCATE = 0o1000;
        /// Writes at the end.
        const APPEND = 0o2000;
        /// Calls answer EAGAIN rather than wait.
        const NONBLOCK = 0o4000;
        /// Each write is on the medium when it returns.
        const DATA_SYNC = 0o10000;
        /// A signal tells of readiness.
        const ASYNC = 0o20000;
        /// Past all caches; for a pipe: packets.
        const DIRECT = 0o40000;
        /// Large offsets are fine; always set on 64 bits.
        const LARGE_FILE = 0o100000;
        /// Fails unless it is a directory.
        const DIRECTORY = 0o200000;
        /// Fails if the last part is a symbolic link.
        const NO_FOLLOW = 0o400000;
        /// Does not touch the access time.
        const NO_ACCESS_TIME = 0o1000000;
        /// Closed by `execve`.
        const CLOSE_ON_EXEC = 0o2000000;
        /// The part of `O_SYNC` beyond `O_DSYNC`.
        const SYNC = 0o4000000;
        /// Names the file without opening it.
        const PATH = 0o10000000;
        /// The part of `O_TMPFILE` beyond `O_DIRECTORY`.
        const TEMPORARY = 0o20000000;
    }
}

/// The working directory, where a directory's descriptor is expected.
pub const AT_FDCWD: i32 = -100;
/// Looks at a symbolic link itself.
pub const AT_SYMLINK_NOFOLLOW: u32 = 0x100;
/// `linkat`: follow a symbolic link at the end of the old path.
pub const AT_SYMLINK_FOLLOW: u32 = 0x400;
/// `renameat2`: do not replace what has the new name.
pub const RENAME_NOREPLACE: u32 = 1;
/// `unlinkat` removes a directory.
pub const AT_REMOVEDIR: u32 = 0x200;
/// `faccessat2` checks the effective user.
pub const AT_EACCESS: u32 = 0x200;
/// No effect here.
pub const AT_NO_AUTOMOUNT: u32 = 0x800;
/// An empty path means the descriptor itself.
pub const AT_EMPTY_PATH: u32 = 0x1000;
/// How fresh `statx` must be; no effect here.
pub const AT_STATX_SYNC_TYPE: u32 = 0x6000;

/// `access`: the file can be executed.
pub const X_OK: u32 = 1;
/// `access`: it can be written.
pub const W_OK: u32 = 2;
/// `access`: it can be read.
pub const R_OK: u32 = 4;

/// `fcntl`: the lowest free descriptor from the argument on becomes a duplicate.
pub const F_DUPFD: u32 = 0;
/// `fcntl`: the descriptor's own flags.
pub const F_GETFD: u32 = 1;
/// `fcntl`: sets the descriptor's own flags.
pub const F_SETFD: u32 = 2;
/// `fcntl`: the open file's flags.
pub const F_GETFL: u32 = 3;
/// `fcntl`: sets the open file's flags.
pub const F_SETFL: u32 = 4;
/// `fcntl`: as [`F_DUPFD`], closed by `execve`.
pub const F_DUPFD_CLOEXEC: u32 = 1030;
/// `fcntl`: sets a pipe's capacity.
pub const F_SETPIPE_SZ: u32 = 1031;
/// `fcntl`: a pipe's capacity.
pub const F_GETPIPE_SZ: u32 = 1032;
/// `fcntl`: forbids more on a memory file.
pub const F_ADD_SEALS: u32 = 1033;
/// `fcntl`: what is forbidden on a memory file.
pub const F_GET_SEALS: u32 = 1034;
/// The one flag of a descriptor.
pub const FD_CLOEXEC: u64 = 1;

/// `lseek`: from the start.
pub const SEEK_SET: u32 = 0;
/// `lseek`: from where it is.
pub const SEEK_CUR: u32 = 1;
/// `lseek`: from the end.
pub const SEEK_END: u32 = 2;
/// `lseek`: the next data at or after the offset.
pub const SEEK_DATA: u32 = 3;
/// `lseek`: the next hole at or after the offset.
pub const SEEK_HOLE: u32 = 4;

/// The longest path, its NUL counted.
pub const PATH_MAX: usize = 4096;
/// The longest part of a path.
pub const NAME_MAX: usize = 255;
/// The most pieces of memory in one `readv` or `writev`.
pub const IOV_MAX: u64 = 1024;
/// The most bytes one call transfers.
pub const TRANSFER_MAX: u64 = 0x7fff_f000;
/// Writes of up to so many bytes into a pipe stay in one piece.
pub const PIPE_BUF: usize = 4096;

bitflags! {
    /// The flags of `memfd_create`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct MemoryFileFlags: u32 {
        /// Closed by `execve`.
        const CLOSE_ON_EXEC = 1;
        /// Seals may be added.
        const ALLOW_SEALING = 2;
        /// Not executable, and sealed so.
        const NO_EXECUTE_SEAL = 8;
        /// Executable.
        const EXECUTE = 16;
    }
}

bitflags! {
    /// What is forbidden on a memory file, for ever.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Seals: u32 {
        /// More seals.
        const SEAL = 1;
        /// Becoming shorter.
        const SHRINK = 2;
        /// Becoming longer.
        const GROW = 4;
        /// Changing the content.
        const WRITE = 8;
        /// Changing the content but through mappings that exist.
        const FUTURE_WRITE = 16;
        /// Changing the execute permission.
        const EXECUTE = 32;
    }
}
