//! What a program needs before main: entry point, system calls, heap, threads, printing.
//!
//! A program of Bindery is a static ELF file that stands directly on the system calls of Linux, without a C library;
//! so the same file runs on both kernels. All of userland's `unsafe` lives in this crate: whatever it offers is safe
//! to call, and the programs and libraries above it forbid `unsafe` altogether.
//!
//! [`program!`] makes a crate into a program. [`syscall`] has the calls, [`thread`] and [`sync`] what several threads
//! need, [`binder`] the device behind all communication. Nothing here runs in tests on the host: the entry point, the
//! panic handler and the allocator come into being where `program!` stands, so that libraries can be tested with std.

#![no_std]

extern crate alloc;

pub mod binder;
pub mod environment;
pub mod io;
pub mod measure;
pub mod memory;
pub mod misuse;
pub mod process;
mod program;
pub mod signal;
pub mod sync;
pub mod syscall;
pub mod thread;

pub use abi::Errno;
pub use environment::Arguments;
#[doc(hidden)]
pub use program::support;

/// What a system call gives.
pub type Result<T> = core::result::Result<T, Errno>;
