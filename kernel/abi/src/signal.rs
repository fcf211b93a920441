//! Signals as Linux numbers and lays them out on x86-64.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A signal's number, 1 to 64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(u8);

macro_rules! signals {
    ($($name:ident = $number:literal,)*) => {
        impl Signal {
            $(#[doc = concat!("`", stringify!($name), "`")] pub const $name: Self = Self($number);)*

            /// The symbolic name of a standard signal.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

signals! {
    SIGHUP = 1,
    SIGINT = 2,
    SIGQUIT = 3,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGABRT = 6,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGSEGV = 11,
    SIGUSR2 = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGSTKFLT = 16,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGXCPU = 24,
    SIGXFSZ = 25,
    SIGVTALRM = 26,
    SIGPROF = 27,
    SIGWINCH = 28,
    SIGIO = 29,
    SIGPWR = 30,
    SIGSYS = 31,
}

impl Signal {
    /// How many signals there are.
    pub const COUNT: usize = 64;

    /// The first of the queued ("real-time") signals.
    pub const FIRST_QUEUED: Self = Self(32);

    /// The signal of this number.
    pub const fn from_number(number: u64) -> Option<Self> {
        if number >= 1 && number <= Self::COUNT as u64 {
            Some(Self(number as u8))
        } else {
            None
        }
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its place in a table of all signals.
    pub const fn index(self) -> usize {
        self.0 as usize - 1
    }

    /// Whether several of it may be pending at once.
    pub const fn is_queued(self) -> bool {
        self.0 >= Self::FIRST_QUEUED.0
    }
}

impl core::fmt::Debug for Signal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "signal {}", self.0),
        }
    }
}

/// A set of signals, as the kernel passes it: bit 0 is signal 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct SignalSet(pub u64);

impl SignalSet {
    /// No signal.
    pub const EMPTY: Self = Self(0);
    /// The two that can be neither caught, blocked nor ignored.
    pub const UNSTOPPABLE: Self = Self(1 << Signal::SIGKILL.index() | 1 << Signal::SIGSTOP.index());

    /// The set of one signal.
    pub const fn of(signal: Signal) -> Self {
        Self(1 << signal.index())
    }

    /// Whether the signal is in the set.
    pub const fn contains(self, signal: Signal) -> bool {
        self.0 & Self::of(signal).0 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other set does not have.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The signal with the lowest number.
    pub const fn first(self) -> Option<Signal> {
        if self.0 == 0 {
            None
        } else {
            Some(Signal(self.0.trailing_zeros() as u8 + 1))
        }
    }
}

/// `SIG_DFL`: the default action.
pub const SIG_DFL: u64 = 0;
/// `SIG_IGN`: nothing happens.
pub const SIG_IGN: u64 = 1;

/// `SIG_BLOCK` of `rt_sigprocmask`: adds to the mask.
pub const SIG_BLOCK: u64 = 0;
/// `SIG_UNBLOCK`: takes from the mask.
pub const SIG_UNBLOCK: u64 = 1;
/// `SIG_SETMASK`: replaces the mask.
pub const SIG_SETMASK: u64 = 2;

/// `SA_NOCLDSTOP`: no SIGCHLD for stopped children.
pub const SA_NOCLDSTOP: u64 = 0x1;
/// `SA_NOCLDWAIT`: children leave no zombie.
pub const SA_NOCLDWAIT: u64 = 0x2;
/// `SA_SIGINFO`: the handler takes three arguments.
pub const SA_SIGINFO: u64 = 0x4;
/// `SA_RESTORER`: the field `restorer` is set.
pub const SA_RESTORER: u64 = 0x0400_0000;
/// `SA_ONSTACK`: run on the alternate stack.
pub const SA_ONSTACK: u64 = 0x0800_0000;
/// `SA_RESTART`: make an interrupted call again.
pub const SA_RESTART: u64 = 0x1000_0000;
/// `SA_NODEFER`: do not block the signal while its handler runs.
pub const SA_NODEFER: u64 = 0x4000_0000;
/// `SA_RESETHAND`: back to the default action after one delivery.
pub const SA_RESETHAND: u64 = 0x8000_0000;

/// The kernel's `struct sigaction`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalAction {
    /// Address of the handler, or [`SIG_DFL`] or [`SIG_IGN`].
    pub handler: u64,
    /// `SA_` flags.
    pub flags: u64,
    /// Address of the code that the handler returns to.
    pub restorer: u64,
    /// Signals blocked while the handler runs.
    pub mask: SignalSet,
}

/// `SI_USER`: sent by kill.
pub const SI_USER: i32 = 0;
/// `SI_KERNEL`: sent by the kernel.
pub const SI_KERNEL: i32 = 0x80;
/// `SI_QUEUE`: sent by sigqueue.
pub const SI_QUEUE: i32 = -1;
/// `SI_TKILL`: sent by tkill or tgkill.
pub const SI_TKILL: i32 = -6;
/// `SEGV_MAPERR`: nothing is mapped there.
pub const SEGV_MAPERR: i32 = 1;
/// `SEGV_ACCERR`: the mapping does not allow it.
pub const SEGV_ACCERR: i32 = 2;
/// `BUS_ADRERR`: no such memory behind the mapping.
pub const BUS_ADRERR: i32 = 2;
/// `BUS_ADRALN`: a wrong alignment.
pub const BUS_ADRALN: i32 = 1;
/// `ILL_ILLOPN`: an illegal operand.
pub const ILL_ILLOPN: i32 = 2;
/// `FPE_INTDIV`: an integer division by zero.
pub const FPE_INTDIV: i32 = 1;
/// `FPE_FLTINV`: an invalid floating-point operation.
pub const FPE_FLTINV: i32 = 7;
/// `TRAP_BRKPT`: a breakpoint.
pub const TRAP_BRKPT: i32 = 1;
/// `CLD_EXITED`: the child exited.
pub const CLD_EXITED: i32 = 1;
/// `CLD_KILLED`: a signal killed the child.
pub const CLD_KILLED: i32 = 2;

/// `siginfo_t`. What follows the three numbers depends on the code.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalInfo {
    /// The signal's number.
    pub signal: i32,
    /// Always 0.
    pub errno: i32,
    /// `SI_`, `SEGV_`, … code.
    pub code: i32,
    /// Padding.
    pub pad: u32,
    /// An address, or sender's pid and uid (lower and upper half).
    pub first: u64,
    /// The child's status, or a value sent along.
    pub second: u64,
    /// The rest of its 128 bytes.
    pub rest: [u64; 12],
}

