//! Which number is which call.
//!
//! A number leads to a place of one byte, and that to the call: half the size of a row of addresses with gaps. An older
//! call is a newer one with other arguments, which are told as data.

use super::{
    Call, clone, control, descriptor, directory, epoll, event, execute, file, futex, group, identity, memory,
    name, pipe, poll, process, scheduling, signal, socket, status, system, time, transfer,
};
use crate::task::{Flow, Kernel};
use abi::file::{AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW, OpenFlags};
use abi::signal::Signal;
use abi::syscall as number;
use abi::thread::CloneFlags;
use abi::time::CLOCK_MONOTONIC;

/// All calls but those in [`OLDER`]. Those that make an object which the kernel has to remember come first.
const LIST: [(u64, Call); 121] = [
    (number::OPENAT, file::openat),
    (number::DUP, descriptor::dup),
    (number::DUP2, descriptor::dup2),
    (number::DUP3, descriptor::dup3),
    (number::FCNTL, descriptor::fcntl),
    (number::PIPE2, pipe::pipe2),
    (number::SOCKETPAIR, socket::socketpair),
    (number::MEMFD_CREATE, pipe::memfd_create),
    (number::EPOLL_CREATE, epoll::epoll_create),
    (number::EPOLL_CREATE1, epoll::epoll_create1),
    (number::EPOLL_CTL, epoll::epoll_ctl),
    (number::EVENTFD2, event::eventfd2),
    (number::TIMERFD_CREATE, event::timerfd_create),
    (number::MKDIRAT, directory::mkdirat),
    (number::LINKAT, name::linkat),
    (number::SYMLINKAT, name::symlinkat),
    (number::RENAMEAT2, name::renameat2),
    (number::CLONE, clone::clone),
    (number::CLONE3, clone::clone3),
    (number::READ, transfer::read),
    (number::WRITE, transfer::write),
    (number::READV, transfer::readv),
    (number::WRITEV, transfer::writev),
    (number::PREAD64, transfer::pread64),
    (number::PWRITE64, transfer::pwrite64),
    (number::CLOSE, file::close),
    (number::LSEEK, file::lseek),
    (number::FTRUNCATE, file::ftruncate),
    (number::FALLOCATE, file::fallocate),
    (number::FSYNC, file::fsync),
    (number::FDATASYNC, file::fsync),
    (number::IOCTL, descriptor::ioctl),
    (number::FSTAT, status::fstat),
    (number::NEWFSTATAT, status::newfstatat),
    (number::STATX, status::statx),
    (number::FACCESSAT2, status::faccessat2),
    (number::READLINKAT, status::readlinkat),
    (number::GETCWD, directory::getcwd),
    (number::CHDIR, directory::chdir),
    (number::FCHDIR, directory::fchdir),
    (number::UMASK, directory::umask),
    (number::UNLINKAT, directory::unlinkat),
    (number::GETDENTS64, directory::getdents64),
    (number::SENDTO, socket::sendto),
    (number::RECVFROM, socket::recvfrom),
    (number::SHUTDOWN, socket::shutdown),
    (number::GETSOCKOPT, socket::getsockopt),
    (number::POLL, poll::poll),
    (number::PPOLL, poll::ppoll),
    (number::EPOLL_PWAIT, epoll::epoll_pwait),
    (number::EPOLL_PWAIT2, epoll::epoll_pwait2),
    (number::TIMERFD_SETTIME, event::timerfd_settime),
    (number::TIMERFD_GETTIME, event::timerfd_gettime),
    (number::MMAP, memory::mmap),
    (number::MUNMAP, memory::munmap),
    (number::MPROTECT, memory::mprotect),
    (number::MADVISE, memory::madvise),
    (number::BRK, memory::brk),
    (number::MREMAP, memory::mremap),
    (number::MSYNC, memory::msync),
    (number::RT_SIGACTION, signal::rt_sigaction),
    (number::RT_SIGPROCMASK, signal::rt_sigprocmask),
    (number::RT_SIGRETURN, signal::rt_sigreturn),
    (number::RT_SIGPENDING, signal::rt_sigpending),
    (number::RT_SIGSUSPEND, signal::rt_sigsuspend),
    (number::RT_SIGTIMEDWAIT, signal::rt_sigtimedwait),
    (number::SIGALTSTACK, signal::sigaltstack),
    (number::PAUSE, signal::pause),
    (number::KILL, signal::kill),
    (number::TKILL, signal::tkill),
    (number::TGKILL, signal::tgkill),
    (number::EXIT, process::exit),
    (number::EXIT_GROUP, process::exit_group),
    (number::GETPID, process::getpid),
    (number::GETTID, process::gettid),
    (number::GETPPID, process::getppid),
    (number::SET_TID_ADDRESS, process::set_tid_address),
    (number::WAIT4, process::wait4),
    (number::EXECVE, execute::execve),
    (number::FUTEX, futex::futex),
    (number::SET_ROBUST_LIST, futex::set_robust_list),
    (number::GET_ROBUST_LIST, futex::get_robust_list),
    (number::GETPGRP, group::getpgrp),
    (number::GETPGID, group::getpgid),
    (number::GETSID, group::getsid),
    (number::SETPGID, group::setpgid),
    (number::SETSID, group::setsid),
    (number::GETUID, identity::getuid),
    (number::GETEUID, identity::geteuid),
    (number::GETGID, identity::getgid),
    (number::GETEGID, identity::getegid),
    (number::GETRESUID, identity::getresuid),
    (number::GETRESGID, identity::getresgid),
    (number::GETGROUPS, identity::getgroups),
    (number::SETUID, identity::setuid),
    (number::SETGID, identity::setgid),
    (number::SETRESUID, identity::setresuid),
    (number::SETRESGID, identity::setresgid),
    (number::PRCTL, control::prctl),
    (number::ARCH_PRCTL, control::arch_prctl),
    (number::PRLIMIT64, control::prlimit64),
    (number::CLOCK_GETTIME, time::clock_gettime),
    (number::CLOCK_GETRES, time::clock_getres),
    (number::CLOCK_NANOSLEEP, time::clock_nanosleep),
    (number::GETTIMEOFDAY, time::gettimeofday),
    (number::TIME, time::time),
    (number::SCHED_YIELD, scheduling::sched_yield),
    (number::SCHED_GETAFFINITY, scheduling::sched_getaffinity),
    (number::SCHED_SETAFFINITY, scheduling::sched_setaffinity),
    (number::SCHED_GETSCHEDULER, scheduling::sched_getscheduler),
    (number::SCHED_SETSCHEDULER, scheduling::sched_setscheduler),
    (number::SCHED_GETPARAM, scheduling::sched_getparam),
    (number::SCHED_GET_PRIORITY_MAX, scheduling::sched_get_priority_max),
    (number::SCHED_GET_PRIORITY_MIN, scheduling::sched_get_priority_min),
    (number::GETCPU, scheduling::getcpu),
    (number::GETPRIORITY, scheduling::getpriority),
    (number::SETPRIORITY, scheduling::setpriority),
    // Programs ask for these two at their start, and do without.
    (number::RSEQ, system::absent),
    (number::UNAME, system::uname),
    (number::GETRANDOM, system::getrandom),
    (number::SYSINFO, system::sysinfo),
];

