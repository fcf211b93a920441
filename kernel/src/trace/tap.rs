//! Where the driver's events go during a call.

use super::Tracer;
use super::machine::to_record;
use crate::task::{Pid, TaskId};
use binder_driver::Event;

/// Takes the driver's events during a call.
pub(crate) trait Recorder {
    /// Takes an event of the calling thread. It is made only if somebody wants it.
    fn record(&mut self, event: impl FnOnce() -> Event);
}

/// Takes nothing. The driver's code for it has no trace of events.
#[derive(Debug)]
pub(crate) struct Silent;

impl Recorder for Silent {
    #[inline(always)]
    fn record(&mut self, _event: impl FnOnce() -> Event) {}
}

/// Takes what the tracer wants.
#[derive(Debug)]
pub(crate) struct Tap<'a> {
    /// The tracer.
    pub(crate) tracer: &'a mut Tracer,
    /// The caller.
    pub(crate) process: Pid,
    /// Its thread.
    pub(crate) thread: TaskId,
}

impl Recorder for Tap<'_> {
    #[inline]
    fn record(&mut self, event: impl FnOnce() -> Event) {
        if self.tracer.is_on() {
            let event = to_record(event());
            self.tracer.record(self.process, self.thread, event);
        }
    }
}
