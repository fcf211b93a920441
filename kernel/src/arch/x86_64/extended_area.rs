//! Where the processor stores x87, SSE and AVX registers, in its own layout.

use super::cpu;
use crate::mm::NoMemory;
use alloc::alloc::{alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::arch::asm;
use core::arch::x86_64::__cpuid_count;
use core::ptr::NonNull;
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering};
use formats::sparse::Sparse;

/// Size of the area that `fxsave` writes, and of the legacy part of `xsave`'s.
const LEGACY: usize = 512;
/// Where the legacy area holds the x87 control word and what it is initially: all exceptions masked.
const CONTROL_WORD: (usize, u16) = (0, 0x37f);
/// Where the legacy area holds the SSE control register, and what it is initially: all exceptions masked.
const MXCSR: (usize, u32) = (24, 0x1f80);
/// The bits of the SSE control register that every processor has.
const MXCSR_MASK: u32 = 0xffff;
/// Where the `xsave` header begins, which tells the components in the image.
const HEADER: usize = LEGACY;
/// Size of the `xsave` header.
const HEADER_SIZE: usize = 64;
/// Size of a save area, from [`initialise`] on.
static SIZE: AtomicUsize = AtomicUsize::new(LEGACY);

/// Learns the size of the save area; the components must have been chosen before.
pub(super) fn initialise() {
    if cpu::current().has_xsave() {
        SIZE.store(__cpuid_count(0xd, 0).ebx as usize, Ordering::Relaxed);
    }
}

/// How large an area is.
pub(super) fn size() -> usize {
    SIZE.load(Ordering::Relaxed)
}

/// Whether the processor would load an image that a program may have written.
pub(super) fn is_loadable(image: &[u8]) -> bool {
    if image.len() != size() {
        return false;
    }
    let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|byte| image[at + byte]));
    let control = u32::from_le_bytes(core::array::from_fn(|byte| image[MXCSR.0 + byte]));
    let has_header = image.len() > HEADER;
    control & !MXCSR_MASK == 0
        && (!has_header
            || word(HEADER) & !components() == 0
                && image[HEADER + 8..HEADER + HEADER_SIZE]
                    .iter()
                    .all(|byte| *byte == 0))
}

/// Packs an image, which is changed meanwhile. `None` when the heap is full.
#[inline(never)]
pub(super) fn pack(image: &mut [u8]) -> Option<Sparse> {
    flip_usual(image);
    let packed = Sparse::pack(image);
    flip_usual(image);
    packed
}

/// Makes those words of an image zero that hold what they nearly always do, so that they take no room, and back again.
#[inline(never)]
fn flip_usual(image: &mut [u8]) {
    let control = u64::from(MXCSR_MASK) << 32 | u64::from(MXCSR.1);
    flip(image, CONTROL_WORD.0, CONTROL_WORD.1.into());
    flip(image, MXCSR.0, control);
    if image.len() > HEADER {
        flip(image, HEADER, components());
    }
}

/// Flips bits of the word at this place.
fn flip(image: &mut [u8], at: usize, bits: u64) {
    if let Some(word) = image.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *word = (u64::from_le_bytes(*word) ^ bits).to_le_bytes();
    }
}

/// A save area.
pub(super) struct Area(NonNull<u8>);

impl Area {
    fn layout() -> Layout {
        Layout::from_size_align(size(), 64).expect("the processor's area is small")
    }

    /// An area that nothing has been stored in.
    pub(super) fn new() -> Result<Self, NoMemory> {
        // SAFETY: the layout is not empty.
        let area = unsafe { alloc_zeroed(Self::layout()) };
        Ok(Self(NonNull::new(area).ok_or(NoMemory)?))
    }

    /// Stores the state of a program that begins.
    pub(super) fn reset(&mut self) {
        let bytes = self.bytes_mut();
        bytes.fill(0);
        bytes[CONTROL_WORD.0..][..2].copy_from_slice(&CONTROL_WORD.1.to_le_bytes());
        bytes[MXCSR.0..][..4].copy_from_slice(&MXCSR.1.to_le_bytes());
    }

    /// The image.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the area has this size, was zeroed when made, and belongs to `self`.
        unsafe { slice::from_raw_parts(self.0.as_ptr(), size()) }
    }

    /// The image, which must be one that can be loaded when it is.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`.
        unsafe { slice::from_raw_parts_mut(self.0.as_ptr(), size()) }
    }

    /// The image, packed. `None` when the heap is full.
    pub(super) fn pack(&mut self) -> Option<Sparse> {
        pack(self.bytes_mut())
    }

    /// Restores the image.
    pub(super) fn unpack(&mut self, packed: &Sparse) {
        let image = self.bytes_mut();
        packed.unpack(image);
        flip_usual(image);
    }

    /// Copies the registers into the area.
    pub(super) fn save(&mut self) {
        let area = self.0.as_ptr();
        if cpu::current().has_xsave() {
            // SAFETY: the area is as large as the processor asks and aligned to 64 bytes; use does not trap.
            unsafe {
                asm!("xsave64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
            };
        } else {
            // SAFETY: as above.
            unsafe { asm!("fxsave64 [{}]", in(reg) area, options(nostack)) };
        }
    }

    /// Copies the area into the registers.
    pub(super) fn load(&self) {
        let area = self.0.as_ptr();
        if cpu::current().has_xsave() {
            // SAFETY: the area holds an image that the processor wrote or that `is_loadable` examined.
            unsafe {
                asm!("xrstor64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
            };
        } else {
            // SAFETY: as above.
            unsafe { asm!("fxrstor64 [{}]", in(reg) area, options(nostack)) };
        }
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout, which does not change.
        unsafe { dealloc(self.0.as_ptr(), Self::layout()) };
    }
}

/// The components that are switched on.
fn components() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: only asked when `xsave` is on, and so is this register then.
    unsafe {
        asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags));
    };
    u64::from(high) << 32 | u64::from(low)
}