/// How many of them make an object which the kernel has to remember.
const MAKERS: usize = 19;

// Where an argument of the newer call comes from: from one of the older call's, or it is a small number.
const FIRST: i16 = -1;
const SECOND: i16 = -2;
const THIRD: i16 = -3;
const FOURTH: i16 = -4;
/// The working directory, where the newer call takes a descriptor.
const HERE: i16 = AT_FDCWD as i16;
const LINK_ITSELF: i16 = AT_SYMLINK_NOFOLLOW as i16;
const DIRECTORY: i16 = AT_REMOVEDIR as i16;
const MONOTONIC: i16 = CLOCK_MONOTONIC as i16;
const CHILD: i16 = Signal::SIGCHLD.number() as i16;
const BORROWS: i16 = CloneFlags::VM.union(CloneFlags::VFORK).bits() as i16;
const CREATES: i16 = OpenFlags::CREATE
    .union(OpenFlags::WRITE_ONLY)
    .union(OpenFlags::TRUNCATE)
    .bits() as i16;

/// The calls that a newer one can do: which it is, and its first five arguments. The sixth is 0.
const OLDER: [(u64, u64, [i16; 5]); 22] = [
    (number::OPEN, number::OPENAT, [HERE, FIRST, SECOND, THIRD, 0]),
    (number::CREAT, number::OPENAT, [HERE, FIRST, CREATES, SECOND, 0]),
    (number::STAT, number::NEWFSTATAT, [HERE, FIRST, SECOND, 0, 0]),
    (
        number::LSTAT,
        number::NEWFSTATAT,
        [HERE, FIRST, SECOND, LINK_ITSELF, 0],
    ),
    (number::ACCESS, number::FACCESSAT2, [HERE, FIRST, SECOND, 0, 0]),
    (
        number::FACCESSAT,
        number::FACCESSAT2,
        [FIRST, SECOND, THIRD, 0, 0],
    ),
    (
        number::READLINK,
        number::READLINKAT,
        [HERE, FIRST, SECOND, THIRD, 0],
    ),
    (number::MKDIR, number::MKDIRAT, [HERE, FIRST, SECOND, 0, 0]),
    (number::UNLINK, number::UNLINKAT, [HERE, FIRST, 0, 0, 0]),
    (number::RMDIR, number::UNLINKAT, [HERE, FIRST, DIRECTORY, 0, 0]),
    (number::LINK, number::LINKAT, [HERE, FIRST, HERE, SECOND, 0]),
    (number::SYMLINK, number::SYMLINKAT, [FIRST, HERE, SECOND, 0, 0]),
    (number::RENAME, number::RENAMEAT2, [HERE, FIRST, HERE, SECOND, 0]),
    (
        number::RENAMEAT,
        number::RENAMEAT2,
        [FIRST, SECOND, THIRD, FOURTH, 0],
    ),
    (number::PIPE, number::PIPE2, [FIRST, 0, 0, 0, 0]),
    (
        number::EPOLL_WAIT,
        number::EPOLL_PWAIT,
        [FIRST, SECOND, THIRD, FOURTH, 0],
    ),
    (number::EVENTFD, number::EVENTFD2, [FIRST, 0, 0, 0, 0]),
    (number::GETRLIMIT, number::PRLIMIT64, [0, FIRST, 0, SECOND, 0]),
    (number::SETRLIMIT, number::PRLIMIT64, [0, FIRST, SECOND, 0, 0]),
    (number::FORK, number::CLONE, [CHILD, 0, 0, 0, 0]),
    (number::VFORK, number::CLONE, [BORROWS | CHILD, 0, 0, 0, 0]),
    (
        number::NANOSLEEP,
        number::CLOCK_NANOSLEEP,
        [MONOTONIC, 0, FIRST, SECOND, 0],
    ),
];

