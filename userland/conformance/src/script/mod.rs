//! The language of the cases: one step a line.
//!
//! ```text
//! M.0 wr enter ; read 256                   # actor M, its thread 0, its first open of the device
//! C.1:1 wr call 0 code 0x42 { u32 7 binder 0x10 0x20 0 } ; read 256
//! ```
//!
//! A step names an actor (a process, one capital letter), one of its threads, and after a colon one of its opens
//! (0 when left out). `wr` is one `BINDER_WRITE_READ` with its commands in order; every other verb is one system
//! call. Cases are text so that a failing random run can be shrunk and printed as a case of its own, and so that
//! trying an idea on both kernels takes a line and not a program.

mod action;
mod commands;
mod payload;
mod words;

pub(crate) use action::{Action, Step, parse};
pub(crate) use commands::{Command, Free, Transaction, WriteRead};
pub(crate) use payload::{Item, Payload};
