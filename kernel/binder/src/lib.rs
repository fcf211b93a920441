//! The binder driver as a value: a state machine that knows no hardware.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod buffer;
mod context;
mod driver;
mod effects;
mod handles;
mod hash;
mod list;
mod machine;
mod table;
mod trace;

#[cfg(test)]
mod random;

pub use context::Context;
pub use driver::{Blocking, Counts, DebugFile, Driver, MapAccess};
pub use effects::{Effect, EffectList, Effects, Outcome, Resumption, Step};
pub use machine::{Fault, FileId, Machine, NoMemory, Pid, TaskId, UserAddress, WindowId};
pub use table::{ProcId, ThreadId};
pub use trace::{Event, SentKind};
