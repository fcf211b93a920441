//! The instructions that touch user memory, and how they survive a fault.
//!
//! A page fault that cannot be resolved is forgiven at these instructions only, and so is an address that no page can have.
//! The short copies that are part of their callers stand in a table, each with its end and the place to go on at, which
//! leads out of the function with an error. The routines for all lengths lie between two labels; a fault between these
//! carries on at the landing, which makes the routine return "failed": hence none of them uses the stack.
//!
//! `stac` and `clac` open and close user memory where the processor has SMAP; elsewhere they stay the no-operations that
//! they are in the file.

use core::arch::{asm, global_asm};

/// The bytes of `stac`.
const STAC: u64 = 0x00cb_010f;
/// The bytes of `clac`.
pub(super) const CLAC: u64 = 0x00ca_010f;

global_asm!(
    ".macro smap_site instruction",
    "99: nop dword ptr [rax]",
    ".pushsection smap_sites, \"aR\"",
    ".quad 99b, \\instruction",
    ".popsection",
    ".endm",
    ".pushsection .text.user_access, \"ax\"",
    ".balign 16",
    "user_access_start:",
    // (rdi = to, rsi = from, rdx = bytes) -> 0 or 1
    ".global user_access_copy",
    ".type user_access_copy, @function",
    "user_access_copy:",
    "smap_site {STAC}",
    "mov rcx, rdx",
    "shr rcx, 3",
    "and edx, 7",
    "rep movsq",
    "mov ecx, edx",
    "rep movsb",
    "smap_site {CLAC}",
    "xor eax, eax",
    "ret",
    // (rdi = to, rsi = bytes) -> 0 or 1
    ".balign 16",
    ".global user_access_zero",
    ".type user_access_zero, @function",
    "user_access_zero:",
    "smap_site {STAC}",
    "xor eax, eax",
    "mov rcx, rsi",
    "shr rcx, 3",
    "and esi, 7",
    "rep stosq",
    "mov ecx, esi",
    "rep stosb",
    "smap_site {CLAC}",
    "ret",
    // (rdi = from, rsi = where the word goes) -> 0 or 1
    ".balign 16",
    ".global user_access_load",
    ".type user_access_load, @function",
    "user_access_load:",
    "smap_site {STAC}",
    "mov ecx, [rdi]",
    "smap_site {CLAC}",
    "mov [rsi], ecx",
    "xor eax, eax",
    "ret",
    "user_access_end:",
    ".global user_access_landing",
    ".type user_access_landing, @function",
    "user_access_landing:",
    "smap_site {CLAC}",
    "mov eax, 1",
    "ret",
    ".popsection",
    STAC = const STAC,
    CLAC = const CLAC,
);

unsafe extern "C" {
    /// Copies bytes, of which either side may be user memory.
    pub(crate) fn user_access_copy(to: u64, from: u64, length: usize) -> u32;
    /// Zeroes user memory.
    pub(crate) fn user_access_zero(to: u64, length: usize) -> u32;
    /// Loads a word.
    pub(crate) fn user_access_load(from: u64, word: &mut u32) -> u32;

    safe static user_access_start: u8;
    safe static user_access_end: u8;
    safe static user_access_landing: u8;
    safe static __start_smap_sites: [u64; 2];
    safe static __stop_smap_sites: [u64; 2];
    safe static __start_user_fixups: [u64; 3];
    safe static __stop_user_fixups: [u64; 3];
}

/// A user access did not succeed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed;

/// Instructions that touch user memory, as a part of their function. A fault at one of them leads out of the function with
/// [`Failed`].
macro_rules! user_access {
    ([$($text:literal),*], $($operands:tt)*) => {
        asm!(
            "2: nop dword ptr [rax]",
            "3:",
            $($text,)*
            "8: nop dword ptr [rax]",
            ".pushsection .text.user_access_failed, \"ax\"",
            "9: nop dword ptr [rax]",
            "jmp {failed}",
            ".popsection",
            ".pushsection smap_sites, \"aR\"",
            ".quad 2b, {STAC}, 8b, {CLAC}, 9b, {CLAC}",
            ".popsection",
            ".pushsection user_fixups, \"aR\"",
            ".quad 3b, 8b, 9b",
            ".popsection",
            STAC = const STAC, CLAC = const CLAC,
            failed = label { return Err(Failed) },
            $($operands)*
        )
    };
}

