//! What creates and identifies threads and processes: clone, futex, prctl.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

bitflags::bitflags! {
    /// The flags of `clone` and `clone3`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CloneFlags: u64 {
        /// Share the address space.
        const VM = 0x100;
        /// Share the working directory.
        const FS = 0x200;
        /// Share the descriptors.
        const FILES = 0x400;
        /// Share the signal handlers.
        const SIGHAND = 0x800;
        /// Give a descriptor for the child.
        const PIDFD = 0x1000;
        /// Go on being traced.
        const PTRACE = 0x2000;
        /// The parent waits until the child execs or ends.
        const VFORK = 0x4000;
        /// The child's parent is the caller's parent.
        const PARENT = 0x8000;
        /// A thread of the same process.
        const THREAD = 0x10000;
        /// A new mount namespace.
        const NEWNS = 0x20000;
        /// Share System V semaphore adjustments.
        const SYSVSEM = 0x40000;
        /// Set the thread pointer.
        const SETTLS = 0x80000;
        /// Store the tid in the parent's memory.
        const PARENT_SETTID = 0x10_0000;
        /// Clear the tid word when the child ends.
        const CHILD_CLEARTID = 0x20_0000;
        /// Ignored.
        const DETACHED = 0x40_0000;
        /// Not traceable.
        const UNTRACED = 0x80_0000;
        /// Store the tid in the child's memory.
        const CHILD_SETTID = 0x100_0000;
        /// A new time namespace.
        const NEWTIME = 0x80;
        /// A new control group namespace.
        const NEWCGROUP = 0x200_0000;
        /// A new host name namespace.
        const NEWUTS = 0x400_0000;
        /// A new System V namespace.
        const NEWIPC = 0x800_0000;
        /// A new user namespace.
        const NEWUSER = 0x1000_0000;
        /// A new number namespace.
        const NEWPID = 0x2000_0000;
        /// A new network namespace.
        const NEWNET = 0x4000_0000;
        /// Share the I/O context.
        const IO = 0x8000_0000;
        /// All handlers back to the default.
        const CLEAR_SIGHAND = 0x1_0000_0000;
        /// Start in another control group.
        const INTO_CGROUP = 0x2_0000_0000;
    }
}

/// The argument of `clone3`.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct CloneArguments {
    /// [`CloneFlags`].
    pub flags: u64,
    /// Where to store the child's descriptor.
    pub pidfd: u64,
    /// Where to store the tid for the child.
    pub child_tid: u64,
    /// Where to store the tid for the parent.
    pub parent_tid: u64,
    /// The signal that tells the parent of the end.
    pub exit_signal: u64,
    /// The stack's lowest address.
    pub stack: u64,
    /// The stack's size.
    pub stack_size: u64,
    /// The thread pointer.
    pub tls: u64,
    /// Wanted numbers.
    pub set_tid: u64,
    /// How many.
    pub set_tid_size: u64,
    /// The control group.
    pub cgroup: u64,
}

/// The smallest size of [`CloneArguments`] that `clone3` takes.
pub const CLONE_ARGS_SIZE_VER0: u64 = 64;

/// `FUTEX_WAIT`: sleep while the word has the value.
pub const FUTEX_WAIT: u32 = 0;
/// `FUTEX_WAKE`: wake some.
pub const FUTEX_WAKE: u32 = 1;
/// `FUTEX_REQUEUE`: wake some, move the others.
pub const FUTEX_REQUEUE: u32 = 3;
/// `FUTEX_CMP_REQUEUE`: the same while the word has the value.
pub const FUTEX_CMP_REQUEUE: u32 = 4;
/// `FUTEX_WAKE_OP`: change a second word, wake some, and some of the second depending on what it was.
pub const FUTEX_WAKE_OP: u32 = 5;
/// `FUTEX_WAIT_BITSET`: with a mask and an absolute deadline.
pub const FUTEX_WAIT_BITSET: u32 = 9;
/// `FUTEX_WAKE_BITSET`: those whose mask meets this one.
pub const FUTEX_WAKE_BITSET: u32 = 10;
/// The word is not shared with other processes.
pub const FUTEX_PRIVATE_FLAG: u32 = 128;
/// The deadline is of the real-time clock.
pub const FUTEX_CLOCK_REALTIME: u32 = 256;

