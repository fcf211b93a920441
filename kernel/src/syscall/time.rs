//! Clocks and sleeping.

use crate::arch::time;
use crate::mm::user;
use crate::task::{Flow, Kernel, Wait};
use abi::Errno;
use abi::time::{
    CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW, CLOCK_PROCESS_CPUTIME_ID,
    CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_THREAD_CPUTIME_ID, NANOSECONDS, TIMER_ABSTIME, TimeSpec,
    TimeValue,
};

/// Nanoseconds in a microsecond.
const MICROSECOND: u64 = 1000;

/// A `timespec` of the caller, in nanoseconds.
pub(super) fn read_time(address: u64) -> Result<u64, Errno> {
    let time: TimeSpec = user::read_value(address)?;
    time.to_nanoseconds().ok_or(Errno::EINVAL)
}

/// A time of day as time since boot.
pub(super) fn from_realtime(time: u64) -> u64 {
    let boot = time::unix().saturating_sub(time::now());
    time.saturating_sub(boot)
}

fn now(clock: u64) -> Result<u64, Errno> {
    match clock {
        CLOCK_REALTIME | CLOCK_REALTIME_COARSE => Ok(time::unix()),
        CLOCK_MONOTONIC | CLOCK_MONOTONIC_RAW | CLOCK_MONOTONIC_COARSE | CLOCK_BOOTTIME => Ok(time::now()),
        _ => Err(Errno::EINVAL),
    }
}

/// `clock_gettime`. Time on the processor is not counted: those clocks count since the process was started.
pub(crate) fn clock_gettime(kernel: &mut Kernel, [clock, address, ..]: [u64; 6]) -> Result<u64, Flow> {
    let now = match clock {
        CLOCK_PROCESS_CPUTIME_ID | CLOCK_THREAD_CPUTIME_ID => {
            time::now().saturating_sub(kernel.process().started)
        }
        _ => now(clock)?,
    };
    user::write_value(address, &TimeSpec::from_nanoseconds(now))?;
    Ok(0)
}

/// `clock_getres`: all clocks count nanoseconds.
pub(crate) fn clock_getres(_: &mut Kernel, [clock, address, ..]: [u64; 6]) -> Result<u64, Flow> {
    if !matches!(clock, CLOCK_PROCESS_CPUTIME_ID | CLOCK_THREAD_CPUTIME_ID) {
        now(clock)?;
    }
    if address != 0 {
        user::write_value(address, &TimeSpec::from_nanoseconds(1))?;
    }
    Ok(0)
}

/// `gettimeofday`.
pub(crate) fn gettimeofday(_: &mut Kernel, [address, zone, ..]: [u64; 6]) -> Result<u64, Flow> {
    let now = time::unix();
    if address != 0 {
        user::write_value(
            address,
            &TimeValue {
                seconds: (now / NANOSECONDS) as i64,
                microseconds: (now % NANOSECONDS / MICROSECOND) as i64,
            },
        )?;
    }
    if zone != 0 {
        user::write_value(zone, &0_u64)?;
    }
    Ok(0)
}

/// `time`.
pub(crate) fn time(_: &mut Kernel, [address, ..]: [u64; 6]) -> Result<u64, Flow> {
    let seconds = time::unix() / NANOSECONDS;
    if address != 0 {
        user::write_value(address, &seconds)?;
    }
    Ok(seconds)
}

/// `clock_nanosleep`.
pub(crate) fn clock_nanosleep(
    kernel: &mut Kernel,
    [clock, flags, wanted, rest, ..]: [u64; 6],
) -> Result<u64, Flow> {
    match clock {
        CLOCK_REALTIME | CLOCK_MONOTONIC | CLOCK_BOOTTIME => {}
        // Clocks on which nobody can sleep.
        CLOCK_PROCESS_CPUTIME_ID
        | CLOCK_THREAD_CPUTIME_ID
        | CLOCK_MONOTONIC_RAW
        | CLOCK_REALTIME_COARSE
        | CLOCK_MONOTONIC_COARSE => return Err(Errno::EOPNOTSUPP.into()),
        _ => return Err(Errno::EINVAL.into()),
    }
    let wanted = read_time(wanted)?;
    match (flags & TIMER_ABSTIME != 0, clock) {
        (false, _) => sleep_until(kernel, kernel.deadline(wanted), rest),
        (true, CLOCK_REALTIME) => sleep_until(kernel, from_realtime(wanted), 0),
        (true, _) => sleep_until(kernel, wanted, 0),
    }
}

/// Sleeps; a signal ends it early, and then the rest is told at the given address.
fn sleep_until(kernel: &mut Kernel, deadline: u64, rest: u64) -> Result<u64, Flow> {
    let now = time::now();
    if now >= deadline {
        return Ok(0);
    }
    if kernel.interrupted() {
        if rest != 0 {
            user::write_value(rest, &TimeSpec::from_nanoseconds(deadline - now))?;
        }
        return Err(Errno::EINTR.into());
    }
    Err(kernel.wait_for(Wait::never().until(deadline)))
}
