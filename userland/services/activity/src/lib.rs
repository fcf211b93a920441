//! The activity manager's interface, for the service itself and for its callers.
//!
//! A caller hands an [`intent::Intent`] to `start_service` and is told the [`component::ComponentName`] of what was
//! started, as in Android's `ActivityManagerProxy.startService`. [`records::Records`] is what the service remembers.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod component;
pub mod intent;
pub mod records;

pub use component::ComponentName;
pub use intent::Intent;
