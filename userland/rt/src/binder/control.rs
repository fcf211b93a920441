//! The ioctls with a plain value as their argument, for both kinds of device.

use crate::Result;
use crate::syscall::{raw, word};
use abi::binder::ioctl::{
    BINDER_ENABLE_ONEWAY_SPAM_DETECTION, BINDER_FREEZE, BINDER_GET_EXTENDED_ERROR, BINDER_GET_FROZEN_INFO,
    BINDER_GET_NODE_DEBUG_INFO, BINDER_GET_NODE_INFO_FOR_REF, BINDER_SET_CONTEXT_MGR,
    BINDER_SET_CONTEXT_MGR_EXT, BINDER_SET_MAX_THREADS, BINDER_THREAD_EXIT, BINDER_VERSION, ExtendedError,
    FreezeInfo, FrozenStatusInfo, NodeDebugInfo, NodeInfoForRef, WriteRead,
};
use abi::binder::object::FlatBinderObject;
use abi::syscall;

/// Values that an ioctl reads and writes: plain data without pointers.
pub(super) trait Argument {}
impl Argument for u32 {}
impl Argument for i32 {}
impl Argument for FlatBinderObject {}
impl Argument for NodeDebugInfo {}
impl Argument for NodeInfoForRef {}
impl Argument for FreezeInfo {}
impl Argument for FrozenStatusInfo {}
impl Argument for ExtendedError {}

/// Makes an ioctl whose argument is `value`. The request must be one that takes that type.
fn control<T: Argument>(fd: i32, request: u32, value: &mut T) -> Result<()> {
    // SAFETY: the callers below pair each request with the type it takes, so the kernel stays within the value; and
    // all bit patterns of these types are valid.
    unsafe {
        raw::call3(
            syscall::IOCTL,
            word(fd),
            u64::from(request),
            &raw mut *value as u64,
        )
    }
    .map(drop)
}

/// Sends and reads. What the kernel writes through the addresses in `exchange` is the caller's promise.
///
/// # Safety
///
/// The range that `exchange` names for reading belongs to the caller, and no command in it takes away memory that
/// somebody uses.
#[inline]
pub(super) unsafe fn write_read(fd: i32, exchange: &mut WriteRead) -> Result<()> {
    let request = u64::from(abi::binder::ioctl::BINDER_WRITE_READ);
    // SAFETY: the struct is the one that the request takes; the rest is the caller's promise.
    unsafe { raw::call3(syscall::IOCTL, word(fd), request, &raw mut *exchange as u64) }.map(drop)
}

macro_rules! controls {
    ($type:ty) => {
        impl $type {
            /// The version of the protocol that the driver speaks.
            ///
            /// # Errors
            ///
            /// Those of ioctl(2).
            pub fn version(&self) -> Result<i32> {
                let mut version = 0_i32;
                control(self.fd(), BINDER_VERSION, &mut version).map(|()| version)
            }

            /// Says how many threads the driver may ask for.
            ///
            /// # Errors
            ///
            /// Those of ioctl(2).
            pub fn set_max_threads(&self, threads: u32) -> Result<()> {
                control(self.fd(), BINDER_SET_MAX_THREADS, &mut { threads })
            }

            /// Makes this process the context manager, with a node of ptr and cookie 0.
            ///
            /// # Errors
            ///
            /// EBUSY when there is one, EPERM when there was one of another user.
            pub fn set_context_manager(&self) -> Result<()> {
                control(self.fd(), BINDER_SET_CONTEXT_MGR, &mut 0_u32)
            }

            /// Makes this process the context manager, with the node that `object` describes.
            ///
            /// # Errors
            ///
            /// As [`Self::set_context_manager`].
            pub fn set_context_manager_as(&self, object: &FlatBinderObject) -> Result<()> {
                control(self.fd(), BINDER_SET_CONTEXT_MGR_EXT, &mut { *object })
            }

            /// Tells the driver that the calling thread will not come back.
            ///
            /// # Errors
            ///
            /// Those of ioctl(2).
            pub fn thread_exit(&self) -> Result<()> {
                control(self.fd(), BINDER_THREAD_EXIT, &mut 0_u32)
            }

            /// This process's first node behind the one whose ptr is given.
            ///
            /// # Errors
            ///
            /// Those of ioctl(2).
            pub fn node_after(&self, ptr: u64) -> Result<NodeDebugInfo> {
                let mut info = NodeDebugInfo {
                    ptr,
                    ..NodeDebugInfo::default()
                };
                control(self.fd(), BINDER_GET_NODE_DEBUG_INFO, &mut info).map(|()| info)
            }

            /// For the context manager: how much the node behind a handle is held.
            ///
            /// # Errors
            ///
            /// EPERM for anybody else, EINVAL for a handle that is none.
            pub fn node_info(&self, mut info: NodeInfoForRef) -> Result<NodeInfoForRef> {
                control(self.fd(), BINDER_GET_NODE_INFO_FOR_REF, &mut info).map(|()| info)
            }

            /// Freezes or thaws a process.
            ///
            /// # Errors
            ///
            /// EINVAL for an unknown process, EAGAIN when it has open transactions.
            pub fn freeze(&self, info: FreezeInfo) -> Result<()> {
                control(self.fd(), BINDER_FREEZE, &mut { info })
            }

            /// What came in for a process while it was frozen.
            ///
            /// # Errors
            ///
            /// EINVAL for an unknown process.
            pub fn frozen_info(&self, pid: u32) -> Result<FrozenStatusInfo> {
                let mut info = FrozenStatusInfo {
                    pid,
                    ..FrozenStatusInfo::default()
                };
                control(self.fd(), BINDER_GET_FROZEN_INFO, &mut info).map(|()| info)
            }

            /// Asks to be told when this process's own one-way calls flood a receiver; 0 withdraws the wish.
            ///
            /// # Errors
            ///
            /// Those of ioctl(2).
            pub fn set_spam_detection(&self, enable: u32) -> Result<()> {
                control(self.fd(), BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &mut {
                    enable
                })
            }

            /// Details of the calling thread's last failure; resets them.
            ///
            /// # Errors
            ///
            /// Those of ioctl(2).
            pub fn extended_error(&self) -> Result<ExtendedError> {
                let mut error = ExtendedError::default();
                control(self.fd(), BINDER_GET_EXTENDED_ERROR, &mut error).map(|()| error)
            }
        }
    };
}

controls!(super::Device);
controls!(super::RawDevice);
