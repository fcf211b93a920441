//! `bindery.ILease`: a program that lives no longer than somebody wants it.
//!
//! A lease has no methods. When nobody refers to it any more, because its holders let go of it or ended, the program is
//! killed. So whoever starts helpers and holds their leases leaves none behind, however it ends.

use super::process;
use crate::task::Kernel;
use crate::task::signal::Target;
use abi::signal::{SI_KERNEL, Signal, SignalInfo};
use alloc::vec::Vec;
use binder_driver::Pid;

/// A program that ends with its lease.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pid: Pid,
    /// Somebody has it, so that its release will be heard of.
    is_referred: bool,
}

/// How far a lease's number is from that of the process's object.
const DISTANCE: u64 = 4;

/// Whether a number is that of a lease.
pub(super) fn is_lease(node: u64) -> bool {
    node >= process::FIRST && node % process::STEP == DISTANCE
}

/// The lease on the process whose object this is; gives its number.
pub(super) fn create(kernel: &mut Kernel, object: u64, pid: Pid) -> u64 {
    let node = object + DISTANCE;
    let lease = Lease {
        pid,
        is_referred: false,
    };
    if kernel.objects.leases.get(&node).is_none() {
        kernel.objects.leases.insert(node, lease);
    }
    node
}

/// Somebody refers to the lease.
pub(super) fn referred(kernel: &mut Kernel, node: u64) {
    if let Some(lease) = kernel.objects.leases.get_mut(&node) {
        lease.is_referred = true;
    }
}

/// The driver has told of all references that the last answer made. A lease that has none by now did not reach its
/// caller, and never will.
pub(super) fn release_unreferred(kernel: &mut Kernel) {
    let leases = kernel.objects.leases.iter();
    let nobodys = leases.filter(|(_, lease)| !lease.is_referred);
    let nobodys: Vec<u64> = nobodys.map(|(&node, _)| node).collect();
    for node in nobodys {
        released(kernel, node);
    }
}

/// Nobody refers to the lease any more.
pub(super) fn released(kernel: &mut Kernel, node: u64) {
    if let Some(Lease { pid, .. }) = kernel.objects.leases.remove(&node) {
        let info = SignalInfo::sent(Signal::SIGKILL, SI_KERNEL, 0, 0);
        // One that is ending needs no signal.
        let _sent = kernel.send_signal(Target::Process(pid), Signal::SIGKILL, info);
    }
}

/// The process has ended: its number may come to mean another one.
pub(super) fn ended(kernel: &mut Kernel, pid: Pid) {
    let leases = kernel.objects.leases.iter();
    let its = leases.filter(|(_, lease)| lease.pid == pid);
    let its: Vec<u64> = its.map(|(&node, _)| node).collect();
    for node in its {
        kernel.objects.leases.remove(&node);
    }
}
