//! Random numbers: the processor's where it has them, otherwise a mix of the time stamp counter.

use super::cpu;
use core::arch::asm;
use core::arch::x86_64::_rdtsc;
use core::sync::atomic::{AtomicU64, Ordering};

/// A random number.
pub(crate) fn random_u64() -> u64 {
    static STATE: AtomicU64 = AtomicU64::new(0);
    // SAFETY: reading the counter has no effect.
    let seed = hardware().unwrap_or_else(|| unsafe { _rdtsc() });
    let state = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    // The finaliser of SplitMix64: every bit of the input changes every bit of the output.
    let mut mixed = state ^ seed;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// A random number of the processor's, if it has one ready.
fn hardware() -> Option<u64> {
    if !cpu::current().features().random {
        return None;
    }
    let (value, ready): (u64, u8);
    // SAFETY: the processor has the instruction.
    unsafe { asm!("rdrand {}", "setc {}", out(reg) value, out(reg_byte) ready, options(nomem, nostack)) };
    (ready != 0).then_some(value)
}
