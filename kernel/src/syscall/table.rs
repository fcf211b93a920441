//! Which number is which call.

use super::{Call, clone, control, execute, futex, identity, process, scheduling, signal, system, time};
use abi::syscall as number;

/// The call of this number, if there is one.
#[inline]
pub(super) fn lookup(number: u64) -> Option<Call> {
    Some(match number {
        number::RT_SIGACTION => signal::rt_sigaction,
        number::RT_SIGPROCMASK => signal::rt_sigprocmask,
        number::RT_SIGRETURN => signal::rt_sigreturn,
        number::RT_SIGPENDING => signal::rt_sigpending,
        number::RT_SIGSUSPEND => signal::rt_sigsuspend,
        number::RT_SIGTIMEDWAIT => signal::rt_sigtimedwait,
        number::SIGALTSTACK => signal::sigaltstack,
        number::PAUSE => signal::pause,
        number::KILL => signal::kill,
        number::TKILL => signal::tkill,
        number::TGKILL => signal::tgkill,

        number::EXIT => process::exit,
        number::EXIT_GROUP => process::exit_group,
        number::GETPID => process::getpid,
        number::GETTID => process::gettid,
        number::GETPPID => process::getppid,
        number::GETPGRP => process::getpgrp,
        number::GETPGID | number::GETSID => process::own_group,
        number::SET_TID_ADDRESS => process::set_tid_address,
        number::WAIT4 => process::wait4,
        number::EXECVE => execute::execve,
        number::CLONE => clone::clone,
        number::CLONE3 => clone::clone3,
        number::FORK => clone::fork,
        number::VFORK => clone::vfork,
        number::FUTEX => futex::futex,

        number::GETUID => identity::getuid,
        number::GETEUID => identity::geteuid,
        number::GETGID => identity::getgid,
        number::GETEGID => identity::getegid,
        number::GETRESUID => identity::getresuid,
        number::GETRESGID => identity::getresgid,
        number::GETGROUPS => identity::getgroups,
        number::SETUID => identity::setuid,
        number::SETGID => identity::setgid,
        number::SETRESUID => identity::setresuid,
        number::SETRESGID => identity::setresgid,

        number::PRCTL => control::prctl,
        number::ARCH_PRCTL => control::arch_prctl,
        number::PRLIMIT64 => control::prlimit64,
        number::GETRLIMIT => control::getrlimit,
        number::SETRLIMIT => control::setrlimit,

        number::CLOCK_GETTIME => time::clock_gettime,
        number::CLOCK_GETRES => time::clock_getres,
        number::CLOCK_NANOSLEEP => time::clock_nanosleep,
        number::NANOSLEEP => time::nanosleep,
        number::GETTIMEOFDAY => time::gettimeofday,
        number::TIME => time::time,

        number::SCHED_YIELD => scheduling::sched_yield,
        number::SCHED_GETAFFINITY => scheduling::sched_getaffinity,
        number::SCHED_SETAFFINITY => scheduling::sched_setaffinity,
        number::SCHED_GETSCHEDULER => scheduling::sched_getscheduler,
        number::SCHED_SETSCHEDULER => scheduling::sched_setscheduler,
        number::SCHED_GETPARAM => scheduling::sched_getparam,
        number::SCHED_GET_PRIORITY_MAX => scheduling::sched_get_priority_max,
        number::SCHED_GET_PRIORITY_MIN => scheduling::sched_get_priority_min,
        number::GETCPU => scheduling::getcpu,
        number::GETPRIORITY => scheduling::getpriority,
        number::SETPRIORITY => scheduling::setpriority,

        number::UNAME => system::uname,
        number::GETRANDOM => system::getrandom,
        number::SYSINFO => system::sysinfo,
        _ => return None,
    })
}
