//! Numbers, ends and children of processes.

use crate::mm::user;
use crate::task::{EndedChild, Flow, Kernel, Pid, Process};
use abi::Errno;
use abi::thread::{WALL, WCLONE, WCONTINUED, WNOHANG, WNOTHREAD, WUNTRACED};

/// `exit`: ends the calling thread.
pub(crate) fn exit(kernel: &mut Kernel, [status, ..]: [u64; 6]) -> Result<u64, Flow> {
    kernel.end_thread(status as u8);
    Err(Flow::STAY)
}

/// `exit_group`: ends the process.
pub(crate) fn exit_group(kernel: &mut Kernel, [status, ..]: [u64; 6]) -> Result<u64, Flow> {
    let pid = kernel.thread().process;
    kernel.end_process(pid, crate::task::Ending::Exited(status as u8));
    Err(Flow::STAY)
}

/// `getpid`.
pub(crate) fn getpid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.thread().process.0.into())
}

/// `gettid`.
pub(crate) fn gettid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.current.0.into())
}

/// `getppid`: 0 for a process that the kernel started.
pub(crate) fn getppid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.process().parent.map_or(0, |parent| parent.0).into())
}

/// `set_tid_address`: the word to clear when the thread ends.
pub(crate) fn set_tid_address(kernel: &mut Kernel, [address, ..]: [u64; 6]) -> Result<u64, Flow> {
    kernel.thread_mut().clear_child_tid = address;
    Ok(kernel.current.0.into())
}

/// `wait4`: the end of a child.
pub(crate) fn wait4(kernel: &mut Kernel, [which, status, options, usage, ..]: [u64; 6]) -> Result<u64, Flow> {
    let options = options as u32;
    if options & !(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let which = which as i32;
    let process = kernel.process_mut();
    let own_group = process.group;
    let is_meant = |id: Pid, group: Pid| match which {
        -1 => true,
        0 => group == own_group,
        which if which < 0 => group.0 == which.unsigned_abs(),
        which => id.0 == which.unsigned_abs(),
    };
    let pid = process.id;
    let channel = process.child_ended;
    if let Some(at) = process
        .ended_children
        .iter()
        .position(|child| is_meant(child.id, child.group))
    {
        let EndedChild { id, ending, .. } = process.ended_children[at];
        if status != 0 {
            user::write_value(status, &ending.wait_status())?;
        }
        if usage != 0 {
            user::zero(usage, RUSAGE_SIZE)?;
        }
        kernel.process_mut().ended_children.remove(at);
        return Ok(id.0.into());
    }
    let is_child = |process: &Process| process.parent == Some(pid) && is_meant(process.id, process.group);
    if !kernel.processes.iter().any(is_child) {
        return Err(Errno::ECHILD.into());
    }
    if options & WNOHANG != 0 {
        return Ok(0);
    }
    Err(kernel.wait_on(channel))
}

/// The size of `struct rusage`. Nothing in it is counted here.
const RUSAGE_SIZE: usize = 144;
