//! Calls that are over at once.
//!
//! They are made before the caller's registers are saved completely, and nothing is looked at when they are over. Each of
//! them stands in the [table](super::table) too, for the times when it is not so quick.

use super::number;
use crate::binder;
use crate::task::Kernel;
use abi::Errno;
use abi::binder::ioctl::BINDER_VERSION;

/// Makes a call, by its number and its first three arguments, if it is a quick one. Nothing if it is not, or is not so
/// quick this time; then it has done nothing.
#[inline(always)]
pub(crate) fn call(
    kernel: &mut Kernel,
    number: u64,
    [descriptor, request, argument]: [u64; 3],
) -> Option<Result<u64, Errno>> {
    match number {
        // On a binder file that the thread used before.
        number::IOCTL if request as u32 == BINDER_VERSION => {
            binder::version(kernel, descriptor as i32, argument)
        }
        number::GETPID => Some(Ok(kernel.thread().process.0.into())),
        number::GETPPID => Some(Ok(kernel.process().parent.map_or(0, |parent| parent.0).into())),
        number::GETTID => Some(Ok(kernel.current.0.into())),
        _ => None,
    }
}
