//! The ramdisk: bytes that the boot loader brought along, read in place and mapped into programs.

use super::direct;
use super::layout::{DIRECT_MAP, PAGE};
use crate::sync::Once;
use core::slice;

static RAMDISK: Once<&'static [u8]> = Once::new();

/// The ramdisk's bytes; empty if there is none.
pub(crate) fn ramdisk() -> &'static [u8] {
    RAMDISK.get().copied().unwrap_or(&[])
}

/// Makes a stretch of physical memory the ramdisk.
pub(super) fn initialise(physical: u64, length: u64) {
    // SAFETY: the boot loader put the ramdisk there, its frames are kept, and nobody writes to them.
    let bytes = unsafe { slice::from_raw_parts(direct::<u8>(physical), length as usize) };
    RAMDISK.call_once(|| bytes);
}

/// The frame of a whole page of the ramdisk, if these bytes begin on a page boundary in it and the page is all there.
pub(super) fn frame_of(bytes: &'static [u8]) -> Option<u64> {
    let (all, start) = (ramdisk(), bytes.as_ptr().addr());
    let first = all.as_ptr().addr();
    let inside = start >= first && start + PAGE as usize <= first + all.len();
    (inside && (start as u64).is_multiple_of(PAGE)).then(|| start as u64 - DIRECT_MAP)
}
