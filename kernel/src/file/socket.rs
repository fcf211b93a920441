//! Pairs of connected sockets: a stream in each direction.

use super::stream::{End, Patience, Stream, Taking};
use super::{Facts, File, NAMELESS_DEVICE, OpenFile, Readiness, UserMemory};
use crate::task::{Channel, Flow, Kernel};
use abi::Errno;
use abi::file::OpenFlags;
use abi::poll::PollEvents;
use abi::signal::Signal;
use abi::status::S_IFSOCK;
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

/// One of a pair.
#[derive(Debug)]
pub(crate) struct Socket {
    inode: u64,
    incoming: Arc<Stream>,
    outgoing: Arc<Stream>,
}

/// Makes a pair.
pub(crate) fn socket_pair(flags: OpenFlags) -> (Arc<OpenFile>, Arc<OpenFile>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Whoever waits at an end waits on one channel, whatever he waits for.
    let (one, other) = (Channel::new(), Channel::new());
    let to_other = Arc::new(Stream::new(other, one));
    let to_one = Arc::new(Stream::new(one, other));
    let open = |incoming: &Arc<Stream>, outgoing: &Arc<Stream>| {
        let inode = NEXT.fetch_add(1, Ordering::Relaxed);
        let socket = Socket {
            inode,
            incoming: Arc::clone(incoming),
            outgoing: Arc::clone(outgoing),
        };
        let name = format!("socket:[{inode}]").into_bytes();
        OpenFile::nameless(Box::new(socket), flags | OpenFlags::READ_WRITE, name)
    };
    (open(&to_one, &to_other), open(&to_other, &to_one))
}

impl Socket {
    /// Reads.
    ///
    /// # Errors
    ///
    /// EFAULT; ECONNRESET once if the other end was closed with bytes unread.
    pub(crate) fn receive(
        &self,
        kernel: &mut Kernel,
        into: &mut UserMemory,
        taking: Taking,
    ) -> Result<usize, Flow> {
        self.incoming.read(kernel, into, taking)
    }

    /// Writes, without SIGPIPE.
    ///
    /// # Errors
    ///
    /// EPIPE if the other end will not read, EFAULT, ENOMEM.
    pub(crate) fn send(
        &self,
        kernel: &mut Kernel,
        from: &mut UserMemory,
        patience: Patience,
    ) -> Result<usize, Flow> {
        self.outgoing.write(kernel, from, patience)
    }

    /// Gives up reading.
    pub(crate) fn stop_reading(&self, kernel: &mut Kernel) {
        self.incoming.close_reader(kernel);
    }

    /// Gives up writing.
    pub(crate) fn stop_writing(&self, kernel: &mut Kernel) {
        self.outgoing.close_writer(kernel);
    }

    /// The error that the next read would meet; it is forgotten.
    pub(crate) fn take_error(&self) -> Option<Errno> {
        self.incoming.take_reset().then_some(Errno::ECONNRESET)
    }
}

impl File for Socket {
    fn read(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        self.receive(kernel, into, Taking::Takes)
    }

    fn write(
        &self,
        kernel: &mut Kernel,
        open: &OpenFile,
        from: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        let written = self.send(kernel, from, Patience::of(open));
        if written == Err(Errno::EPIPE.into()) {
            kernel.raise(Signal::SIGPIPE);
        }
        written
    }

    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let (incoming, outgoing) = (self.incoming.look(), self.outgoing.look());
        let no_more_in = incoming.reader == End::Closed || incoming.writer == End::Closed;
        let no_more_out = outgoing.reader == End::Closed || outgoing.writer == End::Closed;
        let mut events = PollEvents::empty();
        if incoming.has_bytes || no_more_in {
            events |= PollEvents::READABLE;
        }
        if no_more_in {
            events |= PollEvents::READ_HANG_UP;
        }
        if no_more_in && no_more_out {
            events |= PollEvents::HANG_UP;
        }
        if incoming.is_reset {
            events |= PollEvents::ERROR;
        }
        if outgoing.has_room {
            events |= PollEvents::WRITABLE | PollEvents::WRITE_BAND;
        }
        Ok(Readiness {
            events,
            channel: Some(self.incoming.filled()),
            changes: Some(incoming.put.wrapping_add(outgoing.taken)),
        })
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn control(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        request: u32,
        argument: u64,
    ) -> Result<u64, Flow> {
        self.incoming.control(request, argument)
    }

    fn facts(&self) -> Facts {
        Facts {
            device: NAMELESS_DEVICE,
            inode: self.inode,
            mode: S_IFSOCK | 0o777,
            links: 1,
            ..Facts::default()
        }
    }

    fn release(&self, kernel: &mut Kernel) {
        if self.incoming.close_reader(kernel) {
            self.outgoing.reset();
        }
        self.outgoing.close_writer(kernel);
    }
}
