//! What belongs to one CPU, found through its GS base.
//!
//! In ring 0 the GS base points to the CPU's [`Cpu`]; `swapgs` exchanges it with the user's at each crossing. The entry
//! stubs use the first fields by their offsets.

use super::context::Saved;
use super::control::Features;
use super::extended_state::AREAS;
use super::gdt::Descriptors;
use crate::mm::AddressSpace;
use core::arch::asm;
use core::cell::{Cell, UnsafeCell};
use core::ptr;
use x86_64::VirtAddr;
use x86_64::registers::model_specific::{GsBase, KernelGsBase};

/// The state of one CPU.
#[repr(C)]
pub(super) struct Cpu {
    /// Its own address, so that one load through GS finds the struct.
    this: Cell<*const Cpu>,
    /// Where ring 3's registers go: the current context, or [`Saved::absent`].
    pub(super) current: Cell<*mut Saved>,
    /// The top of the kernel stack.
    pub(super) stack: Cell<u64>,
    /// The user's stack pointer, between `syscall` and its place in the context.
    pub(super) scratch: Cell<u64>,
    /// The address space whose page tables are loaded; null for the kernel's own.
    pub(super) space: Cell<*const AddressSpace>,
    /// The context whose extended state is in the registers; null if nobody's.
    pub(super) extended_owner: Cell<*mut Saved>,
    /// Whether using the vector registers traps.
    pub(super) extended_traps: Cell<bool>,
    /// Bits of interrupts that came while the CPU was idle.
    pub(super) pending: Cell<u8>,
    features: Cell<Option<Features>>,
    /// The contexts whose extended state is in an area; null where none is.
    pub(super) extended_areas: [Cell<*mut Saved>; AREAS],
    /// Which of them is the next to give its area up.
    pub(super) extended_turn: Cell<usize>,
    /// GDT and TSS.
    pub(super) descriptors: UnsafeCell<Descriptors>,
}

// SAFETY: each CPU reaches only its own value, through GS; interrupts are off in ring 0, and the handlers that can
// interrupt it all the same (page faults of user copies, fatal faults) use the cells by whole reads and writes.
unsafe impl Sync for Cpu {}

/// The CPU that boots.
pub(super) static BOOT_CPU: Cpu = Cpu {
    this: Cell::new(ptr::null()),
    current: Cell::new(ptr::null_mut()),
    stack: Cell::new(0),
    scratch: Cell::new(0),
    space: Cell::new(ptr::null()),
    extended_owner: Cell::new(ptr::null_mut()),
    extended_traps: Cell::new(true),
    pending: Cell::new(0),
    features: Cell::new(None),
    extended_areas: [const { Cell::new(ptr::null_mut()) }; AREAS],
    extended_turn: Cell::new(0),
    descriptors: UnsafeCell::new(Descriptors::new()),
};

/// Offsets that the entry stubs need.
pub(super) const CURRENT: usize = core::mem::offset_of!(Cpu, current);
pub(super) const STACK: usize = core::mem::offset_of!(Cpu, stack);
pub(super) const SCRATCH: usize = core::mem::offset_of!(Cpu, scratch);

impl Cpu {
    /// What the processor has.
    pub(super) fn features(&self) -> Features {
        self.features
            .get()
            .expect("the CPU is set up before anybody asks")
    }

    /// Whether it can store and load its extended state with `xsave` and `xrstor`. Asked whenever that state changes hands.
    #[inline(always)]
    pub(super) fn has_xsave(&self) -> bool {
        matches!(self.features.get(), Some(Features { xsave: true, .. }))
    }

    pub(super) fn set_features(&self, features: Features) {
        self.features.set(Some(features));
    }
}

/// The CPU this runs on.
#[inline(always)]
pub(super) fn current() -> &'static Cpu {
    let this: *const Cpu;
    // SAFETY: GS points to a `Cpu` from `initialise` on, whose first field is its address.
    unsafe { asm!("mov {}, gs:[0]", out(reg) this, options(nostack, pure, readonly, preserves_flags)) };
    // SAFETY: `Cpu` values are statics.
    unsafe { &*this }
}

/// Makes [`current`] work on the booting CPU.
pub(super) fn initialise() {
    BOOT_CPU.this.set(&raw const BOOT_CPU);
    BOOT_CPU.current.set(Saved::absent());
    GsBase::write(VirtAddr::from_ptr(&raw const BOOT_CPU));
    KernelGsBase::write(VirtAddr::zero());
}
