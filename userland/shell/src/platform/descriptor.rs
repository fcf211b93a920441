//! Open files that close themselves.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use abi::Errno;
use rt::syscall;

/// A file descriptor; closed with its last clone.
#[derive(Clone)]
pub(crate) struct Descriptor(Arc<Owned>);

struct Owned {
    number: i32,
    origin: Origin,
}

/// Who closes a descriptor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The shell opened it.
    Opened,
    /// The shell was started with it.
    Inherited,
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.origin == Origin::Opened {
            // The number is the shell's own and this was its last use; there is nothing to do about an error.
            let _ = syscall::close(self.number);
        }
    }
}

impl Descriptor {
    /// A descriptor that was just opened.
    pub(crate) fn opened(number: i32) -> Self {
        Self(Arc::new(Owned {
            number,
            origin: Origin::Opened,
        }))
    }

    /// One of the descriptors a program starts with.
    pub(crate) fn inherited(number: i32) -> Self {
        Self(Arc::new(Owned {
            number,
            origin: Origin::Inherited,
        }))
    }

    /// Its number.
    pub(crate) fn number(&self) -> i32 {
        self.0.number
    }

    /// Reads everything up to the file's end.
    pub(crate) fn read_all(&self) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 1024];
        loop {
            match syscall::read(self.number(), &mut buffer) {
                Ok(0) => return Ok(bytes),
                Ok(count) => bytes.extend_from_slice(&buffer[..count]),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl fmt::Write for Descriptor {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        syscall::write_all(self.number(), text.as_bytes()).map_err(|_| fmt::Error)
    }
}
