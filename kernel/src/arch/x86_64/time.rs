//! Time: the time stamp counter tells it, the local APIC's timer announces it, the clock chip knows the date.
//!
//! The counter's rate comes from the processor where it tells, otherwise from a short measurement against the
//! programmable interval timer. Both are deterministic when the emulator counts instructions.

use super::{apic, cpu};
use crate::sync::Once;
use binder_driver::Ticks;
use core::arch::asm;
use core::arch::x86_64::{__cpuid, _rdtsc};
use core::sync::atomic::{AtomicU64, Ordering};
use x86_64::instructions::port::Port;

/// Ticks per second of the interval timer.
const INTERVAL_RATE: u64 = 1_193_182;
/// How many of its ticks one measurement takes: half a millisecond.
const MEASURED: u16 = 597;
/// How many measurements are made at most until two agree.
const ATTEMPTS: usize = 9;
const SECOND: u64 = 1_000_000_000;

/// How counters become nanoseconds.
struct Clock {
    /// The counter at boot.
    start: u64,
    /// Counts per second.
    rate: u64,
    /// Nanoseconds per count, times 2³².
    scale: u64,
    /// Counts of the APIC's timer per nanosecond, times 2³²; 0 when it compares with the counter.
    timer_scale: u64,
    /// Nanoseconds from 1970 to boot.
    date: u64,
}

static CLOCK: Once<Clock> = Once::new();

/// The counter when the kernel began.
static BEGIN: AtomicU64 = AtomicU64::new(0);

/// Time begins.
pub(super) fn begin() {
    BEGIN.store(counter(), Ordering::Relaxed);
}

/// Finds out the rates.
pub(super) fn initialise() {
    let deadline = cpu::current().features().tsc_deadline;
    let known = told_rate();
    let (rate, timer_rate) = match known {
        Some(rate) if deadline => (rate, 0),
        _ => {
            let (measured, timer) = measure();
            (known.unwrap_or(measured), if deadline { 0 } else { timer })
        }
    };
    CLOCK.call_once(|| Clock {
        start: BEGIN.load(Ordering::Relaxed),
        rate,
        scale: fraction(SECOND, rate),
        timer_scale: fraction(timer_rate, SECOND),
        date: read_clock_chip() * SECOND,
    });
}

/// `numerator / denominator`, times 2³².
fn fraction(numerator: u64, denominator: u64) -> u64 {
    ((u128::from(numerator) << 32) / u128::from(denominator)) as u64
}

/// `value * fraction / 2³²`.
#[inline]
fn scaled(value: u64, fraction: u64) -> u64 {
    ((u128::from(value) * u128::from(fraction)) >> 32) as u64
}

#[inline(always)]
fn counter() -> u64 {
    // SAFETY: reading the counter has no effect.
    unsafe { _rdtsc() }
}

/// The rate, where the processor or a hypervisor tells it.
fn told_rate() -> Option<u64> {
    if __cpuid(0).eax >= 0x15 {
        let ratio = __cpuid(0x15);
        if ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0 {
            return Some(u64::from(ratio.ecx) * u64::from(ratio.ebx) / u64::from(ratio.eax));
        }
    }
    let hypervisor = __cpuid(1).ecx >> 31 != 0 && __cpuid(0x4000_0000).eax >= 0x4000_0010;
    let kilohertz = if hypervisor { __cpuid(0x4000_0010).eax } else { 0 };
    (kilohertz != 0).then(|| u64::from(kilohertz) * 1000)
}

/// Measures the counter and the APIC's timer: their counts per second.
///
/// Under an emulator a measurement may be disturbed, so the first that another agrees with to 1 % counts, or else the
/// median of all.
fn measure() -> (u64, u64) {
    let mut measured = [(0, 0); ATTEMPTS];
    for attempt in 0..ATTEMPTS {
        let (rate, timer) = measure_once();
        if measured[..attempt]
            .iter()
            .any(|(other, _)| rate.abs_diff(*other) < rate / 100)
        {
            return (rate, timer);
        }
        measured[attempt] = (rate, timer);
    }
    binder_driver::sort_by_key(&mut measured, |&pair| pair);
    measured[ATTEMPTS / 2]
}

