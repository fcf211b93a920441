//! The futex call, and the list of mutexes that are given up for a thread that ends.

use super::time::{from_realtime, read_time};
use crate::arch::time;
use crate::mm::user;
use crate::task::futex::Sharing;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::thread::{
    FUTEX_CLOCK_REALTIME, FUTEX_CMP_REQUEUE, FUTEX_PRIVATE_FLAG, FUTEX_REQUEUE, FUTEX_WAIT,
    FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAKE_BITSET, FUTEX_WAKE_OP, RobustListHead,
};

/// `futex`: wait, wake and requeue. Priority inheritance is not there.
pub(crate) fn futex(
    kernel: &mut Kernel,
    [address, operation, value, timeout, second, bits]: [u64; 6],
) -> Result<u64, Flow> {
    let operation = operation as u32;
    let sharing = if operation & FUTEX_PRIVATE_FLAG != 0 {
        Sharing::Private
    } else {
        Sharing::Possible
    };
    let command = operation & !(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
    let realtime = operation & FUTEX_CLOCK_REALTIME != 0;
    if realtime && !matches!(command, FUTEX_WAIT | FUTEX_WAIT_BITSET) {
        return Err(Errno::ENOSYS.into());
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
            let bits = if command == FUTEX_WAIT {
                u32::MAX
            } else {
                bits as u32
            };
            kernel.futex_wait(address, sharing, value as u32, bits, deadline)
        }
        FUTEX_WAKE | FUTEX_WAKE_BITSET => {
            let bits = if command == FUTEX_WAKE {
                u32::MAX
            } else {
                bits as u32
            };
            if bits == 0 {
                return Err(Errno::EINVAL.into());
            }
            let key = kernel.futex_key(address, sharing)?;
            Ok(kernel.futex_wake(key, at_least_one(value), bits) as u64)
        }
        FUTEX_REQUEUE | FUTEX_CMP_REQUEUE => {
            let count = |number: u64| usize::try_from(number as i32).map_err(|_| Errno::EINVAL);
            let (limit, more) = (count(value)?, count(timeout)?);
            let from = kernel.futex_key(address, sharing)?;
            let to = kernel.futex_key(second, sharing)?;
            if command == FUTEX_CMP_REQUEUE && user::load_u32(address)? != bits as u32 {
                return Err(Errno::EAGAIN.into());
            }
            Ok(kernel.futex_requeue(from, to, limit, more) as u64)
        }
        FUTEX_WAKE_OP => {
            let from = kernel.futex_key(address, sharing)?;
            let to = kernel.futex_key(second, sharing)?;
            let holds = change(second, bits as u32)?;
            let woken = kernel.futex_wake(from, at_least_one(value), u32::MAX);
            let more = if holds {
                kernel.futex_wake(to, at_least_one(timeout), u32::MAX)
            } else {
                0
            };
            Ok((woken + more) as u64)
        }
        _ => Err(Errno::ENOSYS.into()),
    }
}

/// How many waiters to wake: as on Linux, nobody is woken only where nobody waits.
fn at_least_one(count: u64) -> usize {
    (count as i32).max(1).unsigned_abs() as usize
}

/// Changes a word as the code of `FUTEX_WAKE_OP` says, and whether what it was before meets the condition in it.
fn change(address: u64, code: u32) -> Result<bool, Errno> {
    let signed = |field: u32| (field << 20).cast_signed() >> 20;
    let (condition, compared) = (code >> 24 & 0xf, signed(code & 0xfff));
    let operand = match signed(code >> 12 & 0xfff) {
        shift if code >> 31 != 0 => 1 << (shift & 31),
        operand => operand,
    };
    let before = user::load_u32(address)?.cast_signed();
    let after = match code >> 28 & 7 {
        0 => operand,
        1 => before.wrapping_add(operand),
        2 => before | operand,
        3 => before & !operand,
        4 => before ^ operand,
        _ => return Err(Errno::ENOSYS),
    };
    user::write_value(address, &after)?;
    match condition {
        0 => Ok(before == compared),
        1 => Ok(before != compared),
        2 => Ok(before < compared),
        3 => Ok(before <= compared),
        4 => Ok(before > compared),
        5 => Ok(before >= compared),
        _ => Err(Errno::ENOSYS),
    }
}

/// `set_robust_list`: where the thread lists the mutexes that it holds.
pub(crate) fn set_robust_list(kernel: &mut Kernel, [list, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    if size != size_of::<RobustListHead>() as u64 {
        return Err(Errno::EINVAL.into());
    }
    kernel.thread_mut().robust_list = list;
    Ok(0)
}

/// `get_robust_list`: the same of a thread, 0 for the current one.
pub(crate) fn get_robust_list(kernel: &mut Kernel, [task, list, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    let thread = match task as u32 {
        0 => kernel.thread(),
        other => {
            kernel.may_concern_processes()?;
            kernel.threads.get(other).ok_or(Errno::ESRCH)?
        }
    };
    user::write_value(size, &(size_of::<RobustListHead>() as u64))?;
    user::write_value(list, &thread.robust_list)?;
    Ok(0)
}
