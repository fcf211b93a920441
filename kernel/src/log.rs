//! The kernel log: lines on the second serial port, the last of them kept for readers.

use crate::arch::{serial, time};
use crate::sync::Mutex;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// How many bytes of the log are kept.
const KEPT: usize = 16 * 1024;

/// The last bytes written, as a ring.
struct Ring {
    bytes: [u8; KEPT],
    written: usize,
}

static RING: Mutex<Ring> = Mutex::new(Ring {
    bytes: [0; KEPT],
    written: 0,
});

/// Where a line's bytes go.
struct Sink;

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        serial::log().write(text.as_bytes());
        // After a panic in the middle of a line the ring stays locked; the port still gets everything.
        if let Some(mut ring) = RING.try_lock() {
            for byte in text.bytes() {
                let at = ring.written % KEPT;
                ring.bytes[at] = byte;
                ring.written += 1;
            }
        }
        Ok(())
    }
}

/// Writes one line: seconds since boot, then the text.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    let now = time::now();
    // The sink never fails.
    let _ = writeln!(
        Sink,
        "[{:4}.{:06}] {text}",
        now / 1_000_000_000,
        now / 1_000 % 1_000_000
    );
}

/// What is kept of the log, oldest byte first.
pub(crate) fn recent() -> Vec<u8> {
    let ring = RING.lock();
    let at = ring.written % KEPT;
    if ring.written < KEPT {
        ring.bytes[..at].to_vec()
    } else {
        [&ring.bytes[at..], &ring.bytes[..at]].concat()
    }
}

/// Writes a line to the kernel log.
#[macro_export]
macro_rules! log {
    ($($text:tt)*) => { $crate::log::line(format_args!($($text)*)) };
}
