//! The futex call.

use super::time::{from_realtime, read_time};
use crate::arch::time;
use crate::task::futex::Sharing;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::thread::{
    FUTEX_CLOCK_REALTIME, FUTEX_PRIVATE_FLAG, FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAKE_BITSET,
};

/// `futex`: wait and wake, with and without a mask. Priority inheritance is not there.
pub(crate) fn futex(
    kernel: &mut Kernel,
    [address, operation, value, timeout, _, bits]: [u64; 6],
) -> Result<Flow, Errno> {
    let operation = operation as u32;
    let sharing = if operation & FUTEX_PRIVATE_FLAG != 0 {
        Sharing::Private
    } else {
        Sharing::Possible
    };
    let command = operation & !(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    let realtime = operation & FUTEX_CLOCK_REALTIME != 0;
    let bits = match command {
        FUTEX_WAIT | FUTEX_WAKE => u32::MAX,
        _ => bits as u32,
    };
    if realtime && !matches!(command, FUTEX_WAIT | FUTEX_WAIT_BITSET) {
        return Err(Errno::ENOSYS);
    }
    match command {
        FUTEX_WAIT | FUTEX_WAIT_BITSET => {
            let deadline = if timeout == 0 {
                None
            } else {
                let limit = read_time(timeout)?;
                Some(match (command, realtime) {
                    (FUTEX_WAIT, _) => time::now().saturating_add(limit),
                    (_, true) => from_realtime(limit),
                    (_, false) => limit,
                })
            };
            kernel.futex_wait(address, sharing, value as u32, bits, deadline)
        }
        FUTEX_WAKE | FUTEX_WAKE_BITSET => {
            if bits == 0 {
                return Err(Errno::EINVAL);
            }
            let key = kernel.futex_key(address, sharing)?;
            let limit = (value as u32 as i32).max(1).unsigned_abs() as usize;
            Ok(kernel.futex_wake(key, limit, bits).into())
        }
        _ => Err(Errno::ENOSYS),
    }
}
