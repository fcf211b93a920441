//! Calls that are over at once, in a table of their own.
//!
//! They are made before the caller's registers are saved completely, and nothing is looked at when they are over. Each of
//! them stands in the [other table](super::table) too, for the times when it is not so quick.

use super::number;
use crate::binder;
use crate::task::{Kernel, QuickCall};
use abi::Errno;
use abi::binder::ioctl::BINDER_VERSION;

/// One more than the largest number in the table.
const SIZE: usize = number::GETTID as usize + 1;

/// The quick calls by their numbers.
pub(super) static TABLE: [Option<QuickCall>; SIZE] = {
    let mut table: [Option<QuickCall>; SIZE] = [None; SIZE];
    table[number::IOCTL as usize] = Some(ioctl);
    table[number::GETPID as usize] = Some(getpid);
    table[number::GETPPID as usize] = Some(getppid);
    table[number::GETTID as usize] = Some(gettid);
    table
};

/// `BINDER_VERSION` on a binder file that the thread used before.
fn ioctl(kernel: &mut Kernel, [descriptor, request, argument]: [u64; 3]) -> Option<Result<u64, Errno>> {
    if request as u32 == BINDER_VERSION {
        binder::version(kernel, descriptor as i32, argument)
    } else {
        None
    }
}

fn getpid(kernel: &mut Kernel, _: [u64; 3]) -> Option<Result<u64, Errno>> {
    Some(Ok(kernel.thread().process.0.into()))
}

fn getppid(kernel: &mut Kernel, _: [u64; 3]) -> Option<Result<u64, Errno>> {
    Some(Ok(kernel.process().parent.map_or(0, |parent| parent.0).into()))
}

fn gettid(kernel: &mut Kernel, _: [u64; 3]) -> Option<Result<u64, Errno>> {
    Some(Ok(kernel.current.0.into()))
}
