//! Traps: sorting out why ring 0 was entered.

use super::cpu;
use super::fault::{Fault, FaultKind};
use super::{apic, extended_state, idt, pic, serial, switch, user_access};
use crate::mm::{self, Access};
use crate::task::{self, QuickCall};
use x86_64::registers::control::Cr2;

/// Why ring 3 was left, or why an idle CPU woke up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trap {
    /// The program did something that cannot go on.
    Fault(Fault),
    /// The time that was asked for has come.
    Timer,
    /// A device has news.
    Interrupt(Irq),
}

/// The devices that interrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Irq {
    /// The console received bytes.
    Serial,
}

/// What the processor and the stub saved of interrupted ring-0 code.
#[repr(C)]
pub(super) struct Frame {
    rbp: u64,
    return_address: u64,
    scratch: [u64; 9],
    vector: u64,
    code: u64,
    rip: u64,
    cs: u64,
    rflags: u64,
    rsp: u64,
    ss: u64,
}

/// The interrupt flag in `rflags`.
const INTERRUPTS: u64 = 1 << 9;
/// The flag there that `stac` sets: the kernel may touch user memory.
const USER_ACCESS: u64 = 1 << 18;

const PAGE_FAULT: u64 = 14;
const DEVICE_NOT_AVAILABLE: u64 = 7;
/// Bits of a page fault's error code.
const WRITE: u64 = 1 << 1;
const FETCH: u64 = 1 << 4;

/// `BINDER_WRITE_READ` on a descriptor, from the stub of system calls. It does not return there, but goes the way back to
/// ring 3 itself: what a function has to give back to its caller, nobody needs.
#[inline(always)]
pub fn write_read(descriptor: i32, argument: u64) -> ! {
    task::handle_write_read(descriptor, argument);
    switch::return_to_user()
}

/// Any other system call, as [`write_read`].
pub(super) extern "C" fn system_call() -> ! {
    task::handle_system_call();
    switch::return_to_user()
}

/// What a quick call came to, in two registers.
#[repr(C)]
#[derive(Debug)]
pub struct Answer {
    result: i64,
    /// 0 if the call is still to be made.
    is_made: u64,
}

/// A system call of which only a part of the registers is saved yet, from its stub, to which it returns. `call` makes it if
/// it is a quick one.
#[inline(always)]
pub(crate) fn quick_call(number: u64, arguments: [u64; 3], call: impl QuickCall) -> Answer {
    match task::handle_quickly(number, arguments, call) {
        Some(result) => Answer { result, is_made: 1 },
        None => Answer {
            result: 0,
            is_made: 0,
        },
    }
}

/// An exception or interrupt in ring 3, from its stub.
pub(super) extern "C" fn from_user(vector: u64, code: u64) {
    let kind = match vector {
        PAGE_FAULT => {
            let address = Cr2::read_raw();
            let access = access(code);
            let Err(cause) = mm::resolve_fault(address, access) else {
                return;
            };
            FaultKind::Page {
                address,
                access,
                cause,
            }
        }
        DEVICE_NOT_AVAILABLE => {
            let Err(_) = extended_state::claim() else { return };
            FaultKind::NoMemory
        }
        0 => FaultKind::Divide,
        1 => FaultKind::Debug,
        3 => FaultKind::Breakpoint,
        4 => FaultKind::Overflow,
        5 => FaultKind::Bound,
        6 => FaultKind::IllegalInstruction,
        12 => FaultKind::StackSegment,
        16 | 19 => FaultKind::FloatingPoint,
        17 => FaultKind::Alignment,
        _ if vector < u64::from(idt::LEGACY) => FaultKind::Protection,
        _ => {
            if let Some(trap) = interrupt(vector) {
                task::handle(trap);
            }
            return;
        }
    };
    task::handle(Trap::Fault(Fault { kind, code }));
}

/// An exception or interrupt in ring 0, from its stub.
pub(super) extern "C" fn from_kernel(frame: &mut Frame) {
    match frame.vector {
        32.. => {
            let cpu = cpu::current();
            if let Some(trap) = interrupt(frame.vector) {
                cpu.pending.set(cpu.pending.get() | trap.bit());
            }
            // One at a time: the idle loop goes on with interrupts off.
            frame.rflags &= !INTERRUPTS;
        }
        vector => {
            let Some(landing) = user_access::landing(frame.rip) else {
                broken(frame)
            };
            let resolved =
                vector == PAGE_FAULT && mm::resolve_fault(Cr2::read_raw(), access(frame.code)).is_ok();
            if !resolved {
                frame.rip = landing;
                frame.rflags &= !USER_ACCESS;
            }
        }
    }
}

/// An exception where the kernel expects none.
fn broken(frame: &Frame) -> ! {
    let Frame {
        vector, rip, code, ..
    } = frame;
    if *vector == PAGE_FAULT {
        let address = Cr2::read_raw();
        panic!("page fault in the kernel at {rip:#x}, address {address:#x}, code {code:#x}");
    }
    panic!("exception {vector} in the kernel at {rip:#x}, code {code:#x}");
}

/// A fault that leaves no way on, from its stub, on a stack of its own.
pub(super) extern "C" fn fatal(vector: u64, code: u64, rip: u64) -> ! {
    let address = Cr2::read_raw();
    match vector {
        2 => panic!("non-maskable interrupt at {code:#x}"),
        8 if mm::is_stack_guard(address) => panic!("kernel stack overflow at {rip:#x}, address {address:#x}"),
        8 => panic!("double fault at {rip:#x}, last page fault at {address:#x}"),
        _ => panic!("machine check at {code:#x}"),
    }
}

/// Serves an interrupt; what upper layers should know of it.
fn interrupt(vector: u64) -> Option<Trap> {
    match vector as u8 {
        idt::TIMER => {
            apic::end_of_interrupt();
            Some(Trap::Timer)
        }
        idt::SERIAL => {
            serial::console().receive();
            pic::end_of_interrupt();
            Some(Trap::Interrupt(Irq::Serial))
        }
        _ => None,
    }
}

/// What a page fault's error code says was tried.
const fn access(code: u64) -> Access {
    if code & FETCH != 0 {
        Access::Execute
    } else if code & WRITE != 0 {
        Access::Write
    } else {
        Access::Read
    }
}

impl Trap {
    /// The trap's bit among those that wait to be reported by an idle CPU.
    const fn bit(self) -> u8 {
        match self {
            Self::Timer => 1,
            Self::Interrupt(Irq::Serial) => 2,
            Self::Fault(_) => 0,
        }
    }

    /// Takes one trap out of a set of bits.
    pub(super) const fn take(bits: &mut u8) -> Option<Self> {
        let trap = if *bits & Self::Timer.bit() != 0 {
            Self::Timer
        } else if *bits != 0 {
            Self::Interrupt(Irq::Serial)
        } else {
            return None;
        };
        *bits &= !trap.bit();
        Some(trap)
    }
}
