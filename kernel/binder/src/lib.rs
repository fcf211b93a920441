//! The binder driver as a value: a state machine that knows no hardware.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod buffer;
mod call;
mod check;
mod commands;
mod context;
mod count;
mod death;
mod debug;
mod deliver;
mod driver;
mod effects;
mod exit;
mod free;
mod freeze;
mod freeze_notification;
mod handles;
mod hash;
mod ioctl;
mod list;
mod log;
mod machine;
mod manager;
mod message;
mod node;
mod objects;
mod order;
mod poll;
mod proc;
mod read;
mod receive;
mod reference;
mod region;
mod reply;
mod returns;
mod stats;
mod table;
mod thread;
mod trace;
mod transaction;
mod work;
mod write;

#[cfg(test)]
mod random;

pub use context::Context;
pub use debug::DebugFile;
pub use driver::{Blocking, Driver};
pub use effects::{Effect, EffectList, Effects, Outcome, Resumption, Step};
pub use machine::{Fault, FileId, Machine, NoMemory, Pid, TaskId, UserAddress, WindowId};
pub use region::MapAccess;
pub use stats::Counts;
pub use table::{ProcId, ThreadId};
pub use trace::{Event, SentKind};