impl SignalInfo {
    /// With an address, for faults.
    pub const fn fault(signal: Signal, code: i32, address: u64) -> Self {
        Self::new(signal, code, address, 0)
    }

    /// With the sender's identity.
    pub const fn sent(signal: Signal, code: i32, pid: u32, uid: u32) -> Self {
        Self::new(signal, code, pid as u64 | (uid as u64) << 32, 0)
    }

    /// For SIGCHLD: a child ended.
    pub const fn child(code: i32, pid: u32, uid: u32, status: i32) -> Self {
        Self::new(
            Signal::SIGCHLD,
            code,
            pid as u64 | (uid as u64) << 32,
            status as u32 as u64,
        )
    }

    const fn new(signal: Signal, code: i32, first: u64, second: u64) -> Self {
        Self {
            signal: signal.0 as i32,
            errno: 0,
            code,
            pad: 0,
            first,
            second,
            rest: [0; 12],
        }
    }
}

/// `SS_ONSTACK`: the thread runs on it now.
pub const SS_ONSTACK: u32 = 1;
/// `SS_DISABLE`: there is no alternate stack.
pub const SS_DISABLE: u32 = 2;
/// `SS_AUTODISARM`: disabled while a handler runs on it.
pub const SS_AUTODISARM: u32 = 1 << 31;
/// The smallest alternate stack.
pub const MINSIGSTKSZ: u64 = 2048;

/// `stack_t`: an alternate stack for handlers.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalStack {
    /// Its lowest address.
    pub base: u64,
    /// `SS_` flags.
    pub flags: u32,
    /// Padding.
    pub pad: u32,
    /// Its size.
    pub size: u64,
}

impl SignalStack {
    /// No alternate stack.
    pub const NONE: Self = Self {
        base: 0,
        flags: SS_DISABLE,
        pad: 0,
        size: 0,
    };
}

/// `struct sigcontext`: the registers that a handler interrupts.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalRegisters {
    /// r8 to r15.
    pub r8_to_r15: [u64; 8],
    /// rdi.
    pub rdi: u64,
    /// rsi.
    pub rsi: u64,
    /// rbp.
    pub rbp: u64,
    /// rbx.
    pub rbx: u64,
    /// rdx.
    pub rdx: u64,
    /// rax.
    pub rax: u64,
    /// rcx.
    pub rcx: u64,
    /// rsp.
    pub rsp: u64,
    /// rip.
    pub rip: u64,
    /// rflags.
    pub rflags: u64,
    /// cs, gs, fs, ss, 16 bits each.
    pub segments: [u16; 4],
    /// Error code of the fault.
    pub error: u64,
    /// Number of the fault.
    pub trap: u64,
    /// The signal mask, once more.
    pub old_mask: u64,
    /// The address of a page fault.
    pub cr2: u64,
    /// Address of the saved extended state, 0 for none.
    pub extended_state: u64,
    /// Unused.
    pub reserved: [u64; 8],
}

/// What the kernel puts on a handler's stack, from its return address on: `struct rt_sigframe`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SignalFrame {
    /// Where the handler returns to.
    pub restorer: u64,
    /// `uc_flags`.
    pub flags: u64,
    /// `uc_link`, unused.
    pub link: u64,
    /// The alternate stack's settings.
    pub stack: SignalStack,
    /// The interrupted registers.
    pub registers: SignalRegisters,
    /// The mask to go back to.
    pub mask: SignalSet,
    /// What happened.
    pub info: SignalInfo,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_those_of_linux() {
        assert_eq!(size_of::<SignalAction>(), 32);
        assert_eq!(size_of::<SignalInfo>(), 128);
        assert_eq!(size_of::<SignalStack>(), 24);
        assert_eq!(size_of::<SignalRegisters>(), 256);
        assert_eq!(size_of::<SignalFrame>(), 440);
    }

    #[test]
    fn a_set_knows_its_lowest_signal() {
        assert_eq!(SignalSet::EMPTY.first(), None);
        let set = SignalSet::of(Signal::SIGTERM).with(SignalSet::of(Signal::SIGINT));
        assert_eq!(set.first(), Some(Signal::SIGINT));
        assert_eq!(
            set.without(SignalSet::of(Signal::SIGINT)).first(),
            Some(Signal::SIGTERM)
        );
    }
}
