//! Tracing: what binder does, recorded into a ring while somebody wants to know.
//!
//! Off, it costs one look at a flag for each call into the driver and for each switch: the driver is compiled twice,
//! and only the second form, which runs while the flag is set, makes events. What is recorded is [`abi::trace`]'s.
//! `ITrace` turns it on and off and reads it; the boot tool finds it in the machine's memory by its table.

mod machine;
mod names;
mod ring;
mod tap;
mod tracer;

pub(crate) use tap::{Recorder, Silent, Tap};
pub(crate) use tracer::Tracer;