/// The calls by their places.
static CALLS: [Call; LIST.len()] = {
    let mut calls = [LIST[0].1; LIST.len()];
    let mut place = 0;
    while place < LIST.len() {
        calls[place] = LIST[place].1;
        place += 1;
    }
    calls
};

/// The largest number that a call has.
const LAST: usize = {
    let (mut last, mut place) = (0, 0);
    while place < LIST.len() {
        if LIST[place].0 as usize > last {
            last = LIST[place].0 as usize;
        }
        place += 1;
    }
    last
};

/// The places by numbers, those of older calls behind the others; one beyond all of them for numbers without a call.
static PLACES: [u8; LAST + 1] = {
    let mut places = [(LIST.len() + OLDER.len()) as u8; LAST + 1];
    let mut place = 0;
    while place < LIST.len() {
        places[LIST[place].0 as usize] = place as u8;
        place += 1;
    }
    place = 0;
    while place < OLDER.len() {
        places[OLDER[place].0 as usize] = (LIST.len() + place) as u8;
        place += 1;
    }
    places
};

/// The older calls: the place of the newer one, and its arguments.
static NEWER: [(u8, [i16; 5]); OLDER.len()] = {
    let mut newer = [(0, [0; 5]); OLDER.len()];
    let mut place = 0;
    while place < OLDER.len() {
        newer[place] = (PLACES[OLDER[place].1 as usize], OLDER[place].2);
        place += 1;
    }
    newer
};

const _: () = assert!(LIST.len() + OLDER.len() < u8::MAX as usize);

/// A call that was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    place: usize,
    /// Where its arguments come from, if it does an older call.
    sources: Option<&'static [i16; 5]>,
}

impl Asked {
    /// What is asked for by this number, if there is such a call.
    pub(super) fn new(number: u64) -> Option<Self> {
        let place = usize::from(*PLACES.get(usize::try_from(number).ok()?)?);
        if place < CALLS.len() {
            return Some(Self { place, sources: None });
        }
        let (place, sources) = NEWER.get(place - CALLS.len())?;
        Some(Self {
            place: usize::from(*place),
            sources: Some(sources),
        })
    }

    /// Whether it makes an object that the kernel has to remember.
    pub(super) fn makes_something(self) -> bool {
        self.place < MAKERS
    }

    /// Makes the call with the arguments of what was asked for.
    pub(super) fn make(self, kernel: &mut Kernel, arguments: [u64; 6]) -> Result<u64, Flow> {
        let call = CALLS[self.place];
        match self.sources {
            None => call(kernel, arguments),
            Some(sources) => call(kernel, newer(sources, &arguments)),
        }
    }
}

/// The arguments of a newer call, from those of the older one.
fn newer(sources: &[i16; 5], [first, second, third, fourth, ..]: &[u64; 6]) -> [u64; 6] {
    let mut arguments = [0; 6];
    for (argument, &source) in arguments.iter_mut().zip(sources) {
        *argument = match source {
            FIRST => *first,
            SECOND => *second,
            THIRD => *third,
            FOURTH => *fourth,
            number => i64::from(number).cast_unsigned(),
        };
    }
    arguments
}
