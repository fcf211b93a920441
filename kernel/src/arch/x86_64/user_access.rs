//! The instructions that touch user memory, and how they survive a fault.
//!
//! A page fault that cannot be resolved is forgiven at these instructions only, and so is an address that no page can have.
//! The short copies that are part of their callers stand in a table, each with its end and the place to go on at, which
//! leads out of the function with an error. The routines for all lengths lie between two labels; a fault between these
//! carries on at the landing, which makes the routine return "failed": hence none of them uses the stack. User memory is
//! closed where a fault leads to: the trap's handler clears the flag that opens it.
//!
//! `stac` and `clac` open and close user memory where the processor has SMAP; elsewhere they stay the no-operations that
//! they are in the file.

use core::arch::{asm, global_asm};

/// `stac` and `clac`.
const STAC: [u8; 3] = [0x0f, 0x01, 0xcb];
const CLAC: [u8; 3] = [0x0f, 0x01, 0xca];
/// The last byte of the no-operation in the place of a `clac`, which has another address than the one for a `stac`.
const CLOSES: u8 = 0x01;

global_asm!(
    ".macro smap_opens",
    "99: nop dword ptr [rax]",
    ".pushsection smap_sites, \"aR\"",
    ".long 99b - .",
    ".popsection",
    ".endm",
    ".macro smap_closes",
    "99: nop dword ptr [rcx]",
    ".pushsection smap_sites, \"aR\"",
    ".long 99b - .",
    ".popsection",
    ".endm",
    ".pushsection .text.user_access, \"ax\"",
    ".balign 16",
    "user_access_start:",
    // (rdi = to, rsi = from, rdx = bytes) -> 0 or 1
    ".global user_access_copy",
    ".type user_access_copy, @function",
    "user_access_copy:",
    "smap_opens",
    "mov rcx, rdx",
    "shr rcx, 3",
    "and edx, 7",
    "rep movsq",
    "mov ecx, edx",
    "rep movsb",
    "smap_closes",
    "xor eax, eax",
    "ret",
    // (rdi = to, rsi = bytes) -> 0 or 1
    ".balign 16",
    ".global user_access_zero",
    ".type user_access_zero, @function",
    "user_access_zero:",
    "smap_opens",
    "xor eax, eax",
    "mov rcx, rsi",
    "shr rcx, 3",
    "and esi, 7",
    "rep stosq",
    "mov ecx, esi",
    "rep stosb",
    "smap_closes",
    "ret",
    // (rdi = from, rsi = where the word goes) -> 0 or 1
    ".balign 16",
    ".global user_access_load",
    ".type user_access_load, @function",
    "user_access_load:",
    "smap_opens",
    "mov ecx, [rdi]",
    "smap_closes",
    "mov [rsi], ecx",
    "xor eax, eax",
    "ret",
    "user_access_end:",
    ".global user_access_landing",
    ".type user_access_landing, @function",
    "user_access_landing:",
    "mov eax, 1",
    "ret",
    ".popsection",
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
    safe static __start_smap_sites: Distance;
    safe static __stop_smap_sites: Distance;
    safe static __start_user_fixups: [Distance; 3];
    safe static __stop_user_fixups: [Distance; 3];
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
            "8: nop dword ptr [rcx]",
            ".pushsection smap_sites, \"aR\"",
            ".long 2b - ., 8b - .",
            ".popsection",
            ".pushsection user_fixups, \"aR\"",
            ".long 3b - ., 8b - ., {failed} - .",
            ".popsection",
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

/// Copies four bytes and then a few words of eight, of which either side may be user memory.
///
/// # Safety
///
/// The side that is not user memory must be the caller's, of this length.
#[inline(always)]
pub(crate) unsafe fn user_access_half_and_words(to: u64, from: u64, words: usize) -> Result<(), Failed> {
    // SAFETY: a fault leads out of the function; the kernel's side is the caller's by this function's contract.
    unsafe {
        user_access!(
            ["movsd", "rep movsq"],
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
        .map(|fixup| fixup.each_ref().map(Distance::target))
        .find(|[start, end, _]| (*start..*end).contains(&rip))
        .map(|[_, _, landing]| landing)
}

/// A place in the kernel's file, told by its distance from where this stands: half as long as its address.
#[repr(transparent)]
struct Distance(i32);

impl Distance {
    fn target(&self) -> u64 {
        ((&raw const *self).addr() as u64).wrapping_add_signed(i64::from(self.0))
    }
}

/// A section of equal rows.
///
/// # Safety
///
/// There must be nothing but such rows from the start to the end, and they must stay as they are.
unsafe fn rows<Row>(start: *const Row, end: *const Row) -> &'static [Row] {
    let count = (end.addr() - start.addr()) / size_of::<Row>();
    // SAFETY: by this function's contract.
    unsafe { core::slice::from_raw_parts(start, count) }
}

/// The places that open or close user memory. The kernel's text is not writable through its own addresses; whoever patches
/// it has another view.
pub(crate) fn smap_sites() -> impl Iterator<Item = u64> {
    // SAFETY: the linker gives both ends of the section, and this file fills it.
    let sites = unsafe { rows(&raw const __start_smap_sites, &raw const __stop_smap_sites) };
    sites.iter().map(Distance::target)
}

/// What belongs at such a place, by the no-operation that is there in the file.
pub(crate) fn smap_instruction(nothing: [u8; 3]) -> [u8; 3] {
    if nothing[2] == CLOSES { CLAC } else { STAC }
}
