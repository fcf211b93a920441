//! Carrying out what a driver call has as consequences.

use crate::object;
use crate::task::Kernel;
use binder_driver::{Effect, EffectList, Effects, TaskId, ThreadId};

/// Does what the driver asks for.
#[inline]
pub(crate) fn apply(kernel: &mut Kernel, effects: Effects) {
    if let Some((task, thread)) = effects.handoff {
        if object::is_kernel(task) {
            kernel.objects.notify(thread);
        } else {
            kernel.hand_off(task, thread);
        }
    }
    if !effects.rest.is_empty() {
        apply_rest(kernel, effects.rest);
    }
}

#[inline(never)]
fn apply_rest(kernel: &mut Kernel, rest: EffectList) {
    for effect in rest {
        apply_one(kernel, effect);
    }
}

/// The driver has something for a thread, which may be one of the kernel's own.
pub(crate) fn wake(kernel: &mut Kernel, task: TaskId, thread: ThreadId) {
    if object::is_kernel(task) {
        kernel.objects.notify(thread);
    } else {
        kernel.wake_binder(task, thread);
    }
}

fn apply_one(kernel: &mut Kernel, effect: Effect) {
    match effect {
        Effect::Wake(task, thread) => wake(kernel, task, thread),
        Effect::DropFile(file) => {
            if let Some(file) = kernel.held.take(file) {
                kernel.release_file(file);
            }
        }
        Effect::CloseFile(file) => {
            if let Some(file) = kernel.held.take(file) {
                kernel.close_file(file);
            }
        }
        Effect::UnmapPage(window, page) => {
            if let Some(window) = kernel.windows.get(window) {
                window.unback(page);
            }
        }
    }
}
