//! The binder device, safely.
//!
//! There are two ways to it. [`Device`] is for libraries: commands are built by [`Commands`], returns are taken apart
//! by [`Returns`], and a received message is a [`Delivered`] value that lends its bytes where they lie, until it is
//! given back to the driver. Because nothing else can free a buffer of such a device, no lent byte ever vanishes.
//!
//! [`RawDevice`] is for programs that test the driver itself: any bytes may be written to it, right or wrong. So it
//! lends nothing; what the driver writes goes to a [`Mapping`](crate::memory::Mapping), and is read by copying.

mod commands;
mod control;
mod delivered;
mod device;
mod raw;
mod returns;

pub use commands::Commands;
pub use delivered::Delivered;
pub use device::{Device, Exchange};
pub use raw::{MapSharing, RawDevice};
pub use returns::{Incoming, Return, Returns};
