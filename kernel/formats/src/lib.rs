//! The byte formats the kernel reads and writes.
//!
//! Three formats meet the kernel at its edge: ELF program files, the ustar archive that is the ramdisk, and the image
//! that a program finds on its first stack. A fourth is its own: what it keeps of mostly empty registers. Each is a pure
//! function over bytes, so it lives outside the kernel proper and is tested on the host. Whatever the bytes hold, reading them ends in a value or an error, never in a panic.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

extern crate alloc;

pub mod archive;
pub mod elf;
pub mod sparse;
pub mod stack;
