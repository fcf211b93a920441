//! What can go wrong with memory.

use abi::Errno;

/// There is no free frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoMemory;

impl From<NoMemory> for Errno {
    fn from(_: NoMemory) -> Self {
        Self::ENOMEM
    }
}

impl From<NoMemory> for binder_driver::NoMemory {
    fn from(_: NoMemory) -> Self {
        Self
    }
}

/// The program's memory does not allow the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UserFault;

impl From<UserFault> for Errno {
    fn from(_: UserFault) -> Self {
        Self::EFAULT
    }
}

impl From<UserFault> for binder_driver::Fault {
    fn from(_: UserFault) -> Self {
        Self
    }
}

/// Why an access is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Nothing is mapped there.
    NotMapped,
    /// The mapping forbids this kind of access.
    Protected,
    /// The mapping has nothing behind it there.
    NoObject,
    /// There is no memory to put there.
    NoMemory,
}

impl From<NoMemory> for Denied {
    fn from(_: NoMemory) -> Self {
        Self::NoMemory
    }
}
