//! Which number is which call.
//!
//! A number leads to a place of one byte, and that to the call: half the size of a row of addresses with gaps.

use super::{
    Call, clone, control, descriptor, directory, epoll, event, execute, file, futex, group, identity, memory,
    name, pipe, poll, process, scheduling, signal, socket, status, system, time, transfer,
};
use abi::syscall as number;

/// All calls.
const LIST: [(u64, Call); 143] = [
    (number::READ, transfer::read),
    (number::WRITE, transfer::write),
    (number::READV, transfer::readv),
    (number::WRITEV, transfer::writev),
    (number::PREAD64, transfer::pread64),
    (number::PWRITE64, transfer::pwrite64),
    (number::OPEN, file::open),
    (number::CREAT, file::creat),
    (number::OPENAT, file::openat),
    (number::CLOSE, file::close),
    (number::LSEEK, file::lseek),
    (number::FTRUNCATE, file::ftruncate),
    (number::FALLOCATE, file::fallocate),
    (number::FSYNC, file::fsync),
    (number::FDATASYNC, file::fsync),
    (number::DUP, descriptor::dup),
    (number::DUP2, descriptor::dup2),
    (number::DUP3, descriptor::dup3),
    (number::FCNTL, descriptor::fcntl),
    (number::IOCTL, descriptor::ioctl),
    (number::STAT, status::stat),
    (number::LSTAT, status::lstat),
    (number::FSTAT, status::fstat),
    (number::NEWFSTATAT, status::newfstatat),
    (number::STATX, status::statx),
    (number::ACCESS, status::access),
    (number::FACCESSAT, status::faccessat),
    (number::FACCESSAT2, status::faccessat2),
    (number::READLINK, status::readlink),
    (number::READLINKAT, status::readlinkat),
    (number::GETCWD, directory::getcwd),
    (number::CHDIR, directory::chdir),
    (number::FCHDIR, directory::fchdir),
    (number::UMASK, directory::umask),
    (number::MKDIR, directory::mkdir),
    (number::MKDIRAT, directory::mkdirat),
    (number::UNLINK, directory::unlink),
    (number::UNLINKAT, directory::unlinkat),
    (number::RMDIR, directory::rmdir),
    (number::GETDENTS64, directory::getdents64),
    (number::LINK, name::link),
    (number::LINKAT, name::linkat),
    (number::SYMLINK, name::symlink),
    (number::SYMLINKAT, name::symlinkat),
    (number::RENAME, name::rename),
    (number::RENAMEAT, name::renameat),
    (number::RENAMEAT2, name::renameat2),
    (number::PIPE, pipe::pipe),
    (number::PIPE2, pipe::pipe2),
    (number::MEMFD_CREATE, pipe::memfd_create),
    (number::SOCKETPAIR, socket::socketpair),
    (number::SENDTO, socket::sendto),
    (number::RECVFROM, socket::recvfrom),
    (number::SHUTDOWN, socket::shutdown),
    (number::GETSOCKOPT, socket::getsockopt),
    (number::POLL, poll::poll),
    (number::PPOLL, poll::ppoll),
    (number::EPOLL_CREATE, epoll::epoll_create),
    (number::EPOLL_CREATE1, epoll::epoll_create1),
    (number::EPOLL_CTL, epoll::epoll_ctl),
    (number::EPOLL_WAIT, epoll::epoll_wait),
    (number::EPOLL_PWAIT, epoll::epoll_pwait),
    (number::EPOLL_PWAIT2, epoll::epoll_pwait2),
    (number::EVENTFD, event::eventfd),
    (number::EVENTFD2, event::eventfd2),
    (number::TIMERFD_CREATE, event::timerfd_create),
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
    (number::CLONE, clone::clone),
    (number::CLONE3, clone::clone3),
    (number::FORK, clone::fork),
    (number::VFORK, clone::vfork),
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
    (number::GETRLIMIT, control::getrlimit),
    (number::SETRLIMIT, control::setrlimit),
    (number::CLOCK_GETTIME, time::clock_gettime),
    (number::CLOCK_GETRES, time::clock_getres),
    (number::CLOCK_NANOSLEEP, time::clock_nanosleep),
    (number::NANOSLEEP, time::nanosleep),
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

/// The places by numbers; one beyond all of them for numbers without a call.
static PLACES: [u8; LAST + 1] = {
    let mut places = [LIST.len() as u8; LAST + 1];
    let mut place = 0;
    while place < LIST.len() {
        places[LIST[place].0 as usize] = place as u8;
        place += 1;
    }
    places
};

const _: () = assert!(LIST.len() < u8::MAX as usize);

/// The call of this number, if there is one.
#[inline]
pub(super) fn lookup(number: u64) -> Option<Call> {
    let place = PLACES.get(usize::try_from(number).ok()?)?;
    CALLS.get(usize::from(*place)).copied()
}
