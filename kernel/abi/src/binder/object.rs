//! Objects that may travel inside a transaction, as they lie in its data.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

const fn kind(a: u8, b: u8, c: u8) -> u32 {
    u32::from_be_bytes([a, b, c, 0x85])
}

/// A node of the sender, strong.
pub const BINDER_TYPE_BINDER: u32 = kind(b's', b'b', b'*');
/// A node of the sender, weak.
pub const BINDER_TYPE_WEAK_BINDER: u32 = kind(b'w', b'b', b'*');
/// A handle, strong.
pub const BINDER_TYPE_HANDLE: u32 = kind(b's', b'h', b'*');
/// A handle, weak.
pub const BINDER_TYPE_WEAK_HANDLE: u32 = kind(b'w', b'h', b'*');
/// A file descriptor.
pub const BINDER_TYPE_FD: u32 = kind(b'f', b'd', b'*');
/// An array of file descriptors inside a scattered buffer.
pub const BINDER_TYPE_FDA: u32 = kind(b'f', b'd', b'a');
/// A scattered buffer.
pub const BINDER_TYPE_PTR: u32 = kind(b'p', b't', b'*');

/// Lowest nice value a call to the node may run at.
pub const FLAT_BINDER_FLAG_PRIORITY_MASK: u32 = 0xff;
/// The node takes file descriptors.
pub const FLAT_BINDER_FLAG_ACCEPTS_FDS: u32 = 0x100;
/// The node wants its callers' security context.
pub const FLAT_BINDER_FLAG_TXN_SECURITY_CTX: u32 = 0x1000;

/// The buffer's address is to be written into its parent.
pub const BINDER_BUFFER_FLAG_HAS_PARENT: u32 = 1;

/// `flat_binder_object`: a node or a handle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FlatBinderObject {
    /// One of the four `BINDER` and `HANDLE` types.
    pub kind: u32,
    /// `FLAT_BINDER_FLAG_…`.
    pub flags: u32,
    /// The owner's `ptr`, or the handle in the low half.
    pub binder: u64,
    /// The owner's cookie.
    pub cookie: u64,
}

/// `binder_fd_object`: a file descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FdObject {
    /// [`BINDER_TYPE_FD`].
    pub kind: u32,
    /// Passed through.
    pub pad_flags: u32,
    /// The descriptor in the low half; the driver clears the upper half.
    pub fd: u64,
    /// Passed through.
    pub cookie: u64,
}

/// `binder_buffer_object`: a scattered buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct BufferObject {
    /// [`BINDER_TYPE_PTR`].
    pub kind: u32,
    /// [`BINDER_BUFFER_FLAG_HAS_PARENT`].
    pub flags: u32,
    /// Address of the bytes, in the sender and then in the receiver.
    pub buffer: u64,
    /// Their number.
    pub length: u64,
    /// Index of the parent in the array of offsets.
    pub parent: u64,
    /// Where in the parent this buffer's address goes.
    pub parent_offset: u64,
}

/// `binder_fd_array_object`: file descriptors inside a scattered buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FdArrayObject {
    /// [`BINDER_TYPE_FDA`].
    pub kind: u32,
    /// Unused.
    pub pad: u32,
    /// How many descriptors.
    pub num_fds: u64,
    /// Index of the parent in the array of offsets.
    pub parent: u64,
    /// Where in the parent the descriptors begin.
    pub parent_offset: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_uapi() {
        assert_eq!(BINDER_TYPE_BINDER, 0x7362_2a85);
        assert_eq!(BINDER_TYPE_WEAK_BINDER, 0x7762_2a85);
        assert_eq!(BINDER_TYPE_HANDLE, 0x7368_2a85);
        assert_eq!(BINDER_TYPE_WEAK_HANDLE, 0x7768_2a85);
        assert_eq!(BINDER_TYPE_FD, 0x6664_2a85);
        assert_eq!(BINDER_TYPE_FDA, 0x6664_6185);
        assert_eq!(BINDER_TYPE_PTR, 0x7074_2a85);
    }

    #[test]
    fn objects_have_the_size_of_the_uapi() {
        assert_eq!(size_of::<FlatBinderObject>(), 24);
        assert_eq!(size_of::<FdObject>(), 24);
        assert_eq!(size_of::<BufferObject>(), 40);
        assert_eq!(size_of::<FdArrayObject>(), 32);
    }
}
