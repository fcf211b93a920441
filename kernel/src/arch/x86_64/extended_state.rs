//! x87, SSE and AVX registers, saved only when another thread wants them.
//!
//! The kernel itself uses none of them. A CPU remembers whose state its registers hold; while any other context is
//! current, their use traps, and only then are they saved and loaded. Threads that never use them own no save area.

use super::context::Saved;
use super::cpu::{self, Cpu};
use crate::mm::NoMemory;
use abi::Errno;
use alloc::alloc::{alloc_zeroed, dealloc};
use core::alloc::Layout;
use core::arch::asm;
use core::arch::x86_64::__cpuid_count;
use core::ptr::{self, NonNull};
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering};

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
/// The bit of CR0 that makes the use of vector registers trap.
const TASK_SWITCHED: u64 = 1 << 3;

/// Size of a save area, from [`initialise`] on.
static SIZE: AtomicUsize = AtomicUsize::new(LEGACY);

/// Learns the size of the save area; the components must have been chosen before.
pub(super) fn initialise() {
    if cpu::current().features().xsave {
        SIZE.store(__cpuid_count(0xd, 0).ebx as usize, Ordering::Relaxed);
    }
}

/// A save area.
pub(super) struct ExtendedState(NonNull<u8>);

impl ExtendedState {
    fn layout() -> Layout {
        Layout::from_size_align(SIZE.load(Ordering::Relaxed), 64).expect("the processor's area is small")
    }

    /// The state of a program that begins.
    pub(super) fn initial() -> Result<Self, NoMemory> {
        // SAFETY: the layout is not empty.
        let area = unsafe { alloc_zeroed(Self::layout()) };
        let mut state = Self(NonNull::new(area).ok_or(NoMemory)?);
        let bytes = state.bytes_mut();
        bytes[CONTROL_WORD.0..][..2].copy_from_slice(&CONTROL_WORD.1.to_le_bytes());
        bytes[MXCSR.0..][..4].copy_from_slice(&MXCSR.1.to_le_bytes());
        Ok(state)
    }

    /// A copy.
    pub(super) fn duplicate(&self) -> Result<Self, NoMemory> {
        let mut copy = Self::initial()?;
        copy.bytes_mut().copy_from_slice(self.bytes());
        Ok(copy)
    }

    /// State from an image that a program may have written; refused if loading it would fault.
    pub(super) fn from_image(image: &[u8]) -> Result<Self, Errno> {
        let mut state = Self::initial()?;
        let bytes = state.bytes_mut();
        if image.len() != bytes.len() {
            return Err(Errno::EINVAL);
        }
        bytes.copy_from_slice(image);
        let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|byte| image[at + byte]));
        let control = u32::from_le_bytes(core::array::from_fn(|byte| image[MXCSR.0 + byte]));
        let mut loadable = control & !MXCSR_MASK == 0;
        if bytes.len() > HEADER {
            loadable &= word(HEADER) & !components() == 0;
            loadable &= image[HEADER + 8..HEADER + HEADER_SIZE]
                .iter()
                .all(|byte| *byte == 0);
        }
        if loadable { Ok(state) } else { Err(Errno::EINVAL) }
    }

    /// The image.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the area has this size, was zeroed when made, and belongs to `self`.
        unsafe { slice::from_raw_parts(self.0.as_ptr(), Self::layout().size()) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`.
        unsafe { slice::from_raw_parts_mut(self.0.as_ptr(), Self::layout().size()) }
    }

    /// Copies the registers into the area.
    fn save(&mut self) {
        let area = self.0.as_ptr();
        if cpu::current().features().xsave {
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
    fn load(&self) {
        let area = self.0.as_ptr();
        if cpu::current().features().xsave {
            // SAFETY: the area holds an image that the processor wrote or that `from_image` examined.
            unsafe {
                asm!("xrstor64 [{}]", in(reg) area, in("eax") u32::MAX, in("edx") u32::MAX, options(nostack));
            };
        } else {
            // SAFETY: as above.
            unsafe { asm!("fxrstor64 [{}]", in(reg) area, options(nostack)) };
        }
    }
}

impl Drop for ExtendedState {
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

/// Lets the registers be used, or makes their use trap.
#[inline(always)]
fn set_trap(cpu: &Cpu, trap: bool) {
    if cpu.extended_traps.get() == trap {
        return;
    }
    cpu.extended_traps.set(trap);
    if trap {
        // SAFETY: only this bit changes; the kernel does not use the registers it guards.
        unsafe {
            asm!("mov {0}, cr0", "or {0}, {bit}", "mov cr0, {0}", out(reg) _, bit = const TASK_SWITCHED,
                 options(nomem, nostack));
        }
    } else {
        // SAFETY: as above.
        unsafe { asm!("clts", options(nomem, nostack, preserves_flags)) };
    }
}

/// Adjusts the trap to the context that becomes current.
#[inline]
pub(super) fn switch_to(cpu: &Cpu, context: *const Saved) {
    set_trap(cpu, !ptr::eq(cpu.extended_owner.get(), context));
}

/// The current context wants the registers: saves the owner's and loads its own.
pub(super) fn claim() -> Result<(), NoMemory> {
    let cpu = cpu::current();
    let (context, owner) = (cpu.current.get(), cpu.extended_owner.get());
    // SAFETY: the current context lives, and no reference to it is held while its trap is handled.
    let wanted = unsafe { &mut (*context).extended };
    if wanted.is_none() {
        *wanted = Some(ExtendedState::initial()?);
    }
    set_trap(cpu, false);
    save(owner);
    if let Some(state) = wanted {
        state.load();
    }
    cpu.extended_owner.set(context);
    Ok(())
}

/// Saves the owner's registers in its context; the trap must be off.
fn save(owner: *mut Saved) {
    // SAFETY: an owner lives: a context disowns the registers before it is dropped.
    if let Some(owner) = unsafe { owner.as_mut() }
        && let Some(area) = &mut owner.extended
    {
        area.save();
    }
}

/// Brings a context's save area up to date.
pub(super) fn flush(context: *mut Saved) {
    let cpu = cpu::current();
    if ptr::eq(cpu.extended_owner.get(), context) {
        let trap = cpu.extended_traps.get();
        set_trap(cpu, false);
        save(context);
        set_trap(cpu, trap);
    }
}

/// Forgets the registers' contents if they are this context's.
pub(super) fn disown(context: *const Saved) {
    let cpu = cpu::current();
    if ptr::eq(cpu.extended_owner.get(), context) {
        cpu.extended_owner.set(ptr::null_mut());
        set_trap(cpu, true);
    }
}
