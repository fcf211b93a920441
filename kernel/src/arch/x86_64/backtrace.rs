//! Who called whom: the chain of frame pointers on the kernel's stack.

use crate::mm;
use core::arch::asm;
use core::ptr;

/// How many callers are told at most.
const DEPTH: usize = 64;

/// Calls `visit` with the address that each active function will return to, the innermost first.
pub(crate) fn backtrace(mut visit: impl FnMut(u64)) {
    let mut frame: u64;
    // SAFETY: reads the frame pointer.
    unsafe { asm!("mov {}, rbp", out(reg) frame, options(nomem, nostack, preserves_flags)) };
    for _ in 0..DEPTH {
        if !frame.is_multiple_of(8) || !mm::is_stack(frame) || !mm::is_stack(frame + 8) {
            return;
        }
        // SAFETY: both words lie on a kernel stack, which is mapped.
        let [next, caller] = unsafe { ptr::read_volatile(frame as *const [u64; 2]) };
        if caller == 0 {
            return;
        }
        visit(caller);
        frame = next;
    }
}
