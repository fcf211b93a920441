//! Switching off.

use crate::log;
use x86_64::instructions::port::Port;
use x86_64::instructions::{hlt, interrupts};

/// The emulator's debug exit device, and what it is told.
const DEBUG_EXIT: u16 = 0xf4;
const ENDED: u32 = 0x10;
const PANICKED: u32 = 0x32;

/// Ports and values that switch off the emulators' machines: PIIX4, ICH9, Bochs.
const POWER_MANAGEMENT: [(u16, u16); 3] = [(0x604, 0x2000), (0x600, 0x2000), (0xb004, 0x2000)];

/// Ends everything, with a status for whoever started the machine.
pub(crate) fn power_off(status: u8) -> ! {
    log!("power: off, status {status}");
    exit(ENDED);
}

/// Ends everything after a panic.
pub(crate) fn halt_after_panic() -> ! {
    exit(PANICKED);
}

fn exit(value: u32) -> ! {
    // SAFETY: ends the emulator; nothing listens elsewhere.
    unsafe { Port::<u32>::new(DEBUG_EXIT).write(value) };
    if value == ENDED {
        for (port, value) in POWER_MANAGEMENT {
            // SAFETY: asks for the soft-off state.
            unsafe { Port::<u16>::new(port).write(value) };
        }
    }
    loop {
        interrupts::disable();
        hlt();
    }
}

/// Starts the machine anew.
pub(crate) fn reboot() -> ! {
    log!("power: reboot");
    // SAFETY: the reset control register: a full reset.
    unsafe { Port::<u8>::new(0xcf9).write(0x06) };
    // SAFETY: the keyboard controller's reset line, for older machines.
    unsafe { Port::<u8>::new(0x64).write(0xfe) };
    loop {
        interrupts::disable();
        hlt();
    }
}
