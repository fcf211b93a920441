//! A thread's saved user state.
//!
//! The entry stubs write ring 3's registers straight into the current context, and load them from there on the way
//! back. Two ways lead back: `sysretq`, which loses `rcx` and `r11`, after a system call; and `iretq`, which restores
//! everything, after any other trap and whenever the kernel changed a register other than the result.

use super::cpu;
use super::extended_state::{self, ExtendedState};
use crate::mm::{NoMemory, USER_END, frames};
use abi::Errno;
use alloc::alloc::{alloc, dealloc};
use core::alloc::Layout;
use core::mem::offset_of;
use core::ptr::{self, NonNull};

/// General registers as ring 3 sees them, in the order of Linux's `pt_regs`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Registers {
    pub(crate) r15: u64,
    pub(crate) r14: u64,
    pub(crate) r13: u64,
    pub(crate) r12: u64,
    pub(crate) rbp: u64,
    pub(crate) rbx: u64,
    pub(crate) r11: u64,
    pub(crate) r10: u64,
    pub(crate) r9: u64,
    pub(crate) r8: u64,
    /// At a system call its number, until the result is set.
    pub(crate) rax: u64,
    pub(crate) rcx: u64,
    pub(crate) rdx: u64,
    pub(crate) rsi: u64,
    pub(crate) rdi: u64,
    pub(crate) rip: u64,
    pub(crate) rflags: u64,
    pub(crate) rsp: u64,
}

/// Status bits of `rflags` that ring 3 may choose: arithmetic, direction, single step, alignment check, identification.
const USER_FLAGS: u64 = 0x0024_0dd5;

/// Bits of `rflags` that are always set in ring 3: the reserved one and the interrupt flag.
const FIXED_FLAGS: u64 = 0x202;

/// What a context holds.
#[repr(C)]
pub(super) struct Saved {
    pub(super) registers: Registers,
    /// Not zero when the way back is `iretq`. Zero while the context is in ring 3, so system calls need not make it so.
    pub(super) exact: u64,
    pub(super) fs_base: u64,
    pub(super) extended: ExtendedState,
}

/// Offset of [`Saved::exact`] for the entry stubs.
pub(super) const EXACT: usize = offset_of!(Saved, exact);

/// Takes the place of the current context when there is none.
struct Absent(core::cell::UnsafeCell<Saved>);

// SAFETY: nothing reads it, and ring 3 never runs while it is current.
unsafe impl Sync for Absent {}

static ABSENT: Absent = Absent(core::cell::UnsafeCell::new(Saved {
    registers: Registers {
        r15: 0,
        r14: 0,
        r13: 0,
        r12: 0,
        rbp: 0,
        rbx: 0,
        r11: 0,
        r10: 0,
        r9: 0,
        r8: 0,
        rax: 0,
        rcx: 0,
        rdx: 0,
        rsi: 0,
        rdi: 0,
        rip: 0,
        rflags: 0,
        rsp: 0,
    },
    exact: 1,
    fs_base: 0,
    extended: ExtendedState::Initial,
}));

impl Saved {
    /// What is current when no context is. Its way back is the exact one, which checks for it.
    pub(super) const fn absent() -> *mut Self {
        ABSENT.0.get()
    }
}

/// A thread's saved user state. The value may move; what the CPU points to does not.
pub(crate) struct Context(NonNull<Saved>);

impl core::fmt::Debug for Context {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Context({:#x})", self.registers().rip)
    }
}

// SAFETY: the value owns its block, and the pointers that a CPU keeps to it are cleared before it is freed.
unsafe impl Send for Context {}

impl Context {
    /// A context that begins at `entry` with all other registers zero.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when the heap is full.
    pub(crate) fn new(entry: u64, stack: u64) -> Result<Self, NoMemory> {
        Self::from_saved(Saved {
            registers: initial(entry, stack),
            exact: 1,
            fs_base: 0,
            extended: ExtendedState::Initial,
        })
    }

    /// Another context in the same state.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when the heap is full.
    pub(crate) fn duplicate(&mut self) -> Result<Self, NoMemory> {
        extended_state::flush(self.as_ptr());
        let saved = self.saved_mut();
        Self::from_saved(Saved {
            registers: saved.registers,
            exact: 1,
            fs_base: saved.fs_base,
            extended: saved.extended.duplicate()?,
        })
    }

    fn from_saved(saved: Saved) -> Result<Self, NoMemory> {
        if frames::is_short() {
            return Err(NoMemory);
        }
        // SAFETY: `Saved` is not empty.
        let block = unsafe { alloc(Layout::new::<Saved>()) }.cast::<Saved>();
        let block = NonNull::new(block).ok_or(NoMemory)?;
        // SAFETY: the block was just allocated for a `Saved`.
        unsafe { block.write(saved) };
        Ok(Self(block))
    }

