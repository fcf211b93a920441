//! Where the driver's events go during a call.

use super::Tracer;
use super::machine::to_record;
use crate::task::{Pid, TaskId};
use abi::parcel::Reader;
use abi::trace::Text;
use binder_driver::Event;

/// How much of a message is looked at for the interface that it is addressed to.
const HEAD: usize = 160;

/// Takes the driver's events during a call.
pub(crate) trait Recorder {
    /// Whether it takes any.
    const TAKES: bool;

    /// Takes an event of the calling thread.
    fn record(&mut self, event: Event);

    /// Bytes of a message came to this place of a region. Its first bytes can be read, and how many those are is
    /// answered.
    fn copied(&mut self, to: usize, read: impl FnOnce(&mut [u8; HEAD]) -> usize);
}

/// Takes nothing. The driver's code for it has no trace of events.
#[derive(Debug)]
pub(crate) struct Silent;

impl Recorder for Silent {
    const TAKES: bool = false;

    #[inline(always)]
    fn record(&mut self, _event: Event) {}

    #[inline(always)]
    fn copied(&mut self, _to: usize, _read: impl FnOnce(&mut [u8; HEAD]) -> usize) {}
}

/// Takes what the tracer wants.
#[derive(Debug)]
pub(crate) struct Tap<'a> {
    tracer: &'a mut Tracer,
    process: Pid,
    thread: TaskId,
    /// Where the message that is being sent begins in its region.
    message: Option<usize>,
}

impl<'a> Tap<'a> {
    /// For a thread that calls the driver.
    pub(crate) fn new(tracer: &'a mut Tracer, process: Pid, thread: TaskId) -> Self {
        Self {
            tracer,
            process,
            thread,
            message: None,
        }
    }
}

impl Recorder for Tap<'_> {
    const TAKES: bool = true;

    fn record(&mut self, event: Event) {
        if self.tracer.is_on() {
            if let Event::BufferAllocated { offset, .. } = event {
                self.message = Some(offset);
            }
            self.tracer.record(self.process, self.thread, to_record(event));
        }
    }

    fn copied(&mut self, to: usize, read: impl FnOnce(&mut [u8; HEAD]) -> usize) {
        if self.message.take_if(|message| *message == to).is_none() {
            return;
        }
        let mut head = [0; HEAD];
        let length = read(&mut head);
        // Only what begins with the present form of a token is known to be one.
        if let Ok(token) = Reader::new(&head[..length], &[]).read_token()
            && token.header.is_some()
        {
            let name = Text::new(&token.descriptor);
            self.tracer
                .record(self.process, self.thread, abi::trace::Event::Interface { name });
        }
    }
}
