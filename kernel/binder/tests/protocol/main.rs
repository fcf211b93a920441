//! The driver's behaviour, one sentence per test, as it was measured on Linux 6.12.

mod harness;
mod sync;
