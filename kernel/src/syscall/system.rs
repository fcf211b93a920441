//! What the system tells about itself, and randomness.

use crate::arch;
use crate::arch::time;
use crate::mm::{PAGE, frames, user};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::thread::SystemNames;
use zerocopy::{Immutable, IntoBytes};

/// What `uname` says. The release is that of the Linux whose calls these are, because programs compare it.
const NAMES: SystemNames = SystemNames {
    system: text("Linux"),
    node: text("bindery"),
    release: text("6.12.0-bindery"),
    version: text("Bindery"),
    machine: text("x86_64"),
    domain: text("(none)"),
};

const fn text(content: &str) -> [u8; 65] {
    let mut field = [0; 65];
    let bytes = content.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        field[at] = bytes[at];
        at += 1;
    }
    field
}

/// `uname`.
pub(crate) fn uname(_: &mut Kernel, [address, ..]: [u64; 6]) -> Result<u64, Flow> {
    user::write(address, NAMES.as_bytes())?;
    Ok(0)
}

/// A call that is left out on purpose: no line in the log.
pub(crate) fn absent(_: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Err(Errno::ENOSYS.into())
}

const GRND_NONBLOCK: u64 = 1;
const GRND_RANDOM: u64 = 2;
const GRND_INSECURE: u64 = 4;

/// The most that one call gives.
const RANDOM_MAX: u64 = 33_554_431;

/// `getrandom`.
pub(crate) fn getrandom(_: &mut Kernel, [address, length, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let known = GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE;
    if flags & !known != 0 || flags & (GRND_RANDOM | GRND_INSECURE) == GRND_RANDOM | GRND_INSECURE {
        return Err(Errno::EINVAL.into());
    }
    let length = length.min(RANDOM_MAX);
    let mut done = 0;
    while done < length {
        let word = arch::random_u64().to_ne_bytes();
        let part = (length - done).min(word.len() as u64);
        match user::write(address.wrapping_add(done), &word[..part as usize]) {
            Ok(()) => done += part,
            Err(fault) if done == 0 => return Err(fault.into()),
            Err(_) => break,
        }
    }
    Ok(done)
}

/// `struct sysinfo`.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct SystemInformation {
    uptime: u64,
    loads: [u64; 3],
    total_memory: u64,
    free_memory: u64,
    shared_memory: u64,
    buffers: u64,
    total_swap: u64,
    free_swap: u64,
    processes: u16,
    pad: [u8; 6],
    total_high: u64,
    free_high: u64,
    unit: u32,
    end: u32,
}

/// `sysinfo`.
pub(crate) fn sysinfo(kernel: &mut Kernel, [address, ..]: [u64; 6]) -> Result<u64, Flow> {
    let information = SystemInformation {
        uptime: time::now() / abi::time::NANOSECONDS,
        loads: [0; 3],
        total_memory: frames::total() * PAGE,
        free_memory: frames::free() * PAGE,
        shared_memory: 0,
        buffers: 0,
        total_swap: 0,
        free_swap: 0,
        processes: u16::try_from(kernel.threads.len()).unwrap_or(u16::MAX),
        pad: [0; 6],
        total_high: 0,
        free_high: 0,
        unit: 1,
        end: 0,
    };
    user::write(address, information.as_bytes())?;
    Ok(0)
}
