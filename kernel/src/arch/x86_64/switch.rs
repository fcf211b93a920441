//! Making a thread current, and waiting when there is none.

use super::context::{Context, Saved};
use super::cpu;
use super::entry::entry_return;
use super::extended_state;
use super::paging;
use super::trap::Trap;
use crate::mm::{self, AddressSpace};
use alloc::sync::Arc;
use core::arch::asm;
use core::ptr;

/// Makes a context current in its address space: the next return to ring 3 goes there.
#[inline(always)]
pub(crate) fn resume(context: &Context, space: &Arc<AddressSpace>) {
    let cpu = cpu::current();
    let saved = context.as_ptr();
    // SAFETY: the context lives, and nothing changes it meanwhile.
    let base = unsafe { (*saved).fs_base };
    let place = Arc::as_ptr(space);
    if !ptr::eq(cpu.space.get(), place) {
        // SAFETY: every address space maps the kernel, and when it is dropped it calls `forget_space`.
        unsafe { paging::load_root(space.root()) };
        cpu.space.set(place);
        // Programs can change the register behind the kernel's back by loading its selector, but only their own.
        load_fs_base(base);
    } else if !ptr::eq(cpu.current.get(), saved) {
        load_fs_base(base);
    }
    cpu.current.set(saved);
    extended_state::switch_to(cpu, saved);
}

/// Leaves the current context and address space.
pub(crate) fn leave() {
    let cpu = cpu::current();
    cpu.current.set(Saved::absent());
    if !cpu.space.get().is_null() {
        // SAFETY: the kernel's own tables map the kernel.
        unsafe { paging::load_root(mm::kernel_root()) };
        cpu.space.set(ptr::null());
    }
}

/// The address space whose tables are loaded.
pub(crate) fn with_current_space<R>(work: impl FnOnce(&AddressSpace) -> R) -> Option<R> {
    // SAFETY: a space that is dropped takes itself out of the CPU first, and nothing in `work` drops this one: its
    // owner would have to run.
    unsafe { cpu::current().space.get().as_ref() }.map(work)
}

/// Whether an address space's tables are loaded.
pub(crate) fn is_current_space(space: *const AddressSpace) -> bool {
    ptr::eq(cpu::current().space.get(), space)
}

/// Unloads an address space that is about to go.
pub(crate) fn forget_space(space: *const AddressSpace) {
    if is_current_space(space) {
        leave();
    }
}

/// Waits for an interrupt. No context is current afterwards.
pub(crate) fn idle() -> Option<Trap> {
    leave();
    let cpu = cpu::current();
    if cpu.pending.get() == 0 {
        // SAFETY: no lock is held and no context is current. The handler that interrupts `hlt` only notes what came and
        // returns with interrupts off; `sti` lets none in before `hlt`.
        unsafe { asm!("sti", "hlt", "cli", options(nostack)) };
    }
    let mut pending = cpu.pending.get();
    let trap = Trap::take(&mut pending);
    cpu.pending.set(pending);
    trap
}

/// Enters ring 3 for the first time, with the context that is current.
pub(crate) fn enter() -> ! {
    return_to_user()
}

/// Returns to ring 3, with the context that is current.
#[inline(always)]
pub(super) fn return_to_user() -> ! {
    // SAFETY: the way back to ring 3 needs nothing of this stack.
    unsafe { asm!("jmp {}", sym entry_return, options(noreturn)) }
}

/// Loads the thread pointer.
pub(super) fn load_fs_base(base: u64) {
    // SAFETY: FS is not used in ring 0; the address is a user's and so canonical.
    unsafe {
        asm!("wrmsr", in("ecx") 0xc000_0100_u32, in("eax") base as u32, in("edx") (base >> 32) as u32,
             options(nomem, nostack, preserves_flags));
    }
}