    pub(super) const fn as_ptr(&self) -> *mut Saved {
        self.0.as_ptr()
    }

    fn saved(&self) -> &Saved {
        // SAFETY: the block lives as long as `self`, and the entry stubs write to it only while no Rust code runs.
        unsafe { self.0.as_ref() }
    }

    fn saved_mut(&mut self) -> &mut Saved {
        // SAFETY: as in `saved`; `self` is borrowed mutably.
        unsafe { self.0.as_mut() }
    }

    /// The general registers.
    pub(crate) fn registers(&self) -> &Registers {
        &self.saved().registers
    }

    /// The general registers, to be changed. The next return to ring 3 restores every one of them.
    pub(crate) fn registers_mut(&mut self) -> &mut Registers {
        let saved = self.saved_mut();
        saved.exact = 1;
        &mut saved.registers
    }

    /// Says which system call is under way, where its stub has not.
    pub(crate) fn set_number(&mut self, number: u64) {
        self.saved_mut().registers.rax = number;
    }

    /// Sets what a system call returns.
    pub(crate) fn set_result(&mut self, value: i64) {
        self.saved_mut().registers.rax = value.cast_unsigned();
    }

    /// The thread pointer.
    pub(crate) fn fs_base(&self) -> u64 {
        self.saved().fs_base
    }

    /// Sets the thread pointer, also in the CPU if this is the current context.
    ///
    /// # Errors
    ///
    /// EPERM if it is not a user address.
    pub(crate) fn set_fs_base(&mut self, base: u64) -> Result<(), Errno> {
        if base >= USER_END {
            return Err(Errno::EPERM);
        }
        self.saved_mut().fs_base = base;
        if ptr::eq(cpu::current().current.get(), self.as_ptr()) {
            super::switch::load_fs_base(base);
        }
        Ok(())
    }

    /// The extended state as `xsave` lays it out, also where it was never used.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when the heap is full.
    pub(crate) fn extended_state(&mut self) -> Result<&[u8], NoMemory> {
        // SAFETY: the block lives as long as `self`, which is borrowed mutably.
        unsafe { extended_state::stored(self.as_ptr()) }
    }

    /// How long that is.
    pub(crate) fn extended_state_size() -> usize {
        extended_state::size()
    }

    /// Begins the extended state anew, as in a program just started.
    pub(crate) fn reset_extended_state(&mut self) {
        extended_state::forget(self.as_ptr());
        self.saved_mut().extended = ExtendedState::Initial;
    }

    /// Replaces the extended state.
    ///
    /// # Errors
    ///
    /// EINVAL if the processor would refuse to load it, ENOMEM when the heap is full.
    pub(crate) fn set_extended_state(&mut self, image: &mut [u8]) -> Result<(), Errno> {
        let state = ExtendedState::from_image(image)?;
        extended_state::forget(self.as_ptr());
        self.saved_mut().extended = state;
        Ok(())
    }

    /// Begins anew at `entry`, as in a program just started.
    pub(crate) fn reset(&mut self, entry: u64, stack: u64) {
        self.reset_extended_state();
        *self.registers_mut() = initial(entry, stack);
        // Zero is a user address.
        let _ = self.set_fs_base(0);
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        extended_state::forget(self.as_ptr());
        let cpu = cpu::current();
        if ptr::eq(cpu.current.get(), self.as_ptr()) {
            cpu.current.set(Saved::absent());
        }
        // SAFETY: no CPU points to the block any more, and it holds a `Saved`.
        unsafe { ptr::drop_in_place(self.as_ptr()) };
        // SAFETY: it was allocated with this layout.
        unsafe { dealloc(self.as_ptr().cast(), Layout::new::<Saved>()) };
    }
}

/// The registers of a program that begins.
fn initial(entry: u64, stack: u64) -> Registers {
    Registers {
        rip: entry,
        rsp: stack,
        rflags: FIXED_FLAGS,
        ..Registers::default()
    }
}

/// Makes registers that the kernel or the thread chose fit for `iretq`: flags that ring 3 may have, and an instruction
/// pointer that it may have. A wild one becomes an address that is never mapped, so that the thread faults there.
pub(super) extern "C" fn sanitise(saved: &mut Saved) {
    assert!(!ptr::eq(saved, Saved::absent()), "no context to return to");
    saved.exact = 0;
    let registers = &mut saved.registers;
    registers.rflags = registers.rflags & USER_FLAGS | FIXED_FLAGS;
    if registers.rip >= USER_END {
        registers.rip = USER_END;
    }
}
