//! x87, SSE and AVX registers, saved only when another thread wants them.
//!
//! The kernel itself uses none of them. A CPU remembers whose state its registers hold; while any other context is
//! current, their use traps, and only then are they saved and loaded. Threads that never use them own nothing.
//!
//! The processor stores them in an area of several hundred bytes, most of them zero. Only the few contexts that used them
//! last have an area each; when one more needs one, the one that has had its own for longest gives it up and keeps what
//! is neither zero nor usual. So threads that take turns cost no more than saving and loading, and those that wait are small.

use super::context::Saved;
use super::cpu::{self, Cpu};
use super::extended_area::{self, Area};
use crate::mm::NoMemory;
use abi::Errno;
use core::arch::asm;
use core::cell::Cell;
use core::mem;
use core::ptr;
use formats::sparse::Sparse;

pub(super) use extended_area::{initialise, size};

/// How many contexts may have an area.
pub(super) const AREAS: usize = 8;

/// The bit of CR0 that makes the use of vector registers trap.
const TASK_SWITCHED: u64 = 1 << 3;

/// A context's registers as far as they are not in the processor. Where they are, this is the area to store them in.
pub(super) enum ExtendedState {
    /// Those of a program that begins.
    Initial,
    /// As the processor stores them. The CPU knows which contexts have them so.
    Stored(Area),
    /// What was stored, without zeros and what is usual.
    Packed(Sparse),
}

impl ExtendedState {
    /// A copy.
    pub(super) fn duplicate(&mut self) -> Result<Self, NoMemory> {
        let packed = match self {
            Self::Initial => return Ok(Self::Initial),
            Self::Stored(area) => area.pack(),
            Self::Packed(packed) => packed.duplicate(),
        };
        packed.map(Self::Packed).ok_or(NoMemory)
    }

    /// State from an image that a program may have written, which is changed meanwhile; refused if loading it would fault.
    pub(super) fn from_image(image: &mut [u8]) -> Result<Self, Errno> {
        if !extended_area::is_loadable(image) {
            return Err(Errno::EINVAL);
        }
        extended_area::pack(image).map(Self::Packed).ok_or(Errno::ENOMEM)
    }
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
    if ptr::eq(cpu.extended_owner.get(), context) {
        set_trap(cpu, false);
    } else {
        set_trap(cpu, true);
    }
}

/// The current context wants the registers: saves the owner's and loads its own.
pub(super) fn claim() -> Result<(), NoMemory> {
    let cpu = cpu::current();
    let context = cpu.current.get();
    set_trap(cpu, false);
    save(cpu);
    cpu.extended_owner.set(ptr::null_mut());
    // SAFETY: the current context lives, and no reference to it is held while its trap is handled.
    let area = unsafe { store(cpu, context) };
    set_trap(cpu, area.is_err());
    area?.load();
    cpu.extended_owner.set(context);
    Ok(())
}

/// Saves the owner's registers; the trap must be off.
fn save(cpu: &Cpu) {
    // SAFETY: an owner lives: its state is forgotten before it is dropped.
    if let Some(owner) = unsafe { cpu.extended_owner.get().as_mut() }
        && let ExtendedState::Stored(area) = &mut owner.extended
    {
        area.save();
    }
}

/// Brings a context's save area up to date.
pub(super) fn flush(context: *const Saved) {
    let cpu = cpu::current();
    if ptr::eq(cpu.extended_owner.get(), context) {
        let trap = cpu.extended_traps.get();
        set_trap(cpu, false);
        save(cpu);
        set_trap(cpu, trap);
    }
}

/// A context's state as the processor stores it, and as it is now.
///
/// # Safety
///
/// The context must live for as long as the result does, and nobody else may hold a reference to it.
pub(super) unsafe fn stored<'a>(context: *mut Saved) -> Result<&'a [u8], NoMemory> {
    flush(context);
    // SAFETY: the caller vouches for it.
    Ok(unsafe { store(cpu::current(), context) }?.bytes())
}

/// Sees to it that a context has an area, and that its state is there.
///
/// # Safety
///
/// As for [`stored`].
unsafe fn store<'a>(cpu: &Cpu, context: *mut Saved) -> Result<&'a mut Area, NoMemory> {
    // SAFETY: the caller vouches for it; and other contexts are all that `take_area` touches, as this one has no area.
    let extended = unsafe { &mut (*context).extended };
    if !matches!(extended, ExtendedState::Stored(_)) {
        let (mut area, holder) = take_area(cpu)?;
        match extended {
            ExtendedState::Packed(packed) => area.unpack(packed),
            ExtendedState::Initial | ExtendedState::Stored(_) => area.reset(),
        }
        *extended = ExtendedState::Stored(area);
        holder.set(context);
    }
    match extended {
        ExtendedState::Stored(area) => Ok(area),
        ExtendedState::Initial | ExtendedState::Packed(_) => Err(NoMemory),
    }
}

/// An area for one more context, and the place where that one is to be named.
fn take_area(cpu: &Cpu) -> Result<(Area, &Cell<*mut Saved>), NoMemory> {
    if let Some(free) = cpu.extended_areas.iter().find(|holder| holder.get().is_null()) {
        return Ok((Area::new()?, free));
    }
    let turn = cpu.extended_turn.get();
    let place = &cpu.extended_areas[turn];
    flush(place.get());
    disown(cpu, place.get());
    // SAFETY: a context with an area lives: it is struck off the list before it is dropped.
    let extended = unsafe { &mut (*place.get()).extended };
    let packed = extended.duplicate()?;
    cpu.extended_turn.set((turn + 1) % AREAS);
    place.set(ptr::null_mut());
    match mem::replace(extended, packed) {
        ExtendedState::Stored(area) => Ok((area, place)),
        ExtendedState::Initial | ExtendedState::Packed(_) => Ok((Area::new()?, place)),
    }
}

/// Forgets where a context's state is, which is about to be dropped or replaced.
pub(super) fn forget(context: *const Saved) {
    let cpu = cpu::current();
    disown(cpu, context);
    for holder in &cpu.extended_areas {
        if ptr::eq(holder.get(), context) {
            holder.set(ptr::null_mut());
        }
    }
}

/// Forgets the registers' contents if they are this context's.
fn disown(cpu: &Cpu, context: *const Saved) {
    if ptr::eq(cpu.extended_owner.get(), context) {
        cpu.extended_owner.set(ptr::null_mut());
        set_trap(cpu, true);
    }
}
