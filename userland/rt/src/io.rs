//! Printing.
//!
//! Each `print!` is one write(2), however many pieces its format has, so that lines of several threads and processes
//! do not mix. Text beyond the buffer goes out in several.

use crate::syscall::write_all;
use core::fmt;

/// Standard input's descriptor.
pub const INPUT: i32 = 0;
/// Standard output's descriptor.
pub const OUTPUT: i32 = 1;
/// Standard error's descriptor.
pub const ERROR: i32 = 2;

/// Bytes that one write takes together.
const BUFFER: usize = 1024;

/// A descriptor with a buffer in front. What is left goes out when it is dropped.
pub struct Standard {
    fd: i32,
    used: usize,
    buffer: [u8; BUFFER],
}

impl Standard {
    const fn new(fd: i32) -> Self {
        Self {
            fd,
            used: 0,
            buffer: [0; BUFFER],
        }
    }

    /// Standard output.
    pub const fn output() -> Self {
        Self::new(OUTPUT)
    }

    /// Standard error.
    pub const fn error() -> Self {
        Self::new(ERROR)
    }

    /// Any other descriptor.
    pub const fn to(fd: i32) -> Self {
        Self::new(fd)
    }

    /// Writes out what the buffer holds. Errors are dropped: there is nobody to tell.
    pub fn flush(&mut self) {
        let bytes = self.buffer.get(..self.used).unwrap_or_default();
        let _ = write_all(self.fd, bytes);
        self.used = 0;
    }
}

impl fmt::Write for Standard {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            if self.used == BUFFER {
                self.flush();
            }
            let count = bytes.len().min(BUFFER - self.used);
            let (now, later) = bytes.split_at(count);
            if let Some(room) = self.buffer.get_mut(self.used..self.used + count) {
                room.copy_from_slice(now);
            }
            self.used += count;
            bytes = later;
        }
        Ok(())
    }
}

impl Drop for Standard {
    fn drop(&mut self) {
        self.flush();
    }
}

/// What the print macros expand to.
#[doc(hidden)]
pub fn print(mut to: Standard, arguments: fmt::Arguments<'_>) {
    // A value that fails to format prints as far as it got.
    let _ = fmt::Write::write_fmt(&mut to, arguments);
}

/// Prints to standard output.
#[macro_export]
macro_rules! print {
    ($($argument:tt)*) => {
        $crate::io::print($crate::io::Standard::output(), ::core::format_args!($($argument)*))
    };
}

/// Prints a line to standard output.
#[macro_export]
macro_rules! println {
    () => { $crate::print!("\n") };
    ($format:literal $(, $($argument:tt)*)?) => {
        $crate::print!("{}\n", ::core::format_args!($format $(, $($argument)*)?))
    };
}

/// Prints to standard error.
#[macro_export]
macro_rules! eprint {
    ($($argument:tt)*) => {
        $crate::io::print($crate::io::Standard::error(), ::core::format_args!($($argument)*))
    };
}

/// Prints a line to standard error.
#[macro_export]
macro_rules! eprintln {
    () => { $crate::eprint!("\n") };
    ($format:literal $(, $($argument:tt)*)?) => {
        $crate::eprint!("{}\n", ::core::format_args!($format $(, $($argument)*)?))
    };
}
