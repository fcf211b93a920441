//! Carrying out what a driver call has as consequences.

use crate::object;
use crate::task::Kernel;
use binder_driver::{Effect, Effects};

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
        for effect in effects.rest {
            apply_one(kernel, effect);
        }
    }
}

fn apply_one(kernel: &mut Kernel, effect: Effect) {
    match effect {
        Effect::Wake(task, thread) if object::is_kernel(task) => kernel.objects.notify(thread),
        Effect::Wake(task, thread) => kernel.wake_binder(task, thread),
        Effect::DropFile(file) => {
            if let Some(file) = kernel.held.take(file) {
                kernel.release_file(file);
            }
        }
        Effect::CloseDescriptor(descriptor) => {
            let pid = kernel.thread().process;
            // The program may have closed it by itself.
            let _closed = kernel.close_descriptor(pid, descriptor);
        }
        Effect::UnmapPage(window, page) => {
            if let Some(window) = kernel.windows.get(window) {
                window.unback(page);
            }
        }
    }
}
