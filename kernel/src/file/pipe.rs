//! Pipes: bytes from those who write to those who read.

use super::stream::{CAPACITY, End, Patience, Stream, Taking};
use super::{Facts, File, OpenFile, Readiness, UserMemory};
use crate::task::{Channel, Flow, Kernel};
use abi::Errno;
use abi::file::OpenFlags;
use abi::poll::PollEvents;
use abi::signal::Signal;
use abi::status::S_IFIFO;
use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

/// The device of files that have no name anywhere.
pub(super) const NAMELESS_DEVICE: u64 = 0xa;

/// What both ends share.
#[derive(Debug)]
struct Pipe {
    inode: u64,
    stream: Stream,
}

/// The end to read from.
#[derive(Debug)]
pub(crate) struct PipeReader(Arc<Pipe>);

/// The end to write to.
#[derive(Debug)]
pub(crate) struct PipeWriter(Arc<Pipe>);

/// Makes a pipe; the end to read from comes first.
pub(crate) fn pipe(flags: OpenFlags) -> (Arc<OpenFile>, Arc<OpenFile>) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let inode = NEXT.fetch_add(1, Ordering::Relaxed);
    let stream = Stream::new(Channel::new(), Channel::new());
    let pipe = Arc::new(Pipe { inode, stream });
    let path = format!("pipe:[{inode}]").into_bytes();
    let reader = Box::new(PipeReader(Arc::clone(&pipe)));
    let writer = Box::new(PipeWriter(pipe));
    (
        OpenFile::nameless(reader, flags, path.clone()),
        OpenFile::nameless(writer, flags | OpenFlags::WRITE_ONLY, path),
    )
}

impl Pipe {
    fn facts(&self) -> Facts {
        Facts {
            device: NAMELESS_DEVICE,
            inode: self.inode,
            mode: S_IFIFO | 0o600,
            links: 1,
            ..Facts::default()
        }
    }
}

impl File for PipeReader {
    fn read(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        self.0.stream.read(kernel, into, Taking::Takes)
    }

    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let look = self.0.stream.look();
        let mut events = PollEvents::empty();
        if look.has_bytes {
            events |= PollEvents::READABLE;
        }
        if look.writer == End::Closed {
            events |= PollEvents::HANG_UP;
        }
        Ok(Readiness {
            events,
            channel: Some(self.0.stream.filled()),
            changes: Some(look.put),
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
        self.0.stream.control(request, argument)
    }

    fn facts(&self) -> Facts {
        self.0.facts()
    }

    fn release(&self, kernel: &mut Kernel) {
        self.0.stream.close_reader(kernel);
    }

    fn pipe_capacity(&self) -> Option<usize> {
        Some(CAPACITY)
    }
}

impl File for PipeWriter {
    fn write(
        &self,
        kernel: &mut Kernel,
        open: &OpenFile,
        from: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        let written = self.0.stream.write(kernel, from, Patience::of(open));
        if written == Err(Errno::EPIPE.into()) {
            kernel.raise(Signal::SIGPIPE);
        }
        written
    }

    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let look = self.0.stream.look();
        let mut events = PollEvents::empty();
        if look.has_room {
            events |= PollEvents::WRITABLE;
        }
        if look.reader == End::Closed {
            events |= PollEvents::ERROR;
        }
        Ok(Readiness {
            events,
            channel: Some(self.0.stream.drained()),
            changes: Some(look.taken),
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
        self.0.stream.control(request, argument)
    }

    fn facts(&self) -> Facts {
        self.0.facts()
    }

    fn release(&self, kernel: &mut Kernel) {
        self.0.stream.close_writer(kernel);
    }

    fn pipe_capacity(&self) -> Option<usize> {
        Some(CAPACITY)
    }
}