/// Copies a few words of eight bytes, of which either side may be user memory.
///
/// # Safety
///
/// The side that is not user memory must be the caller's, of this length.
#[inline(always)]
pub(crate) unsafe fn user_access_words(to: u64, from: u64, words: usize) -> Result<(), Failed> {
    // SAFETY: a fault leads out of the function; the kernel's side is the caller's by this function's contract.
    unsafe {
        user_access!(
            ["rep movsq"],
            inout("rdi") to => _, inout("rsi") from => _, inout("rcx") words => _,
            options(nostack, preserves_flags)
        );
    }
    Ok(())
}

/// Copies a value, of which either side may be user memory, without counting its bytes: one instruction for each eight of
/// them.
///
/// # Safety
///
/// The side that is not user memory must be the caller's, of a value's length.
#[inline(always)]
pub(crate) unsafe fn user_access_value<T>(to: u64, from: u64) -> Result<(), Failed> {
    // SAFETY: a fault leads out of the function; the kernel's side is the caller's by this function's contract.
    unsafe {
        user_access!(
            [
                ".rept {bytes}", "movsb", ".endr",
                ".rept {halves}", "movsd", ".endr",
                ".rept {words}", "movsq", ".endr"
            ],
            bytes = const size_of::<T>() % 4, halves = const size_of::<T>() / 4 % 2, words = const size_of::<T>() / 8,
            inout("rdi") to => _, inout("rsi") from => _,
            options(nostack, preserves_flags)
        );
    }
    Ok(())
}

/// Stores four bytes in user memory.
///
/// # Safety
///
/// The address must be below the kernel's half.
#[inline(always)]
pub(crate) unsafe fn user_access_store_half(to: u64, value: u32) -> Result<(), Failed> {
    // SAFETY: the target is user memory by this function's contract, and a fault leads out of it.
    unsafe {
        user_access!(
            ["mov [{to}], {value:e}"],
            to = in(reg) to, value = in(reg) value,
            options(nostack, preserves_flags)
        );
    }
    Ok(())
}

/// Stores eight bytes in user memory.
///
/// # Safety
///
/// The address must be below the kernel's half.
#[inline(always)]
pub(crate) unsafe fn user_access_store(to: u64, value: u64) -> Result<(), Failed> {
    // SAFETY: as above.
    unsafe {
        user_access!(
            ["mov [{to}], {value}"],
            to = in(reg) to, value = in(reg) value,
            options(nostack, preserves_flags)
        );
    }
    Ok(())
}

/// Where to go on after a fault at an instruction, if it is one that may fault.
pub(super) fn landing(rip: u64) -> Option<u64> {
    let (start, end) = (
        (&raw const user_access_start).addr(),
        (&raw const user_access_end).addr(),
    );
    if (start as u64..end as u64).contains(&rip) {
        return Some((&raw const user_access_landing).addr() as u64);
    }
    // SAFETY: the linker gives both ends of the section, and this file fills it.
    let fixups = unsafe { rows(&raw const __start_user_fixups, &raw const __stop_user_fixups) };
    fixups
        .iter()
        .find(|[start, end, _]| (*start..*end).contains(&rip))
        .map(|[_, _, landing]| *landing)
}

/// A section of rows of words.
///
/// # Safety
///
/// There must be nothing but such rows from the start to the end, and they must stay as they are.
unsafe fn rows<const WORDS: usize>(
    start: *const [u64; WORDS],
    end: *const [u64; WORDS],
) -> &'static [[u64; WORDS]] {
    let count = (end.addr() - start.addr()) / size_of::<[u64; WORDS]>();
    // SAFETY: by this function's contract.
    unsafe { core::slice::from_raw_parts(start, count) }
}

/// The places that open or close user memory, with the instruction that belongs there. The kernel's text is not
/// writable through its own addresses; whoever patches it has another view.
pub(crate) fn smap_sites() -> impl Iterator<Item = (u64, [u8; 3])> {
    // SAFETY: the linker gives both ends of the section, and this file fills it.
    let sites = unsafe { rows(&raw const __start_smap_sites, &raw const __stop_smap_sites) };
    sites.iter().map(|[site, instruction]| {
        let bytes = instruction.to_le_bytes();
        (*site, [bytes[0], bytes[1], bytes[2]])
    })
}
