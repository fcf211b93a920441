//! `bindery.IProcess`: a started program.
//!
//! The object lives as long as somebody refers to it, and keeps the program's status after its end. When the program
//! ends the driver tells everybody who asked for the object's death.

use super::call::{Call, Failure};
use super::looper::{State, Turn};
use super::{lease, root, serve};
use crate::task::signal::Target;
use crate::task::{Ending, Kernel};
use abi::Errno;
use abi::binder::TransactionFlags;
use abi::kernel_objects::process;
use abi::parcel::Writer;
use abi::signal::{SI_KERNEL, Signal, SignalInfo};
use binder_driver::Pid;

/// The first number of an object that stands for a process.
pub(super) const FIRST: u64 = 0x1000;

/// The distance between two such numbers: they look like addresses of aligned objects.
pub(super) const STEP: u64 = 8;

/// A process as an object, or the lease on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProcessObject {
    pub(super) pid: Pid,
    ending: Option<Ending>,
    /// Somebody has it, so that its release will be heard of.
    pub(super) is_referred: bool,
}

impl ProcessObject {
    /// Of a process that runs; nobody has it yet.
    pub(super) const fn new(pid: Pid) -> Self {
        Self {
            pid,
            ending: None,
            is_referred: false,
        }
    }
}

/// Makes the object of a new process; gives its number.
pub(super) fn create(kernel: &mut Kernel, pid: Pid) -> u64 {
    let node = kernel.objects.next_process;
    kernel.objects.next_process += STEP;
    kernel.objects.processes.insert(node, ProcessObject::new(pid));
    node
}

/// Somebody refers to the object, or to the lease.
pub(super) fn referred(kernel: &mut Kernel, node: u64) {
    if let Some(object) = kernel.objects.processes.get_mut(&node) {
        object.is_referred = true;
    }
}

/// Nobody refers to the object, or to the lease, any more.
pub(super) fn forget(kernel: &mut Kernel, node: u64) {
    let object = kernel.objects.processes.remove(&node);
    if let Some(object) = object
        && lease::is_lease(node)
    {
        lease::released(kernel, object.pid);
    }
}

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    let Call {
        kernel,
        incoming,
        request,
        reply,
        awaited,
    } = call;
    let node = incoming.node;
    let object = *kernel
        .objects
        .processes
        .get(&node)
        .ok_or(Failure::UnknownMethod)?;
    match incoming.code {
        process::PID => reply.write_i32(object.pid.0 as i32),
        process::KILL => {
            let number = request.read_i32()?;
            let signal = u64::try_from(number).ok().and_then(Signal::from_number);
            let signal = signal.ok_or(Failure::Argument(&"a signal is 1 to 64"))?;
            if object.ending.is_none() {
                let info = SignalInfo::sent(signal, SI_KERNEL, 0, 0);
                match kernel.send_signal(Target::Process(object.pid), signal, info) {
                    Ok(()) | Err(Errno::ESRCH) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
        }
        process::WAIT => match object.ending {
            Some(ending) => reply.write_i32(ending.shell_status().into()),
            None => *awaited = Some(object.pid),
        },
        process::STATUS => {
            reply.write_bool(object.ending.is_none());
            reply.write_i32(object.ending.map_or(0, Ending::shell_status).into());
        }
        process::LEASE if object.ending.is_some() => {
            return Err(Failure::Argument(&"the program has ended"));
        }
        process::LEASE => {
            let lease = lease::create(kernel, node, object.pid);
            root::write_object(reply, lease);
        }
        _ => return Err(Failure::UnknownMethod),
    }
    Ok(())
}

/// The process has ended: answers those that wait, tells those that watch.
#[inline(never)]
pub(super) fn ended(kernel: &mut Kernel, pid: Pid, ending: Ending) {
    lease::ended(kernel, pid);
    let mut objects = kernel.objects.processes.iter();
    let found = objects.find(|&(_, object)| object.pid == pid && object.ending.is_none());
    let node = found.map(|(&node, _)| node);
    if let Some(node) = node
        && let Some(object) = kernel.objects.processes.get_mut(&node)
    {
        object.ending = Some(ending);
        if !object.is_referred {
            forget(kernel, node);
        }
        if let Some(proc) = kernel.objects.proc {
            let effects = kernel.driver.announce_death(proc, node);
            crate::binder::apply(kernel, effects);
        }
    }
    let is_waiting = |looper: &super::Looper| looper.state == State::Parked(pid);
    while let Some(index) = kernel.objects.loopers.iter().position(is_waiting) {
        let mut reply = Writer::new();
        reply.write_no_exception();
        reply.write_i32(ending.shell_status().into());
        let looper = &mut kernel.objects.loopers[index];
        looper.state = State::Busy;
        looper.push_reply(reply, TransactionFlags::empty());
        serve::run(kernel, index, Turn::WriteAndRead);
    }
}
