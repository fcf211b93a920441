//! The ioctl requests of `/dev/binder` and the structs they carry.

use super::{READ, WRITE, code};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const fn read_write(number: u8, size: usize) -> u32 {
    code(READ | WRITE, b'b', number, size)
}

const fn write(number: u8, size: usize) -> u32 {
    code(WRITE, b'b', number, size)
}

/// Sends commands, then reads returns. Takes [`WriteRead`].
pub const BINDER_WRITE_READ: u32 = read_write(1, 48);
/// Never implemented: EINVAL.
pub const BINDER_SET_IDLE_TIMEOUT: u32 = write(3, 8);
/// Sets how many loopers the driver may ask for. Takes a `u32`.
pub const BINDER_SET_MAX_THREADS: u32 = write(5, 4);
/// Never implemented: EINVAL.
pub const BINDER_SET_IDLE_PRIORITY: u32 = write(6, 4);
/// Makes the caller the context manager. The argument is ignored.
pub const BINDER_SET_CONTEXT_MGR: u32 = write(7, 4);
/// Tells the driver that the calling thread will not come back.
pub const BINDER_THREAD_EXIT: u32 = write(8, 4);
/// Returns the protocol version as an `i32`.
pub const BINDER_VERSION: u32 = read_write(9, 4);
/// Walks the caller's own nodes. Takes [`NodeDebugInfo`].
pub const BINDER_GET_NODE_DEBUG_INFO: u32 = read_write(11, 24);
/// For the context manager: how strongly a node is held. Takes [`NodeInfoForRef`].
pub const BINDER_GET_NODE_INFO_FOR_REF: u32 = read_write(12, 24);
/// As [`BINDER_SET_CONTEXT_MGR`], with the node described by a flat object.
pub const BINDER_SET_CONTEXT_MGR_EXT: u32 = write(13, 24);
/// Freezes or thaws a process. Takes [`FreezeInfo`].
pub const BINDER_FREEZE: u32 = write(14, 12);
/// What arrived at a process while it was frozen. Takes [`FrozenStatusInfo`].
pub const BINDER_GET_FROZEN_INFO: u32 = read_write(15, 12);
/// Asks to be told when its own one-way calls flood a receiver. Takes a `u32`.
pub const BINDER_ENABLE_ONEWAY_SPAM_DETECTION: u32 = write(16, 4);
/// Details of the calling thread's last failure. Takes [`ExtendedError`].
pub const BINDER_GET_EXTENDED_ERROR: u32 = read_write(17, 12);

/// The argument of [`BINDER_WRITE_READ`]. The `consumed` fields are where to begin on entry and where it ended on exit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct WriteRead {
    /// Bytes of commands.
    pub write_size: u64,
    /// Bytes of commands already handled.
    pub write_consumed: u64,
    /// Address of the commands.
    pub write_buffer: u64,
    /// Room for returns, in bytes.
    pub read_size: u64,
    /// Bytes of returns already there.
    pub read_consumed: u64,
    /// Address of the room for returns.
    pub read_buffer: u64,
}

/// The argument of [`BINDER_GET_NODE_DEBUG_INFO`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct NodeDebugInfo {
    /// In: the last `ptr` seen. Out: the next one, or 0 when there is none.
    pub ptr: u64,
    /// The node's cookie.
    pub cookie: u64,
    /// Whether the owner was told of a strong reference.
    pub has_strong_ref: u32,
    /// Whether the owner was told of a weak reference.
    pub has_weak_ref: u32,
}

/// The argument of [`BINDER_GET_NODE_INFO_FOR_REF`]. All but the handle must be zero on entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct NodeInfoForRef {
    /// The context manager's handle.
    pub handle: u32,
    /// Strong holders plus transactions whose buffer is not yet freed.
    pub strong_count: u32,
    /// Local weak count.
    pub weak_count: u32,
    /// Must be zero.
    pub reserved1: u32,
    /// Must be zero.
    pub reserved2: u32,
    /// Must be zero.
    pub reserved3: u32,
}

/// The argument of [`BINDER_FREEZE`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FreezeInfo {
    /// The process.
    pub pid: u32,
    /// Non-zero freezes, zero thaws.
    pub enable: u32,
    /// How long to wait for open transactions, in milliseconds.
    pub timeout_ms: u32,
}

/// The argument of [`BINDER_GET_FROZEN_INFO`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FrozenStatusInfo {
    /// The process.
    pub pid: u32,
    /// Bit 0: a synchronous call came while frozen. Bit 1: transactions are pending now.
    pub sync_recv: u32,
    /// Whether a one-way call came while frozen.
    pub async_recv: u32,
}

/// The argument of [`BINDER_GET_EXTENDED_ERROR`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ExtendedError {
    /// The transaction's debug id, 0 for none.
    pub id: u32,
    /// The `BR_` code that the caller saw, `BR_OK` for success.
    pub command: u32,
    /// A negated errno.
    pub param: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_uapi() {
        assert_eq!(BINDER_WRITE_READ, 0xc030_6201);
        assert_eq!(BINDER_SET_CONTEXT_MGR, 0x4004_6207);
        assert_eq!(BINDER_VERSION, 0xc004_6209);
        assert_eq!(BINDER_GET_NODE_DEBUG_INFO, 0xc018_620b);
        assert_eq!(BINDER_SET_CONTEXT_MGR_EXT, 0x4018_620d);
        assert_eq!(BINDER_FREEZE, 0x400c_620e);
        assert_eq!(BINDER_GET_FROZEN_INFO, 0xc00c_620f);
        assert_eq!(BINDER_ENABLE_ONEWAY_SPAM_DETECTION, 0x4004_6210);
        assert_eq!(BINDER_GET_EXTENDED_ERROR, 0xc00c_6211);
    }

    #[test]
    fn structs_have_the_size_that_their_code_announces() {
        assert_eq!(
            size_of::<WriteRead>(),
            super::super::payload_size(BINDER_WRITE_READ)
        );
        assert_eq!(
            size_of::<NodeDebugInfo>(),
            super::super::payload_size(BINDER_GET_NODE_DEBUG_INFO)
        );
        assert_eq!(
            size_of::<NodeInfoForRef>(),
            super::super::payload_size(BINDER_GET_NODE_INFO_FOR_REF)
        );
        assert_eq!(size_of::<FreezeInfo>(), super::super::payload_size(BINDER_FREEZE));
        assert_eq!(
            size_of::<FrozenStatusInfo>(),
            super::super::payload_size(BINDER_GET_FROZEN_INFO)
        );
        assert_eq!(
            size_of::<ExtendedError>(),
            super::super::payload_size(BINDER_GET_EXTENDED_ERROR)
        );
    }
}