/// One measurement.
fn measure_once() -> (u64, u64) {
    let mut gate = Port::<u8>::new(0x61);
    let mut command = Port::<u8>::new(0x43);
    let mut channel = Port::<u8>::new(0x42);
    // SAFETY: channel 2 drives the speaker; its gate is closed, its output is not connected.
    let before = unsafe { gate.read() } & !3;
    // SAFETY: as above.
    unsafe { gate.write(before) };
    // SAFETY: channel 2, both bytes, interrupt on terminal count.
    unsafe { command.write(0xb0) };
    let [low, high] = MEASURED.to_le_bytes();
    // SAFETY: the count's low byte.
    unsafe { channel.write(low) };
    // SAFETY: its high byte.
    unsafe { channel.write(high) };
    // SAFETY: the gate opens, counting begins.
    unsafe { gate.write(before | 1) };
    apic::start_counting();
    let start = counter();
    // SAFETY: bit 5 is the channel's output.
    while unsafe { gate.read() } & 1 << 5 == 0 {}
    let (counts, timer) = (counter() - start, apic::counted());
    // SAFETY: as found, with the gate closed.
    unsafe { gate.write(before) };
    let per_second = |counts: u64| counts * INTERVAL_RATE / u64::from(MEASURED);
    (per_second(counts), per_second(u64::from(timer)))
}

/// The clock that is read at the least cost, in ticks of its own.
#[inline(always)]
pub(crate) fn ticks() -> Ticks {
    let (low, high);
    // SAFETY: reading the counter has no effect.
    unsafe { asm!("rdtsc", out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags)) };
    Ticks { low, high }
}

/// How many milliseconds there are in some ticks.
pub(crate) fn milliseconds(ticks: u64) -> u64 {
    CLOCK.get().map_or(0, |clock| scaled(ticks, clock.scale)) / (SECOND / 1000)
}

/// Nanoseconds since boot.
#[inline]
pub(crate) fn now() -> u64 {
    CLOCK
        .get()
        .map_or(0, |clock| scaled(counter() - clock.start, clock.scale))
}

/// Nanoseconds since 1970.
pub(crate) fn unix() -> u64 {
    CLOCK.get().map_or(0, |clock| clock.date) + now()
}

/// Asks for [`Trap::Timer`](super::Trap::Timer) at a time since boot; at once if it has passed. The last request counts.
pub(crate) fn arm(deadline: u64) {
    let Some(clock) = CLOCK.get() else { return };
    if clock.timer_scale == 0 {
        let counts = u128::from(deadline) * u128::from(clock.rate) / u128::from(SECOND);
        apic::set_deadline(clock.start.saturating_add(counts as u64).max(1));
    } else {
        let counts = scaled(deadline.saturating_sub(now()), clock.timer_scale);
        // A deadline too far for the timer interrupts early; whoever armed it arms it again.
        apic::count_down(counts.clamp(1, u64::from(u32::MAX)) as u32);
    }
}

/// Withdraws the request.
pub(crate) fn disarm() {
    match CLOCK.get() {
        Some(clock) if clock.timer_scale == 0 => apic::set_deadline(0),
        Some(_) => apic::count_down(0),
        None => {}
    }
}

/// Seconds since 1970 by the clock chip.
fn read_clock_chip() -> u64 {
    const UPDATING: u8 = 1 << 7;
    let mut index = Port::<u8>::new(0x70);
    let mut data = Port::<u8>::new(0x71);
    let mut register = |number: u8| {
        // SAFETY: chooses a register; non-maskable interrupts stay on.
        unsafe { index.write(number) };
        // SAFETY: reads it.
        unsafe { data.read() }
    };
    let mut read = || {
        let mut patience = 1_000_000;
        while register(0x0a) & UPDATING != 0 && patience > 0 {
            patience -= 1;
        }
        [0x00, 0x02, 0x04, 0x07, 0x08, 0x09].map(&mut register)
    };
    let mut fields = read();
    loop {
        let again = read();
        if again == fields {
            break;
        }
        fields = again;
    }
    let binary = register(0x0b) & 1 << 2 != 0;
    let [second, minute, hour, day, month, year] = fields.map(|field| {
        u64::from(if binary {
            field
        } else {
            (field >> 4) * 10 + (field & 15)
        })
    });
    let days = days_before(2000 + year, month.clamp(1, 12)) + day.max(1) - 1;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

/// Days from 1970 to the first of a month.
fn days_before(year: u64, month: u64) -> u64 {
    // Counting years from March puts the leap day at their end.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    const TO_1970: u64 = 719_468;
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 - TO_1970
}
