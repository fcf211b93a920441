//! The machine: everything that needs assembler, a port, a special register or a descriptor table.
//!
//! An architecture defines the names listed here; nothing outside this folder knows more of it.
//!
//! - [`Context`]: a thread's saved user state. [`resume`] makes one current, [`idle`] waits for an
//!   interrupt when there is none to resume.
//! - [`Trap`]: why ring 3 was left. All of it goes to `task::handle`, one call per trap.
//! - [`paging`]: page table entries and roots. [`user_access`]: the instructions that touch user memory.
//! - [`time`], [`serial`], [`power_off`], [`reboot`], [`firmware_config`], [`random_u64`], [`hardware_capabilities`]:
//!   the devices the kernel has.
//! - [`backtrace`], [`halt_after_panic`]: the last words.
//!
//! Interrupts are off in ring 0, always, but for the one instruction in which [`idle`] waits. The kernel has one stack
//! per CPU and keeps nothing on it between traps.

mod x86_64;

pub(crate) use x86_64::quick_call;
pub(crate) use x86_64::*;
pub use x86_64::{Answer, write_read};
