//! Tracing: what binder does, recorded into a ring while somebody wants to know.
//!
//! Off, it costs one look at a flag for each call into the driver and for each switch. The driver's direct way makes no
//! events and is taken only then; its general way asks before it makes one. What is recorded is [`abi::trace`]'s.
//! `ITrace` turns it on and off and reads it; the boot tool finds it in the machine's memory by its table.

mod machine;
mod names;
mod ring;
mod tap;
mod tracer;

pub(crate) use tap::{Recorder, Silent, Tap};
pub(crate) use tracer::Tracer;
