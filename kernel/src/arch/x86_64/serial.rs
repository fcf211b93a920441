//! The serial ports: the first for programs, the second for the kernel log.

use crate::sync::Mutex;
use x86_64::instructions::port::{PortGeneric, ReadWriteAccess};

type Register = PortGeneric<u8, ReadWriteAccess>;

/// How many received bytes wait at most for a reader.
const RECEIVED: usize = 1024;
/// How many bytes the transmitter takes at once when it is empty.
const BURST: usize = 16;

/// Line status bits: a byte was received; the transmitter is empty; what a missing port reads as.
const DATA_READY: u8 = 1;
const TRANSMITTER_EMPTY: u8 = 1 << 5;
const MISSING: u8 = 0xff;

/// A 16550 serial port.
pub(crate) struct Port {
    base: u16,
    received: &'static Mutex<Received>,
}

/// Bytes that came and were not read yet, as a ring.
struct Received {
    bytes: [u8; RECEIVED],
    first: usize,
    length: usize,
}

impl Received {
    const fn nothing() -> Mutex<Self> {
        Mutex::new(Self {
            bytes: [0; RECEIVED],
            first: 0,
            length: 0,
        })
    }
}

impl Port {
    const fn new(base: u16, received: &'static Mutex<Received>) -> Self {
        Self { base, received }
    }

    const fn register(&self, number: u16) -> Register {
        Register::new(self.base + number)
    }

    /// Sets the line to 115,200 baud, 8 bits, no parity, with queues, and lets it interrupt for received bytes.
    fn initialise(&self) {
        for (register, value) in [
            (1, 0x00),
            (3, 0x80),
            (0, 0x01),
            (1, 0x00),
            (3, 0x03),
            (2, 0x07),
            (4, 0x0b),
            (1, 0x01),
        ] {
            // SAFETY: the port's registers in the order in which its manual asks for them.
            unsafe { self.register(register).write(value) };
        }
    }

    fn line_status(&self) -> u8 {
        // SAFETY: reading the line status takes nothing away that is used.
        unsafe { self.register(5).read() }
    }

    /// Writes bytes, waiting until the port has taken them. A port that is not there takes everything.
    pub(crate) fn write(&self, bytes: &[u8]) {
        for burst in bytes.chunks(BURST) {
            let mut status = self.line_status();
            while status & TRANSMITTER_EMPTY == 0 {
                core::hint::spin_loop();
                status = self.line_status();
            }
            if status == MISSING {
                return;
            }
            for byte in burst {
                // SAFETY: the transmitter has room.
                unsafe { self.register(0).write(*byte) };
            }
        }
    }

    /// Takes what the port received into memory, from its interrupt. What does not fit is lost.
    pub(super) fn receive(&self) {
        let mut received = self.received.lock();
        loop {
            let status = self.line_status();
            if status & DATA_READY == 0 || status == MISSING {
                return;
            }
            // SAFETY: there is a byte to read.
            let byte = unsafe { self.register(0).read() };
            if received.length < RECEIVED {
                let at = (received.first + received.length) % RECEIVED;
                received.bytes[at] = byte;
                received.length += 1;
            }
        }
    }

    /// The oldest byte received and not read yet.
    pub(crate) fn read(&self) -> Option<u8> {
        let mut received = self.received.lock();
        if received.length == 0 {
            return None;
        }
        let byte = received.bytes[received.first];
        received.first = (received.first + 1) % RECEIVED;
        received.length -= 1;
        Some(byte)
    }
}

// Apart from the ports, the rings are all zero: there is nothing of them in the file that is loaded.
static RINGS: [Mutex<Received>; 2] = [const { Received::nothing() }; 2];
static CONSOLE: Port = Port::new(0x3f8, &RINGS[0]);
static LOG: Port = Port::new(0x2f8, &RINGS[1]);

/// The first port: what programs read and write.
pub(crate) fn console() -> &'static Port {
    &CONSOLE
}

/// The second port: the kernel log.
pub(crate) fn log() -> &'static Port {
    &LOG
}

/// Sets both ports up.
pub(super) fn initialise() {
    CONSOLE.initialise();
    LOG.initialise();
}
