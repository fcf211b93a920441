//! The stage: plays a script with actors and prints what happened.
//!
//! After each step the stage waits until everything has come to rest, then collects what has ended. So a line of
//! the trace says what a step did, and lines that begin with `..` say what it made other threads return. A thread
//! that has not come back is `blocked`. The stage's waiting costs little where it matters: under `--icount` idle
//! time passes at once.

mod actor;
mod arena;
mod cast;
mod channel;
mod debug;
mod names;
mod request;
mod returns;
mod show;

pub(crate) use cast::Stage;
pub(crate) use channel::Channel;
pub(crate) use returns::transactions;
