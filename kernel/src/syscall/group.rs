//! Process groups and sessions: whom one signal reaches. There is no job control: nothing is stopped or continued.

use super::signal::send_to_process;
use crate::task::{Flow, Kernel, Pid};
use abi::Errno;
use abi::signal::Signal;

/// `getpgrp`.
pub(crate) fn getpgrp(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.process().group.0.into())
}

/// `getpgid`.
pub(crate) fn getpgid(kernel: &mut Kernel, [pid, ..]: [u64; 6]) -> Result<u64, Flow> {
    let about = process_of(kernel, pid)?;
    let process = kernel.processes.get(about.0).ok_or(Errno::ESRCH)?;
    Ok(process.group.0.into())
}

/// `getsid`.
pub(crate) fn getsid(kernel: &mut Kernel, [pid, ..]: [u64; 6]) -> Result<u64, Flow> {
    let about = process_of(kernel, pid)?;
    let process = kernel.processes.get(about.0).ok_or(Errno::ESRCH)?;
    Ok(process.session.0.into())
}

/// `setpgid`: of oneself, or of a child.
pub(crate) fn setpgid(kernel: &mut Kernel, [pid, group, ..]: [u64; 6]) -> Result<u64, Flow> {
    // Without a group, the process's own number is the group's.
    let group = match group as i32 {
        0 => pid as i32,
        group => group,
    };
    let group = u32::try_from(group).map_err(|_| Errno::EINVAL)?;
    let about = process_of(kernel, pid)?;
    let own = kernel.process();
    let (own_id, own_session) = (own.id, own.session);
    let process = kernel.processes.get(about.0).ok_or(Errno::ESRCH)?;
    if about != own_id {
        if process.parent != Some(own_id) {
            return Err(Errno::ESRCH.into());
        }
        if process.session != own_session {
            return Err(Errno::EPERM.into());
        }
        if process.executed {
            return Err(Errno::EACCES.into());
        }
    }
    if process.session == about {
        return Err(Errno::EPERM.into());
    }
    let group = if group == 0 { about } else { Pid(group) };
    let exists = |group| {
        let mut processes = kernel.processes.iter();
        processes.any(|process| process.group == group && process.session == own_session)
    };
    if group != about && !exists(group) {
        return Err(Errno::EPERM.into());
    }
    if let Some(process) = kernel.processes.get_mut(about.0) {
        process.group = group;
    }
    Ok(0)
}

/// `setsid`: a session and a group of its own.
pub(crate) fn setsid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    let own = kernel.process().id;
    if kernel.processes.iter().any(|process| process.group == own) {
        return Err(Errno::EPERM.into());
    }
    let process = kernel.process_mut();
    process.group = own;
    process.session = own;
    Ok(own.0.into())
}

/// Sends a signal to all processes of a group. It is enough that one could be reached.
pub(super) fn kill_group(kernel: &mut Kernel, group: Pid, signal: Option<Signal>) -> Result<u64, Flow> {
    let mut result = Err(Errno::ESRCH.into());
    for member in kernel.members_of(group)? {
        let sent = send_to_process(kernel, member, signal);
        if result.is_err() {
            result = sent;
        }
    }
    result
}

/// The process that an argument means: 0 is the caller's.
fn process_of(kernel: &Kernel, pid: u64) -> Result<Pid, Errno> {
    match u32::try_from(pid as i32) {
        Ok(0) => Ok(kernel.thread().process),
        Ok(pid) if kernel.processes.get(pid).is_some() && kernel.can_name(Pid(pid)) => Ok(Pid(pid)),
        _ => Err(Errno::ESRCH),
    }
}
