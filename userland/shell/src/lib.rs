//! The part of the shell that needs no kernel: language, execution, line editing.
//!
//! A line goes through four stations, one module each: [`lexer`] cuts it into tokens, [`parser`] makes a
//! [`syntax::List`] of them, [`expand`] replaces variables, [`execute`] runs the result. Running means asking a
//! [`System`] to start programs, open files and wait; the program `shell` implements it with kernel objects, the
//! tests with a record of what was asked. [`editor`] turns the console's raw bytes into lines.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod builtin;
pub mod complete;
pub mod editor;
pub mod execute;
pub mod expand;
pub mod handles;
pub mod hexdump;
pub mod jobs;
pub mod lexer;
pub mod parser;
pub mod quote;
#[cfg(test)]
mod random;
pub mod syntax;
pub mod system;
#[cfg(test)]
mod testing;
pub mod variables;

pub use execute::Shell;
pub use system::System;
