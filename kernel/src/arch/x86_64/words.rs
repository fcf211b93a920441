//! Copying and zeroing by words of eight bytes.
//!
//! Where the compiler makes small code, it moves a known number of bytes one by one; for whole pages that is too slow.

use core::arch::asm;

/// Copies words.
///
/// # Safety
///
/// Both sides must be valid for that many words, and must not overlap.
#[inline(always)]
pub(crate) unsafe fn copy_words(to: *mut u64, from: *const u64, words: usize) {
    // SAFETY: by this function's contract.
    unsafe {
        asm!("rep movsq", inout("rdi") to => _, inout("rsi") from => _, inout("rcx") words => _,
             options(nostack, preserves_flags));
    }
}

/// Zeroes words.
///
/// # Safety
///
/// The target must be valid for that many words.
#[inline(always)]
pub(crate) unsafe fn zero_words(to: *mut u64, words: usize) {
    // SAFETY: by this function's contract.
    unsafe {
        asm!("rep stosq", inout("rdi") to => _, inout("rcx") words => _, in("rax") 0_u64,
             options(nostack, preserves_flags));
    }
}
