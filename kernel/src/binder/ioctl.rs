//! ioctl on a binder file, from the system call to its end.

use super::device::{BinderFile, blocking};
use super::{apply, release_left, traced};
use crate::arch::time;
use crate::file::changes;
use crate::mm::user;
use crate::task::{Flow, Kernel, KnownBinder, Wait};
use abi::Errno;
use abi::binder::ioctl::{BINDER_THREAD_EXIT, BINDER_WRITE_READ};
use binder_driver::{Blocking, Outcome, Pid, ProcId, Resumption, Step, ThreadId};

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// `BINDER_WRITE_READ` on a descriptor of the current thread's process, looked up. Nothing if the descriptor is
/// not a binder file.
#[inline(never)]
pub(crate) fn write_read(
    kernel: &mut Kernel,
    process: Pid,
    descriptor: i32,
    argument: u64,
) -> Option<Result<u64, Flow>> {
    let file = kernel.processes.get(process.0)?.files.get(descriptor).ok()?;
    let proc = file.downcast::<BinderFile>()?.proc();
    let blocking = blocking(file);
    remember(kernel, proc, descriptor, blocking);
    Some(ioctl(kernel, proc, BINDER_WRITE_READ, argument, blocking))
}

/// `BINDER_VERSION` on the descriptor that the current thread used last. Nothing if it is another one, which may be
/// remembered for the next time.
#[inline]
pub(crate) fn version(kernel: &mut Kernel, descriptor: i32, argument: u64) -> Option<Result<u64, Errno>> {
    let known = kernel.threads.get(kernel.current.0)?.binder;
    if known.stamp != changes::stamp(descriptor) {
        look_up(kernel, descriptor);
        return None;
    }
    let version = kernel.driver.version(known.thread)?;
    let written = user::store_i32(argument, version);
    Some(written.map(|()| 0).map_err(|_| Errno::EINVAL))
}

/// Remembers what a descriptor stands for if it is a binder file that the current thread is known to.
#[cold]
#[inline(never)]
fn look_up(kernel: &mut Kernel, descriptor: i32) {
    if let Ok(file) = kernel.process().files.get(descriptor)
        && let Some(binder) = file.downcast::<BinderFile>()
    {
        let (proc, blocking) = (binder.proc(), blocking(file));
        remember(kernel, proc, descriptor, blocking);
    }
}

/// Remembers what the current thread's descriptor stands for, so that the next call finds it at once. A descriptor whose
/// reads must not wait is not remembered, and none while tracing is on.
fn remember(kernel: &mut Kernel, proc: ProcId, number: i32, blocking: Blocking) {
    if kernel.tracer.is_on() || !changes::is_memorable(number) {
        return;
    }
    let thread = kernel.thread_mut();
    if blocking == Blocking::Allowed && thread.binder.is_of(proc) {
        thread.binder.stamp = changes::stamp(number);
    }
}

/// Any ioctl of the current thread.
#[inline(always)]
pub(super) fn ioctl(
    kernel: &mut Kernel,
    proc: ProcId,
    request: u32,
    argument: u64,
    blocking: Blocking,
) -> Result<u64, Flow> {
    if kernel.tracer.is_on() {
        return traced::ioctl(kernel, proc, request, argument, blocking);
    }
    let thread = thread(kernel, proc)?;
    let (driver, mut caller) = kernel.driver_and_silent_caller();
    let step = driver.ioctl_generally(thread, request, argument, blocking, &mut caller);
    if request == BINDER_THREAD_EXIT {
        kernel.thread_mut().forget_binder();
    }
    complete(kernel, thread, step)
}

/// Carries on the blocked ioctl of the current thread.
#[inline(always)]
pub(crate) fn resume(kernel: &mut Kernel, thread: ThreadId, why: Resumption) -> Result<u64, Flow> {
    if kernel.tracer.is_on() {
        return traced::resume(kernel, thread, why);
    }
    let (driver, mut caller) = kernel.driver_and_silent_caller();
    let step = driver.resume(thread, why, &mut caller);
    complete(kernel, thread, step)
}

/// The current thread's place in the driver. It is remembered for the file used last.
#[inline(always)]
pub(super) fn thread(kernel: &mut Kernel, proc: ProcId) -> Result<ThreadId, Errno> {
    let known = &kernel.thread().binder;
    if known.is_of(proc) {
        return Ok(known.thread);
    }
    let task = kernel.current;
    let thread = kernel.driver.thread(proc, task)?;
    kernel.thread_mut().binder = KnownBinder::new(proc, thread);
    Ok(thread)
}

#[inline(always)]
pub(crate) fn complete(kernel: &mut Kernel, thread: ThreadId, step: Step) -> Result<u64, Flow> {
    apply(kernel, step.effects);
    match step.outcome {
        Outcome::Done(result) => {
            if !kernel.leaving.is_empty() {
                release_left(kernel);
            }
            Ok(i64::from(result?) as u64)
        }
        Outcome::Blocked { timeout: None } => Err(Flow::read(thread)),
        Outcome::Blocked { timeout: Some(after) } => {
            let deadline = time::now().saturating_add(u64::from(after) * MILLISECOND);
            Err(kernel.wait_for(Wait::for_freeze(thread, deadline)))
        }
    }
}
