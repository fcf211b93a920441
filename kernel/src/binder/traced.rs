//! The way through an ioctl while tracing is on: the same, and each step is recorded.

use super::ioctl;
use crate::task::{Flow, Kernel};
use abi::binder::ioctl::BINDER_THREAD_EXIT;
use abi::trace::Event;
use binder_driver::{Blocking, Outcome, ProcId, Resumption, Step, ThreadId};

/// Any ioctl of the current thread.
#[cold]
#[inline(never)]
pub(super) fn ioctl(
    kernel: &mut Kernel,
    proc: ProcId,
    request: u32,
    argument: u64,
    blocking: Blocking,
) -> Result<u64, Flow> {
    let thread = ioctl::thread(kernel, proc)?;
    kernel.trace(Event::Enter { request });
    let (driver, mut caller) = kernel.driver_and_caller();
    let step = driver.ioctl_generally(thread, request, argument, blocking, &mut caller);
    if request == BINDER_THREAD_EXIT {
        kernel.thread_mut().forget_binder();
    }
    complete(kernel, thread, step)
}

/// Carries on the blocked ioctl of the current thread.
#[cold]
#[inline(never)]
pub(super) fn resume(kernel: &mut Kernel, thread: ThreadId, why: Resumption) -> Result<u64, Flow> {
    kernel.trace(Event::Enter { request: 0 });
    let (driver, mut caller) = kernel.driver_and_caller();
    let step = driver.resume(thread, why, &mut caller);
    complete(kernel, thread, step)
}

fn complete(kernel: &mut Kernel, thread: ThreadId, step: Step) -> Result<u64, Flow> {
    if let Some((woken, _)) = step.effects.handoff {
        kernel.trace(Event::Wake { woken: woken.0 });
    }
    let end = match &step.outcome {
        Outcome::Done(result) => Event::Leave {
            result: result.unwrap_or_else(|errno| -i32::from(errno.number())),
        },
        Outcome::Blocked { .. } => Event::Block {},
    };
    kernel.trace(end);
    ioctl::complete(kernel, thread, step)
}
