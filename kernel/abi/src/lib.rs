//! The contract between kernel and programs: the binder UAPI and the Linux numbers in use.
//!
//! Everything here is data: numbers, names and structs with a fixed layout. Both sides of the system call boundary
//! compile against it, so a number stands in one place only. The values are those of Linux 6.12 on x86-64; that is
//! what lets the same static file run on Linux and here.
//!
//! A struct that crosses the boundary derives zerocopy's traits. They prove at compile time that it has no padding
//! and that every bit pattern is a valid value, so reading one from untrusted bytes is safe and costs nothing.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod auxiliary;
pub mod binder;
mod errno;
pub mod event;
pub mod file;
pub mod kernel_objects;
pub mod lines;
pub mod memory;
pub mod parcel;
pub mod poll;
pub mod signal;
pub mod socket;
pub mod status;
pub mod syscall;
pub mod terminal;
pub mod thread;
pub mod time;
pub mod trace;

pub use errno::Errno;
