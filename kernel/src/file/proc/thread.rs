//! Texts about one thread.

use super::process;
use crate::lossy::Lossy;
use crate::task::thread::State;
use crate::task::{Kernel, On, Pid, Thread};
use abi::syscall::{
    CLOCK_NANOSLEEP, EPOLL_PWAIT, EPOLL_WAIT, FCNTL, FLOCK, NANOSLEEP, PAUSE, POLL, PPOLL, READ, READV,
    RT_SIGSUSPEND, RT_SIGTIMEDWAIT, WAIT4, WAITID, WRITE, WRITEV,
};
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;

/// `comm`.
pub(super) fn name(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    let thread = kernel.threads.get(about.0)?;
    Some(format!("{}\n", thread.name()).into_bytes())
}

/// `status`: what is the thread's own.
pub(super) fn status(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    let thread = kernel.threads.get(about.0)?;
    let (letter, word) = process::letter(thread);
    let text = format!(
        "Name:\t{}\nState:\t{letter} ({word})\nTgid:\t{}\nPid:\t{}\n",
        thread.name(),
        thread.process.0,
        thread.id.0
    );
    Some(text.into_bytes())
}

/// `wchan`: what the thread waits for, 0 if for nothing. Linux names a function of its kernel here.
pub(super) fn waits_for(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    let thread = kernel.threads.get(about.0)?;
    Some(wait_of(kernel, thread).into_owned().into_bytes())
}

fn wait_of<'a>(kernel: &Kernel, thread: &'a Thread) -> Cow<'a, str> {
    if thread.state != State::Blocked {
        return Cow::Borrowed("0");
    }
    if thread.reading.is_some() {
        return Cow::Borrowed("binder read");
    }
    let Some(wait) = &thread.wait else {
        return Cow::Borrowed("0");
    };
    Cow::Borrowed(match &wait.on {
        On::BinderFreeze(_) => "binder freeze",
        On::Futex { .. } => "futex",
        On::Vfork => "vfork",
        On::Channels(_) => {
            let registers = thread.context.registers();
            match registers.rax {
                READ | READV => return file(kernel, thread, "read", registers.rdi),
                WRITE | WRITEV => return file(kernel, thread, "write", registers.rdi),
                NANOSLEEP | CLOCK_NANOSLEEP => "sleep",
                WAIT4 | WAITID => "child",
                POLL | PPOLL | EPOLL_WAIT | EPOLL_PWAIT => "poll",
                PAUSE | RT_SIGSUSPEND | RT_SIGTIMEDWAIT => "signal",
                FLOCK | FCNTL => "lock",
                other => abi::syscall::name(other).unwrap_or("system call"),
            }
        }
    })
}

/// A wait for a file: what is to be done, and with which.
fn file<'a>(kernel: &Kernel, thread: &Thread, deed: &'static str, descriptor: u64) -> Cow<'a, str> {
    let process = kernel.processes.get(thread.process.0);
    let open = process.and_then(|process| process.files.peek(descriptor as i32));
    match open {
        Some(open) => Cow::Owned(format!("{deed} {}", Lossy(&open.path()))),
        None => Cow::Borrowed(deed),
    }
}
