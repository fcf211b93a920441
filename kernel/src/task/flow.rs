//! How a system call ends that has no result.

use abi::Errno;
use binder_driver::ThreadId;

/// Why a system call has no result, as one word: so the answer of a call is in two registers.
///
/// The numbers of errors are the smallest, those of binder threads the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow(u64);

/// What a flow says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The call failed.
    Error(Errno),
    /// The thread has to wait, for what the kernel [was told](super::Kernel::wait_for).
    Block,
    /// The thread waits in a read at this place in the binder driver, which carries the call on.
    Read(ThreadId),
    /// The registers are as the thread shall find them, or the thread is no more.
    Stay,
}

impl Flow {
    /// The thread has to wait, for what the kernel [was told](super::Kernel::wait_for).
    pub(crate) const BLOCK: Self = Self(1 << 16);
    /// The registers are as the thread shall find them, or the thread is no more.
    pub(crate) const STAY: Self = Self(1 << 17);

    /// The thread waits in a read at this place in the binder driver, which carries the call on.
    #[inline(always)]
    pub(crate) fn read(thread: ThreadId) -> Self {
        Self(thread.to_number())
    }

    /// What it says.
    #[inline(always)]
    pub(crate) fn cause(self) -> Cause {
        if let Some(thread) = ThreadId::from_number(self.0) {
            return Cause::Read(thread);
        }
        match self {
            Self::BLOCK => Cause::Block,
            Self::STAY => Cause::Stay,
            Self(number) => Errno::from_number(number as u16).map_or(Cause::Stay, Cause::Error),
        }
    }
}

impl<T: Into<Errno>> From<T> for Flow {
    #[inline(always)]
    fn from(errno: T) -> Self {
        Self(errno.into().number().into())
    }
}
