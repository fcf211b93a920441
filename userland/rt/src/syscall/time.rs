//! Clocks and sleeping.

use super::raw;
use abi::{Errno, syscall};

const REALTIME: u64 = 0;
const MONOTONIC: u64 = 1;
const NS_PER_SECOND: u64 = 1_000_000_000;

fn clock(number: u64) -> u64 {
    let mut time = [0_u64; 2];
    // SAFETY: the kernel writes seconds and nanoseconds into the array.
    let result = unsafe { raw::call2(syscall::CLOCK_GETTIME, number, time.as_mut_ptr() as u64) };
    let [seconds, nanoseconds] = time;
    result.map_or(0, |_| seconds * NS_PER_SECOND + nanoseconds)
}

/// Nanoseconds since some point before the program started. Never goes back.
pub fn clock_monotonic_ns() -> u64 {
    clock(MONOTONIC)
}

/// Nanoseconds since the beginning of 1970.
pub fn clock_realtime_ns() -> u64 {
    clock(REALTIME)
}

/// Sleeps for at least this long, whatever signals come.
pub fn sleep_ns(duration: u64) {
    let mut time = [duration / NS_PER_SECOND, duration % NS_PER_SECOND];
    let address = time.as_mut_ptr() as u64;
    // SAFETY: the kernel reads the duration, and writes what is left of it to the same place when interrupted.
    while unsafe { raw::call4(syscall::CLOCK_NANOSLEEP, MONOTONIC, 0, address, address) } == Err(Errno::EINTR)
    {
    }
}

/// Lets other threads run.
pub fn yield_now() {
    // SAFETY: the call touches no memory.
    let _ = unsafe { raw::call0(syscall::SCHED_YIELD) };
}
