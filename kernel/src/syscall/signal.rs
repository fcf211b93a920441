//! Signals: handlers, masks, sending, waiting.

use super::group::kill_group;
use super::time::read_time;
use crate::arch::time;
use crate::mm::user;
use crate::task::signal::{SavedMask, Target};
use crate::task::{Channel, Flow, Kernel, Pid, TaskId, Wait};
use abi::Errno;
use abi::signal::{
    MINSIGSTKSZ, SI_TKILL, SI_USER, SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SS_AUTODISARM, SS_DISABLE,
    SS_ONSTACK, Signal, SignalAction, SignalInfo, SignalSet, SignalStack,
};
use alloc::vec::Vec;

/// The only size of a signal set.
const SET_SIZE: u64 = 8;

fn check_size(size: u64) -> Result<(), Errno> {
    if size == SET_SIZE {
        Ok(())
    } else {
        Err(Errno::EINVAL)
    }
}

/// `rt_sigaction`.
pub(crate) fn rt_sigaction(kernel: &mut Kernel, [signal, new, old, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    check_size(size)?;
    let signal = Signal::from_number(signal).ok_or(Errno::EINVAL)?;
    let before = kernel.process().signals.action(signal);
    if new != 0 {
        let mut action: SignalAction = user::read_value(new)?;
        if SignalSet::UNSTOPPABLE.contains(signal) {
            return Err(Errno::EINVAL.into());
        }
        action.mask = action.mask.without(SignalSet::UNSTOPPABLE);
        let process = kernel.process_mut();
        process.signals.set_action(signal, action);
        // What is ignored from now on is not pending either.
        if process.signals.ignores(signal) {
            process.signals.pending.forget(signal);
            let tasks: Vec<TaskId> = process.threads.clone();
            for task in tasks {
                if let Some(thread) = kernel.threads.get_mut(task.0) {
                    thread.signals.pending.forget(signal);
                }
                kernel.refresh_attention(task);
            }
        }
    }
    if old != 0 {
        user::write_value(old, &before)?;
    }
    Ok(0)
}

/// `rt_sigprocmask`.
pub(crate) fn rt_sigprocmask(kernel: &mut Kernel, [how, new, old, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    check_size(size)?;
    let before = kernel.thread().signals.mask;
    if new != 0 {
        let set: SignalSet = user::read_value(new)?;
        let mask = match how {
            SIG_BLOCK => before.with(set),
            SIG_UNBLOCK => before.without(set),
            SIG_SETMASK => set,
            _ => return Err(Errno::EINVAL.into()),
        };
        kernel.set_signal_mask(kernel.current, mask);
    }
    if old != 0 {
        user::write_value(old, &before)?;
    }
    Ok(0)
}

/// `rt_sigpending`.
pub(crate) fn rt_sigpending(kernel: &mut Kernel, [address, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    if size > SET_SIZE {
        return Err(Errno::EINVAL.into());
    }
    let own = &kernel.thread().signals;
    let waiting = own
        .pending
        .set()
        .with(kernel.process().signals.pending.set())
        .and(own.mask);
    user::write(address, &waiting.0.to_ne_bytes()[..size as usize])?;
    Ok(0)
}

/// `rt_sigreturn`: back from a handler.
pub(crate) fn rt_sigreturn(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    if kernel.pop_frame().is_err() {
        kernel.force_signal(Signal::SIGSEGV);
    }
    Err(Flow::STAY)
}

/// `rt_sigsuspend`: waits with another mask until a handler has run.
pub(crate) fn rt_sigsuspend(kernel: &mut Kernel, [address, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    check_size(size)?;
    let set: SignalSet = user::read_value(address)?;
    let task = kernel.current;
    let signals = &mut kernel.thread_mut().signals;
    if signals.saved_mask.is_none() {
        signals.saved_mask = Some(SavedMask::of(signals.mask));
        kernel.set_signal_mask(task, set);
    }
    Err(kernel.wait_for(Wait::never()))
}

/// `pause`.
pub(crate) fn pause(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Err(kernel.wait_for(Wait::never()))
}

/// `rt_sigtimedwait`: takes a signal of the set instead of having it delivered.
pub(crate) fn rt_sigtimedwait(
    kernel: &mut Kernel,
    [set, info, timeout, size, ..]: [u64; 6],
) -> Result<u64, Flow> {
    check_size(size)?;
    let set: SignalSet = user::read_value(set)?;
    let set = set.without(SignalSet::UNSTOPPABLE);
    let deadline = if timeout == 0 {
        None
    } else {
        Some(kernel.deadline(read_time(timeout)?))
    };
    kernel.thread_mut().signals.awaited = SignalSet::EMPTY;
    if let Some((signal, details)) = kernel.take_pending(set) {
        kernel.refresh_attention(kernel.current);
        if info != 0 {
            user::write_value(info, &details)?;
        }
        return Ok(signal.number().into());
    }
    if deadline.is_some_and(|deadline| time::now() >= deadline) {
        return Err(Errno::EAGAIN.into());
    }
    if kernel.interrupted() {
        return Err(Errno::EINTR.into());
    }
    kernel.thread_mut().signals.awaited = set;
    Err(kernel.wait_for(Wait {
        deadline,
        ..Wait::on(Channel::new())
    }))
}

/// `sigaltstack`.
pub(crate) fn sigaltstack(kernel: &mut Kernel, [new, old, ..]: [u64; 6]) -> Result<u64, Flow> {
    let before = kernel.visible_stack();
    if new != 0 {
        let wanted: SignalStack = user::read_value(new)?;
        if before.flags & SS_ONSTACK != 0 && before.flags & SS_AUTODISARM == 0 {
            return Err(Errno::EPERM.into());
        }
        kernel.thread_mut().signals.stack = match wanted.flags & !SS_AUTODISARM {
            SS_DISABLE => SignalStack::NONE,
            0 | SS_ONSTACK if wanted.size < MINSIGSTKSZ => return Err(Errno::ENOMEM.into()),
            0 | SS_ONSTACK => SignalStack {
                flags: wanted.flags & SS_AUTODISARM,
                ..wanted
            },
            _ => return Err(Errno::EINVAL.into()),
        };
    }
    if old != 0 {
        user::write_value(old, &before)?;
    }
    Ok(0)
}

/// `kill`: a process, a group, or all that the caller may signal.
pub(crate) fn kill(kernel: &mut Kernel, [pid, signal, ..]: [u64; 6]) -> Result<u64, Flow> {
    let signal = optional_signal(signal)?;
    match pid as i32 {
        0 => kill_group(kernel, kernel.process().group, signal),
        -1 => {
            let own = kernel.thread().process;
            let others = kernel.processes.iter().map(|process| process.id);
            // Neither the first process nor the caller, as on Linux.
            let targets: Vec<Pid> = others.filter(|&id| id != own && id != Pid(1)).collect();
            let mut result = Err(Errno::ESRCH.into());
            for target in targets {
                if let Ok(flow) = send(kernel, Target::Process(target), signal, SI_USER) {
                    result = Ok(flow);
                }
            }
            result
        }
        group if group < 0 => kill_group(kernel, Pid(group.unsigned_abs()), signal),
        number => {
            let number = number.unsigned_abs();
            // A thread's number means its process.
            let pid = match kernel.threads.get(number) {
                Some(thread) => thread.process,
                None => Pid(number),
            };
            send(kernel, Target::Process(pid), signal, SI_USER)
        }
    }
}

/// `tgkill`: a thread of a process.
pub(crate) fn tgkill(kernel: &mut Kernel, [pid, task, signal, ..]: [u64; 6]) -> Result<u64, Flow> {
    let (pid, task) = (positive(pid)?, positive(task)?);
    let signal = optional_signal(signal)?;
    let thread = kernel.threads.get(task).ok_or(Errno::ESRCH)?;
    if thread.process != Pid(pid) {
        return Err(Errno::ESRCH.into());
    }
    send(kernel, Target::Thread(TaskId(task)), signal, SI_TKILL)
}

/// `tkill`: a thread.
pub(crate) fn tkill(kernel: &mut Kernel, [task, signal, ..]: [u64; 6]) -> Result<u64, Flow> {
    let task = positive(task)?;
    let signal = optional_signal(signal)?;
    send(kernel, Target::Thread(TaskId(task)), signal, SI_TKILL)
}

fn positive(number: u64) -> Result<u32, Errno> {
    match number as i32 {
        number if number > 0 => Ok(number.unsigned_abs()),
        _ => Err(Errno::EINVAL),
    }
}

/// A signal's number, where 0 only asks whether one may be sent.
fn optional_signal(number: u64) -> Result<Option<Signal>, Errno> {
    match u64::from(number as u32) {
        0 => Ok(None),
        number => Signal::from_number(number).map(Some).ok_or(Errno::EINVAL),
    }
}

/// Sends a signal to a process as `kill` does.
pub(super) fn send_to_process(
    kernel: &mut Kernel,
    process: Pid,
    signal: Option<Signal>,
) -> Result<u64, Flow> {
    send(kernel, Target::Process(process), signal, SI_USER)
}

fn send(kernel: &mut Kernel, target: Target, signal: Option<Signal>, code: i32) -> Result<u64, Flow> {
    let pid = match target {
        Target::Process(pid) => pid,
        Target::Thread(task) => kernel.threads.get(task.0).ok_or(Errno::ESRCH)?.process,
    };
    if !kernel.can_name(pid) {
        return Err(Errno::ESRCH.into());
    }
    let theirs = kernel.processes.get(pid.0).ok_or(Errno::ESRCH)?.credentials;
    let own = kernel.thread();
    if !own.credentials.may_signal(theirs) {
        return Err(Errno::EPERM.into());
    }
    if let Some(signal) = signal {
        let info = SignalInfo::sent(signal, code, own.process.0, own.credentials.uid);
        kernel.send_signal(target, signal, info)?;
    }
    Ok(0)
}
