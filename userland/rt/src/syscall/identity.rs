//! Who a process is, and what it may do to others.

use super::{raw, small, word};
use crate::Result;
use abi::syscall;
use alloc::string::String;

fn number(call: u64) -> u32 {
    // SAFETY: the calls that come here take no argument and touch no memory.
    unsafe { raw::call0(call) }.map_or(0, |value| value as u32)
}

/// The process.
pub fn getpid() -> i32 {
    number(syscall::GETPID).cast_signed()
}

/// The process that started this one.
pub fn getppid() -> i32 {
    number(syscall::GETPPID).cast_signed()
}

/// The thread.
pub fn gettid() -> i32 {
    number(syscall::GETTID).cast_signed()
}

/// The user that the process belongs to.
pub fn user() -> u32 {
    number(syscall::GETUID)
}

/// The user that the process acts as.
pub fn effective_user() -> u32 {
    number(syscall::GETEUID)
}

/// The group that the process belongs to.
pub fn group() -> u32 {
    number(syscall::GETGID)
}

/// Makes the process belong to and act as `user`.
///
/// # Errors
///
/// Those of setresuid(2).
pub fn set_user(user: u32) -> Result<()> {
    let user = u64::from(user);
    // SAFETY: the call touches no memory.
    unsafe { raw::call3(syscall::SETRESUID, user, user, user) }.map(drop)
}

/// Sends a signal to a process; signal 0 only asks whether it is there.
///
/// # Errors
///
/// Those of kill(2).
pub fn kill(pid: i32, signal: i32) -> Result<()> {
    // SAFETY: no handler in this process can break memory: they are installed by this crate only.
    unsafe { raw::call2(syscall::KILL, word(pid), word(signal)) }.map(drop)
}

/// Sends a signal to one thread of a process.
///
/// # Errors
///
/// Those of tgkill(2).
pub fn tgkill(pid: i32, thread: i32, signal: i32) -> Result<()> {
    // SAFETY: as for `kill`.
    unsafe { raw::call3(syscall::TGKILL, word(pid), word(thread), word(signal)) }.map(drop)
}

/// The nice value of a thread; 0 means the calling one.
///
/// # Errors
///
/// ESRCH.
pub fn nice(thread: i32) -> Result<i32> {
    // SAFETY: the call touches no memory.
    small(unsafe { raw::call2(syscall::GETPRIORITY, 0, word(thread)) }).map(|shifted| 20 - shifted)
}

/// Sets the nice value of a thread; 0 means the calling one.
///
/// # Errors
///
/// Those of setpriority(2).
pub fn set_nice(thread: i32, nice: i32) -> Result<()> {
    // SAFETY: the call touches no memory.
    unsafe { raw::call3(syscall::SETPRIORITY, 0, word(thread), word(nice)) }.map(drop)
}

/// The name of the system that the program runs on: `Linux` or `Bindery`.
///
/// Bindery's uname(2) calls the system Linux, whose calls these are, and tells its own name as the version.
pub fn system_name() -> String {
    const FIELD: usize = 65;
    /// The place of the version among the fields.
    const VERSION: usize = 3;
    const OWN_NAME: &str = "Bindery";
    let mut fields = [0_u8; 6 * FIELD];
    // SAFETY: the kernel writes six fields of 65 bytes, which is the buffer's size.
    let result = unsafe { raw::call1(syscall::UNAME, fields.as_mut_ptr() as u64) };
    if result.is_err() {
        return String::new();
    }
    let text = |field: &[u8]| {
        let name = field.split(|&byte| byte == 0).next().unwrap_or_default();
        String::from_utf8_lossy(name).into_owned()
    };
    let mut texts = fields.chunks(FIELD).map(text);
    let system = texts.next().unwrap_or_default();
    texts
        .nth(VERSION - 1)
        .filter(|version| version == OWN_NAME)
        .unwrap_or(system)
}
