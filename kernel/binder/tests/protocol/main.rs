//! The driver's behaviour, one sentence per test, as it was measured on Linux 6.12.

mod harness;
mod model;

mod agreement;
mod death;
mod debug;
mod direct;
mod errors;
mod exits;
mod files;
mod freeze;
mod manager;
mod mapping;
mod memory;
mod nesting;
mod nodes;
mod objects;
mod oneway;
mod poll;
mod pool;
mod random;
mod reading;
mod scatter;
mod sync;
mod writing;
