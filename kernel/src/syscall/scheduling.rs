//! Nice values, policies, and giving way.
//!
//! There is one policy, `SCHED_OTHER`, and one processor. Nice values are kept, inherited through binder calls and
//! answered; threads take turns whatever they are.

use crate::mm::user;
use crate::task::{Flow, Kernel, TaskId, Thread};
use abi::Errno;
use alloc::vec::Vec;

const PRIO_PROCESS: u64 = 0;
const PRIO_PGRP: u64 = 1;
const PRIO_USER: u64 = 2;

/// Getting a nice value answers 20 minus it, so that it is never negative.
const NICE_ZERO: i64 = 20;

const SCHED_OTHER: u64 = 0;
const SCHED_FIFO: u64 = 1;
const SCHED_RR: u64 = 2;
const SCHED_BATCH: u64 = 3;
const SCHED_IDLE: u64 = 5;
/// A flag beside the policy: children start without it.
const SCHED_RESET_ON_FORK: u64 = 0x4000_0000;

/// The bytes in which one processor is told, as Linux rounds them.
const PROCESSOR_SET: usize = 8;

/// `sched_yield`.
pub(crate) fn sched_yield(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    kernel.thread_mut().context.set_result(0);
    kernel.give_way();
    Err(Flow::STAY)
}

/// `sched_getaffinity`: every thread may use the one processor. Answers how many bytes it wrote.
pub(crate) fn sched_getaffinity(
    kernel: &mut Kernel,
    [task, size, address, ..]: [u64; 6],
) -> Result<u64, Flow> {
    task_of(kernel, task)?;
    if size < PROCESSOR_SET as u64 || size % PROCESSOR_SET as u64 != 0 {
        return Err(Errno::EINVAL.into());
    }
    user::write_value(address, &1_u64)?;
    Ok(PROCESSOR_SET as u64)
}

/// `sched_setaffinity`: as long as the one processor is in the set.
pub(crate) fn sched_setaffinity(
    kernel: &mut Kernel,
    [task, size, address, ..]: [u64; 6],
) -> Result<u64, Flow> {
    task_of(kernel, task)?;
    let mut set = [0; PROCESSOR_SET];
    let length = usize::try_from(size).unwrap_or(usize::MAX).min(set.len());
    user::read(address, &mut set[..length])?;
    if set[0] & 1 == 0 {
        return Err(Errno::EINVAL.into());
    }
    Ok(0)
}

/// `getcpu`.
pub(crate) fn getcpu(_: &mut Kernel, [processor, node, ..]: [u64; 6]) -> Result<u64, Flow> {
    for address in [processor, node] {
        if address != 0 {
            user::write_value(address, &0_u32)?;
        }
    }
    Ok(0)
}

/// `getpriority`.
pub(crate) fn getpriority(kernel: &mut Kernel, [kind, who, ..]: [u64; 6]) -> Result<u64, Flow> {
    let tasks = tasks_of(kernel, kind, who)?;
    let nice = tasks
        .iter()
        .filter_map(|task| kernel.threads.get(task.0))
        .map(|thread| thread.nice)
        .min();
    let nice = nice.ok_or(Errno::ESRCH)?;
    Ok((NICE_ZERO - i64::from(nice)) as u64)
}

/// `setpriority`.
pub(crate) fn setpriority(kernel: &mut Kernel, [kind, who, nice, ..]: [u64; 6]) -> Result<u64, Flow> {
    let tasks = tasks_of(kernel, kind, who)?;
    let nice = (nice as i32).clamp(-20, 19) as i8;
    let is_root = kernel.thread().credentials.is_root();
    let lowest = kernel.process().limits.lowest_nice();
    for task in tasks {
        let Some(thread) = kernel.threads.get_mut(task.0) else {
            continue;
        };
        if nice < thread.nice && !is_root && nice < lowest {
            return Err(Errno::EACCES.into());
        }
        thread.nice = nice;
        thread.settled_nice = Thread::UNSETTLED;
    }
    Ok(0)
}

/// `sched_getscheduler`.
pub(crate) fn sched_getscheduler(kernel: &mut Kernel, [task, ..]: [u64; 6]) -> Result<u64, Flow> {
    task_of(kernel, task)?;
    Ok(SCHED_OTHER)
}

/// `sched_setscheduler`: the ordinary policies are all the same; there are no real-time ones.
pub(crate) fn sched_setscheduler(
    kernel: &mut Kernel,
    [task, policy, parameter, ..]: [u64; 6],
) -> Result<u64, Flow> {
    task_of(kernel, task)?;
    let priority: u32 = user::read_value(parameter)?;
    match policy & !SCHED_RESET_ON_FORK {
        SCHED_OTHER | SCHED_BATCH | SCHED_IDLE if priority == 0 => Ok(0),
        SCHED_FIFO | SCHED_RR if (1..=99).contains(&priority) => Err(Errno::EPERM.into()),
        _ => Err(Errno::EINVAL.into()),
    }
}

/// `sched_getparam`.
pub(crate) fn sched_getparam(kernel: &mut Kernel, [task, parameter, ..]: [u64; 6]) -> Result<u64, Flow> {
    task_of(kernel, task)?;
    user::write_value(parameter, &0_u32)?;
    Ok(0)
}

/// `sched_get_priority_max`.
pub(crate) fn sched_get_priority_max(_: &mut Kernel, [policy, ..]: [u64; 6]) -> Result<u64, Flow> {
    priority_bound(policy, 99)
}

/// `sched_get_priority_min`.
pub(crate) fn sched_get_priority_min(_: &mut Kernel, [policy, ..]: [u64; 6]) -> Result<u64, Flow> {
    priority_bound(policy, 1)
}

fn priority_bound(policy: u64, of_realtime: u64) -> Result<u64, Flow> {
    match policy {
        SCHED_OTHER | SCHED_BATCH | SCHED_IDLE => Ok(0),
        SCHED_FIFO | SCHED_RR => Ok(of_realtime),
        _ => Err(Errno::EINVAL.into()),
    }
}

/// The thread of this number, or the calling one for 0.
fn task_of(kernel: &Kernel, number: u64) -> Result<TaskId, Errno> {
    match number as i32 {
        0 => Ok(kernel.current),
        number => {
            let number = u32::try_from(number).map_err(|_| Errno::EINVAL)?;
            kernel
                .threads
                .get(number)
                .filter(|thread| kernel.can_name(thread.process))
                .map(|thread| thread.id)
                .ok_or(Errno::ESRCH)
        }
    }
}

/// The threads that a priority call means.
fn tasks_of(kernel: &Kernel, kind: u64, who: u64) -> Result<Vec<TaskId>, Errno> {
    let number = match (kind, who) {
        (PRIO_PROCESS, _) => return task_of(kernel, who).map(|task| alloc::vec![task]),
        (PRIO_PGRP, 0) => kernel.process().group.0,
        (PRIO_USER, 0) => kernel.thread().credentials.uid,
        (PRIO_PGRP | PRIO_USER, _) => who as u32,
        _ => return Err(Errno::EINVAL),
    };
    let mut tasks = Vec::new();
    for process in kernel.processes.iter() {
        let theirs = match kind {
            PRIO_PGRP => process.group.0,
            _ => process.credentials.uid,
        };
        if theirs == number && kernel.can_name(process.id) {
            tasks.extend_from_slice(&process.threads);
        }
    }
    if kind == PRIO_PGRP && tasks.is_empty() {
        return Err(Errno::ESRCH);
    }
    Ok(tasks)
}
