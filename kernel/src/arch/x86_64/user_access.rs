//! The instructions that touch user memory, and how they survive a fault.
//!
//! A page fault that cannot be resolved is forgiven at these instructions only. The short copies that are part of their
//! callers stand in a table with the place to go on at: behind the copy, where the count that is left over tells the
//! failure. The routines for all lengths lie between two labels; a fault between these carries on at the landing, which
//! makes the routine return "failed": hence none of them uses the stack.
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
    safe static __start_user_fixups: [u64; 2];
    safe static __stop_user_fixups: [u64; 2];
}

/// Copies a few words of eight bytes, of which either side may be user memory: how many were not copied.
///
/// # Safety
///
/// The side that is not user memory must be the caller's, of this length.
#[inline(always)]
pub(crate) unsafe fn user_access_words(to: u64, from: u64, words: usize) -> usize {
    let left;
    // SAFETY: a fault goes on behind the copy; the kernel's side is the caller's by this function's contract.
    unsafe {
        asm!(
            "2: nop dword ptr [rax]",
            "3: rep movsq",
            "4: nop dword ptr [rax]",
            ".pushsection smap_sites, \"aR\"",
            ".quad 2b, {STAC}, 4b, {CLAC}",
            ".popsection",
            ".pushsection user_fixups, \"aR\"",
            ".quad 3b, 4b",
            ".popsection",
            inout("rdi") to => _, inout("rsi") from => _, inout("rcx") words => left,
            STAC = const STAC, CLAC = const CLAC, options(nostack, preserves_flags),
        );
    }
    left
}

/// Copies four bytes and then a few words of eight, of which either side may be user memory: 0 if all of them.
///
/// # Safety
///
/// The side that is not user memory must be the caller's, of this length.
#[inline(always)]
pub(crate) unsafe fn user_access_half_and_words(to: u64, from: u64, words: usize) -> usize {
    let left;
    // SAFETY: a fault goes on behind the copy, with the register that counts not 0; the kernel's side is the caller's by
    // this function's contract.
    unsafe {
        asm!(
            "2: nop dword ptr [rax]",
            "3: movsd",
            "dec rcx",
            "4: rep movsq",
            "5: nop dword ptr [rax]",
            ".pushsection smap_sites, \"aR\"",
            ".quad 2b, {STAC}, 5b, {CLAC}",
            ".popsection",
            ".pushsection user_fixups, \"aR\"",
            ".quad 3b, 5b, 4b, 5b",
            ".popsection",
            inout("rdi") to => _, inout("rsi") from => _, inout("rcx") words + 1 => left,
            STAC = const STAC, CLAC = const CLAC, options(nostack),
        );
    }
    left
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
    let fixups = pairs(&raw const __start_user_fixups, &raw const __stop_user_fixups);
    fixups
        .iter()
        .find(|[at, _]| *at == rip)
        .map(|[_, landing]| *landing)
}

/// A section of pairs of words.
fn pairs(start: *const [u64; 2], end: *const [u64; 2]) -> &'static [[u64; 2]] {
    let count = (end.addr() - start.addr()) / size_of::<[u64; 2]>();
    // SAFETY: the linker gives both ends of the section, which holds pairs of words.
    unsafe { core::slice::from_raw_parts(start, count) }
}

/// The places that open or close user memory, with the instruction that belongs there. The kernel's text is not
/// writable through its own addresses; whoever patches it has another view.
pub(crate) fn smap_sites() -> impl Iterator<Item = (u64, [u8; 3])> {
    let sites = pairs(&raw const __start_smap_sites, &raw const __stop_smap_sites);
    sites.iter().map(|[site, instruction]| {
        let bytes = instruction.to_le_bytes();
        (*site, [bytes[0], bytes[1], bytes[2]])
    })
}