/// The number of the thread that holds a robust mutex, in its word.
pub const FUTEX_TID_MASK: u32 = 0x3fff_ffff;
/// The holder of a robust mutex ended while it held it.
pub const FUTEX_OWNER_DIED: u32 = 0x4000_0000;
/// Somebody waits for the mutex.
pub const FUTEX_WAITERS: u32 = 0x8000_0000;

/// `struct robust_list_head`: the mutexes that a thread holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct RobustListHead {
    /// The first entry; the list ends where it leads back to this head. Bit 0 marks a mutex with priority inheritance.
    pub first: u64,
    /// Where a mutex's word is, counted from its entry.
    pub offset: i64,
    /// The entry of the mutex that is being taken or given up.
    pub pending: u64,
}

/// `ARCH_SET_GS` of `arch_prctl`.
pub const ARCH_SET_GS: u64 = 0x1001;
/// `ARCH_SET_FS`: sets the thread pointer.
pub const ARCH_SET_FS: u64 = 0x1002;
/// `ARCH_GET_FS`: stores the thread pointer.
pub const ARCH_GET_FS: u64 = 0x1003;

/// `PR_SET_PDEATHSIG`: the signal to get when the parent ends.
pub const PR_SET_PDEATHSIG: u64 = 1;
/// `PR_GET_PDEATHSIG`.
pub const PR_GET_PDEATHSIG: u64 = 2;
/// `PR_GET_DUMPABLE`.
pub const PR_GET_DUMPABLE: u64 = 3;
/// `PR_SET_DUMPABLE`.
pub const PR_SET_DUMPABLE: u64 = 4;
/// `PR_SET_NAME`: the thread's name.
pub const PR_SET_NAME: u64 = 15;
/// `PR_GET_NAME`.
pub const PR_GET_NAME: u64 = 16;
/// `PR_GET_AUXV`: copies the auxiliary vector.
pub const PR_GET_AUXV: u64 = 0x4155_5856;

/// The length of a thread's name, with its closing NUL.
pub const TASK_COMM_LEN: usize = 16;

/// How many kinds of limits `prlimit64` knows.
pub const RLIM_NLIMITS: usize = 16;
/// The size of a core dump.
pub const RLIMIT_CORE: usize = 4;
/// The size of the first thread's stack.
pub const RLIMIT_STACK: usize = 3;
/// The number of processes.
pub const RLIMIT_NPROC: usize = 6;
/// One more than the highest descriptor.
pub const RLIMIT_NOFILE: usize = 7;
/// Memory locked in place.
pub const RLIMIT_MEMLOCK: usize = 8;
/// Signals that may be queued.
pub const RLIMIT_SIGPENDING: usize = 11;
/// Bytes in message queues.
pub const RLIMIT_MSGQUEUE: usize = 12;
/// How far the nice value may be lowered: 20 minus it.
pub const RLIMIT_NICE: usize = 13;
/// The highest real-time priority.
pub const RLIMIT_RTPRIO: usize = 14;
/// No limit.
pub const RLIM_INFINITY: u64 = u64::MAX;

/// One limit: `struct rlimit64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct ResourceLimit {
    /// What holds now.
    pub current: u64,
    /// How far it may be raised.
    pub maximum: u64,
}

/// `struct utsname`: six strings of 65 bytes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct SystemNames {
    /// The operating system's name.
    pub system: [u8; 65],
    /// The machine's name in its network.
    pub node: [u8; 65],
    /// The release.
    pub release: [u8; 65],
    /// The version.
    pub version: [u8; 65],
    /// The hardware.
    pub machine: [u8; 65],
    /// The network's domain.
    pub domain: [u8; 65],
}

/// `WNOHANG` of `wait4`: do not wait.
pub const WNOHANG: u32 = 1;
/// `WUNTRACED`: stopped children too.
pub const WUNTRACED: u32 = 2;
/// `WCONTINUED`: continued children too.
pub const WCONTINUED: u32 = 8;
/// `__WNOTHREAD`: only this thread's children.
pub const WNOTHREAD: u32 = 0x2000_0000;
/// `__WALL`: children of every kind.
pub const WALL: u32 = 0x4000_0000;
/// `__WCLONE`: only children that do not send SIGCHLD.
pub const WCLONE: u32 = 0x8000_0000;
