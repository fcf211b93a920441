//! Measuring in the processor's own ticks.
//!
//! Under an emulator that counts instructions, one tick is one instruction; so the figures repeat exactly. The system
//! calls here do as little as a call can.

use crate::Result;
use crate::syscall::raw;
use core::arch::x86_64::_rdtsc;

/// A system call number that no kernel knows.
const UNKNOWN: u64 = 0x7fff;

/// The processor's time stamp counter.
#[inline]
pub fn ticks() -> u64 {
    // SAFETY: every x86-64 processor has the counter, and reading it changes nothing.
    unsafe { _rdtsc() }
}

/// Makes a call that the kernel answers with ENOSYS: the price of going there and back.
///
/// # Errors
///
/// ENOSYS.
#[inline]
pub fn unknown_call() -> Result<u64> {
    // SAFETY: the call touches no memory.
    unsafe { raw::call0(UNKNOWN) }
}
