//! The two legacy interrupt controllers, which bring the serial port's interrupts through the local APIC.

use super::idt::LEGACY;
use x86_64::instructions::port::Port;

/// The lines that are let through: the serial port's.
const OPEN_LINES: u8 = 1 << 4;

/// The ports of one controller.
struct Controller {
    command: Port<u8>,
    data: Port<u8>,
}

impl Controller {
    const fn new(base: u16) -> Self {
        Self {
            command: Port::new(base),
            data: Port::new(base + 1),
        }
    }

    /// Gives it a base vector and its place in the cascade, and closes all lines but the open ones.
    fn initialise(&mut self, base: u8, cascade: u8, open: u8) {
        // SAFETY: the start of the initialisation sequence.
        unsafe { self.command.write(0x11) };
        for word in [base, cascade, 0x01, !open] {
            // SAFETY: the words that the sequence asks for, then the mask.
            unsafe { self.data.write(word) };
        }
    }
}

/// Moves the legacy interrupts out of the exceptions' way and closes all but those in use.
pub(super) fn initialise() {
    Controller::new(0x20).initialise(LEGACY, 1 << 2, OPEN_LINES);
    Controller::new(0xa0).initialise(LEGACY + 8, 2, 0);
}

/// Says that the interrupt in service is done.
pub(super) fn end_of_interrupt() {
    // SAFETY: the non-specific end of interrupt.
    unsafe { Port::<u8>::new(0x20).write(0x20) };
}
