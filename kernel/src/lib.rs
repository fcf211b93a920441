//! The Bindery kernel.
//!
//! `arch` and `mm` hold everything that can break memory; what stands above them is safe code. A trap from ring 3 enters
//! at `task::handle`, which decides what runs next.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;

#[expect(unsafe_code, reason = "this is where the kernel meets the machine")]
mod arch;
mod binder;
mod defect;
mod exec;
mod file;
mod log;
mod lossy;
#[expect(
    unsafe_code,
    reason = "page tables, frames and user memory are made of raw addresses"
)]
mod mm;
mod object;
mod panic;
mod sorted;
mod symbols;
mod sync;
mod syscall;
mod task;
mod trace;

pub use arch::{Answer, write_read};

/// A system call that may be over at once, by its number and its first three arguments.
#[inline(always)]
pub fn quick_call(number: u64, arguments: [u64; 3]) -> Answer {
    arch::quick_call(number, arguments, syscall::quick::call)
}

/// Boot, once the machine is set up: the kernel's state, the first program, and off into ring 3.
fn main() -> ! {
    symbols::initialise();
    log!(
        "memory: {} KiB, {} free",
        mm::frames::total() * 4,
        mm::frames::free() * 4
    );
    task::start(syscall::CALLS);
    arch::enter();
}
