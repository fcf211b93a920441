//! `bindery.ILease`: a program that lives no longer than somebody wants it.
//!
//! A lease has no methods. When nobody refers to it any more, because its holders let go of it or ended, the program is
//! killed. So whoever starts helpers and holds their leases leaves none behind, however it ends.

use super::process::{self, ProcessObject};
use crate::task::Kernel;
use crate::task::signal::Target;
use abi::signal::{SI_KERNEL, Signal, SignalInfo};
use binder_driver::Pid;

/// How far a lease's number is from that of the process's object.
const DISTANCE: u64 = 4;

/// Whether a number is that of a lease.
pub(super) fn is_lease(node: u64) -> bool {
    node >= process::FIRST && node % process::STEP == DISTANCE
}

/// The lease on the process whose object this is; gives its number.
pub(super) fn create(kernel: &mut Kernel, object: u64, pid: Pid) -> u64 {
    let node = object + DISTANCE;
    if kernel.objects.processes.get(&node).is_none() {
        kernel.objects.processes.insert(node, ProcessObject::new(pid));
    }
    node
}

/// The driver has told of all references that the last answer made. A lease that has none by now did not reach its
/// caller, and never will.
pub(super) fn release_unreferred(kernel: &mut Kernel) {
    while let Some(node) = find(kernel, |object| !object.is_referred) {
        process::forget(kernel, node);
    }
}

/// Nobody refers to the lease on a program any more.
pub(super) fn released(kernel: &mut Kernel, pid: Pid) {
    let info = SignalInfo::sent(Signal::SIGKILL, SI_KERNEL, 0, 0);
    // One that is ending needs no signal.
    let _sent = kernel.send_signal(Target::Process(pid), Signal::SIGKILL, info);
}

/// The process has ended: its number may come to mean another one.
pub(super) fn ended(kernel: &mut Kernel, pid: Pid) {
    while let Some(node) = find(kernel, |object| object.pid == pid) {
        kernel.objects.processes.remove(&node);
    }
}

fn find(kernel: &Kernel, is_it: impl Fn(&ProcessObject) -> bool) -> Option<u64> {
    let mut objects = kernel.objects.processes.iter();
    let found = objects.find(|&(&node, object)| is_lease(node) && is_it(object));
    found.map(|(&node, _)| node)
}
