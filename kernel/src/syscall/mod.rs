//! System calls: Linux's numbers, arguments and errors, a documented subset.
//!
//! Each family has a file. A call is a function from the kernel and six arguments to a [`Flow`] or an errno; the
//! [`table`] says which number is which function. A number without one answers ENOSYS and leaves a line in the log.

mod clone;
mod control;
mod descriptor;
mod directory;
mod epoll;
mod event;
mod execute;
mod file;
mod futex;
mod group;
mod identity;
mod memory;
mod name;
mod path;
mod pipe;
mod poll;
mod process;
pub(crate) mod quick;
mod scheduling;
mod signal;
mod socket;
mod status;
mod system;
mod table;
mod time;
mod transfer;

use crate::binder;
use crate::log;
use crate::mm::frames;
use crate::task::{Calls, Flow, Kernel};
use abi::Errno;
use abi::binder::ioctl::BINDER_WRITE_READ;
use abi::syscall as number;
use table::Asked;

/// A system call.
pub(crate) type Call = fn(&mut Kernel, [u64; 6]) -> Result<u64, Flow>;

/// What makes system calls.
pub(crate) const CALLS: Calls = Calls { make: call, restarts };

/// Makes the call that the current thread's registers ask for, for the first time or again.
fn call(kernel: &mut Kernel) -> Result<u64, Flow> {
    let thread = kernel.thread();
    let registers = thread.context.registers();
    let number = registers.rax;
    let arguments = [
        registers.rdi,
        registers.rsi,
        registers.rdx,
        registers.r10,
        registers.r8,
        registers.r9,
    ];
    // The first one on a descriptor; the next ones do not come here.
    if number == number::IOCTL && registers.rsi as u32 == BINDER_WRITE_READ {
        let (process, descriptor, argument) = (thread.process, registers.rdi as i32, registers.rdx);
        if let Some(result) = binder::write_read(kernel, process, descriptor, argument) {
            return result;
        }
    }
    let Some(asked) = Asked::new(number) else {
        return unknown(kernel, number);
    };
    // Such a call is refused when memory is short, so that what remains suffices for those that go on, and for ending
    // programs.
    if asked.makes_something() && frames::is_short() {
        return Err(Errno::ENOMEM.into());
    }
    asked.make(kernel, arguments)
}

/// Whether a call that a signal interrupted may be made again after a handler that asks for it.
fn restarts(number: u64) -> bool {
    matches!(
        number,
        number::READ
            | number::WRITE
            | number::READV
            | number::WRITEV
            | number::PREAD64
            | number::PWRITE64
            | number::OPENAT
            | number::WAIT4
            | number::FUTEX
    )
}

/// How many missing calls of a process the log names.
const NAMED: usize = 32;

/// A call that is not there. The log names it the first time a process makes it.
fn unknown(kernel: &mut Kernel, number: u64) -> Result<u64, Flow> {
    let missing = &kernel.process().missing_calls;
    if missing.len() < NAMED && missing.iter().all(|known| *known != number) {
        name_missing(kernel, number);
    }
    kernel.missed = Some((kernel.current, number));
    Err(Errno::ENOSYS.into())
}

#[cold]
fn name_missing(kernel: &mut Kernel, number: u64) {
    let task = kernel.current;
    let process = kernel.process_mut();
    let name = abi::syscall::name(number).unwrap_or("unknown");
    log!(
        "{} {}/{}: system call {number} ({name}) is not there",
        process.program_name(),
        process.id.0,
        task.0
    );
    if process.missing_calls.try_reserve(1).is_ok() {
        process.missing_calls.push(number);
    }
}
