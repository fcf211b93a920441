//! What a program did wrong, as the processor tells it.

use crate::mm::{Access, Denied};
use core::fmt;

/// A fault of ring 3 that nothing below could resolve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What happened.
    pub(crate) kind: FaultKind,
    /// The processor's error code, 0 where there is none.
    pub(crate) code: u64,
}

/// The kinds of fault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// An access to memory that is not there or not allowed.
    Page {
        /// Where.
        address: u64,
        /// What was tried.
        access: Access,
        /// Why it was refused.
        cause: Denied,
    },
    /// A division by zero or one whose result does not fit.
    Divide,
    /// A single step or a hardware breakpoint.
    Debug,
    /// `int3`.
    Breakpoint,
    /// `into`.
    Overflow,
    /// `bound`.
    Bound,
    /// An instruction that does not exist.
    IllegalInstruction,
    /// A privileged instruction, a non-canonical address or a bad selector.
    Protection,
    /// A non-canonical address used through the stack pointer.
    StackSegment,
    /// An unmasked floating-point exception.
    FloatingPoint,
    /// A misaligned access while the program asked to have them checked.
    Alignment,
    /// There is no memory for the thread's extended state.
    NoMemory,
}

/// What derived code would write, in a tenth of the room: the address is hexadecimal always.
impl fmt::Debug for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Page {
                address,
                access,
                cause,
            } => {
                return write!(
                    f,
                    "Page {{ address: {address:x}, access: {access:?}, cause: {cause:?} }}"
                );
            }
            Self::Divide => "Divide",
            Self::Debug => "Debug",
            Self::Breakpoint => "Breakpoint",
            Self::Overflow => "Overflow",
            Self::Bound => "Bound",
            Self::IllegalInstruction => "IllegalInstruction",
            Self::Protection => "Protection",
            Self::StackSegment => "StackSegment",
            Self::FloatingPoint => "FloatingPoint",
            Self::Alignment => "Alignment",
            Self::NoMemory => "NoMemory",
        })
    }
}

impl FaultKind {
    /// Linux's signal for this fault, and the `si_code` that goes with it.
    pub(crate) const fn signal(&self) -> (u32, i32) {
        const SIGILL: u32 = 4;
        const SIGTRAP: u32 = 5;
        const SIGBUS: u32 = 7;
        const SIGFPE: u32 = 8;
        const SIGKILL: u32 = 9;
        const SIGSEGV: u32 = 11;
        const FROM_KERNEL: i32 = 0x80;
        match self {
            Self::Page {
                cause: Denied::NotMapped,
                ..
            } => (SIGSEGV, 1),
            Self::Page {
                cause: Denied::Protected,
                ..
            } => (SIGSEGV, 2),
            Self::Page {
                cause: Denied::NoObject,
                ..
            } => (SIGBUS, 2),
            Self::Page {
                cause: Denied::NoMemory,
                ..
            }
            | Self::NoMemory => (SIGKILL, FROM_KERNEL),
            Self::Divide => (SIGFPE, 1),
            Self::FloatingPoint => (SIGFPE, 3),
            Self::Debug => (SIGTRAP, 2),
            Self::Breakpoint => (SIGTRAP, FROM_KERNEL),
            Self::Overflow | Self::Bound | Self::Protection => (SIGSEGV, FROM_KERNEL),
            Self::IllegalInstruction => (SIGILL, 2),
            Self::StackSegment => (SIGBUS, FROM_KERNEL),
            Self::Alignment => (SIGBUS, 1),
        }
    }
}
