//! What the context manager knows and decides, without the driver.
//!
//! [`registry::Registry`] is a value: requests go in, an answer or a [`refusal::Refusal`] comes out, and calls that
//! others are owed are returned as [`registry::Notice`]s. The program `servicemanager` speaks the protocols, asks the
//! driver for death notices and counts, and sends the notices.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod caller;
pub mod configuration;
pub mod name;
pub mod policy;
pub mod refusal;
pub mod registry;

pub use caller::Caller;
pub use configuration::Configuration;
pub use refusal::Refusal;
pub use registry::{Notice, Registry};
