//! Closed files that a thread is still inside of, or that are still mapped.
//!
//! A blocked call holds the file it was made on, and so does a mapping, as on Linux: closing the last descriptor wakes
//! its threads, and only when the last of them has left and nothing is mapped any more is the file released.

use super::apply;
use crate::task::Kernel;
use alloc::vec::Vec;
use binder_driver::{ProcId, WindowId};

/// The files that wait.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    /// For threads to leave.
    inside: Vec<(ProcId, Option<WindowId>)>,
    /// For the end of mappings.
    mapped: Vec<(ProcId, WindowId)>,
}

impl Leaving {
    /// Whether none waits for a thread, as nearly always.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }
}

/// Releases a file, at once or when nothing holds it any more.
pub(super) fn release(kernel: &mut Kernel, proc: ProcId, window: Option<WindowId>) {
    if kernel.driver.is_occupied(proc) {
        kernel.leaving.inside.push((proc, window));
        return;
    }
    if let Some(window) = window.filter(|window| kernel.windows.is_mapped(*window)) {
        kernel.leaving.mapped.push((proc, window));
        return;
    }
    let (driver, mut caller) = kernel.driver_and_caller();
    let effects = driver.release(proc, &mut caller);
    apply(kernel, effects);
    if let Some(window) = window {
        kernel.windows.close(window);
    }
}

/// A thread has left the driver: releases the files that nobody is inside of any more.
#[cold]
pub(crate) fn release_left(kernel: &mut Kernel) {
    for (proc, window) in core::mem::take(&mut kernel.leaving.inside) {
        release(kernel, proc, window);
    }
}

/// Mappings are gone: releases the files that nothing holds any more.
pub(super) fn release_unmapped(kernel: &mut Kernel) {
    for (proc, window) in core::mem::take(&mut kernel.leaving.mapped) {
        release(kernel, proc, Some(window));
    }
}
