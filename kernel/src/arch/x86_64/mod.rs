//! The PC: x86-64 with a local APIC, 16550 serial ports and whatever QEMU adds.

mod apic;
mod backtrace;
mod boot;
mod context;
mod control;
mod cpu;
mod entry;
mod extended_area;
mod extended_state;
mod fault;
mod firmware;
mod gdt;
mod idt;
pub(crate) mod paging;
mod pic;
mod power;
mod random;
pub(crate) mod serial;
mod switch;
pub(crate) mod time;
mod trap;
pub(crate) mod user_access;
mod words;

pub(crate) use backtrace::backtrace;
pub(crate) use boot::{BootInformation, Region, RegionKind};
pub(crate) use context::Context;
pub(crate) use control::hardware_capabilities;
pub(crate) use fault::{Fault, FaultKind};
pub(crate) use firmware::firmware_config;
pub(crate) use power::{halt_after_panic, power_off, reboot};
pub(crate) use random::random_u64;
pub(crate) use switch::{enter, forget_space, idle, is_current_space, resume, with_current_space};
pub(crate) use trap::quick_call;
pub use trap::{Answer, write_read};
pub(crate) use trap::{Irq, Trap};
pub(crate) use words::{copy_words, zero_words};
