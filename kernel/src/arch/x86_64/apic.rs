//! The local APIC: the timer, and the end of interrupts.

use super::idt::{SPURIOUS, TIMER};
use super::{cpu, pic};
use crate::mm;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};
use x86_64::registers::model_specific::Msr;

/// Registers, by their number: the offset in memory is sixteen times it, the model-specific register 0x800 more.
#[derive(Clone, Copy)]
enum Register {
    TaskPriority = 0x08,
    EndOfInterrupt = 0x0b,
    Spurious = 0x0f,
    LocalTimer = 0x32,
    LocalLint0 = 0x35,
    LocalLint1 = 0x36,
    LocalError = 0x37,
    InitialCount = 0x38,
    CurrentCount = 0x39,
    Divide = 0x3e,
}

/// The base register's bits: enabled, and reached by model-specific registers.
const ENABLED: u64 = 1 << 11;
const X2APIC: u64 = 1 << 10;
/// An entry of the local vector table that is switched off.
const MASKED: u32 = 1 << 16;
/// An entry that takes its vector from the legacy interrupt controller.
const EXTERNAL: u32 = 7 << 8;
/// An entry that is a non-maskable interrupt.
const NON_MASKABLE: u32 = 4 << 8;
/// The timer compares with the time stamp counter.
const TSC_DEADLINE: u32 = 2 << 17;
/// The timer counts at the full rate.
const DIVIDE_BY_1: u32 = 0b1011;

/// Where the registers are mapped; 0 when they are model-specific registers.
static MAPPED: AtomicU64 = AtomicU64::new(0);

/// Switches the local APIC on, with its timer silent.
pub(super) fn initialise() {
    let mut base = Msr::new(0x1b);
    // SAFETY: every processor with long mode has this register.
    let mut value = unsafe { base.read() };
    if cpu::current().features().x2apic {
        value |= X2APIC;
    } else {
        let physical = value & 0x000f_ffff_ffff_f000;
        MAPPED.store(mm::map_device(physical), Ordering::Relaxed);
    }
    // SAFETY: the mode is one that the processor has.
    unsafe { base.write(value | ENABLED) };
    write(Register::TaskPriority, 0);
    write(Register::Spurious, 0x100 | u32::from(SPURIOUS));
    write(Register::LocalError, MASKED);
    write(Register::LocalLint0, EXTERNAL);
    write(Register::LocalLint1, NON_MASKABLE);
    write(Register::Divide, DIVIDE_BY_1);
    write(Register::LocalTimer, MASKED | u32::from(TIMER));
    pic::initialise();
}

/// Says that the interrupt in service is done.
pub(super) fn end_of_interrupt() {
    write(Register::EndOfInterrupt, 0);
}

/// Lets the timer count down from its largest value without interrupting, for calibration.
pub(super) fn start_counting() {
    write(Register::LocalTimer, MASKED | u32::from(TIMER));
    write(Register::InitialCount, u32::MAX);
}

/// How far the timer has counted since [`start_counting`].
pub(super) fn counted() -> u32 {
    u32::MAX - read(Register::CurrentCount)
}

/// Makes the timer interrupt after a number of its counts.
pub(super) fn count_down(counts: u32) {
    write(Register::LocalTimer, u32::from(TIMER));
    write(Register::InitialCount, counts);
}

/// Makes the timer interrupt when the time stamp counter reaches a value; 0 is never.
pub(super) fn set_deadline(counter: u64) {
    write(Register::LocalTimer, TSC_DEADLINE | u32::from(TIMER));
    // SAFETY: the processor has this register if the mode exists.
    unsafe { Msr::new(0x6e0).write(counter) };
}

fn write(register: Register, value: u32) {
    match MAPPED.load(Ordering::Relaxed) {
        // SAFETY: in this mode the registers are model-specific ones.
        0 => unsafe { Msr::new(0x800 + register as u32).write(u64::from(value)) },
        // SAFETY: the page is mapped as device memory for good.
        page => unsafe { ptr::write_volatile((page + register as u64 * 16) as *mut u32, value) },
    }
}

fn read(register: Register) -> u32 {
    match MAPPED.load(Ordering::Relaxed) {
        // SAFETY: as in `write`.
        0 => unsafe { Msr::new(0x800 + register as u32).read() as u32 },
        // SAFETY: as in `write`.
        page => unsafe { ptr::read_volatile((page + register as u64 * 16) as *const u32) },
    }
}
