//! The driver's behaviour, one sentence per test, as it was measured on Linux 6.12.

mod harness;

mod death;
mod exits;
mod manager;
mod mapping;
mod nesting;
mod nodes;
mod oneway;
mod reading;
mod sync;
mod writing;
