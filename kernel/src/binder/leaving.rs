//! Closed files that are not released yet.
//!
//! A blocked call holds the file it was made on, and so does a mapping, as on Linux: closing the last descriptor wakes
//! its threads, and only when the last of them has left and nothing is mapped any more is the file released. The release
//! itself may [pause](Release::Paused): it goes on when all who could run have done so, or with the next time slice.

use super::apply;
use crate::task::Kernel;
use alloc::vec::Vec;
use binder_driver::{ProcId, Release, WindowId};

/// The files that wait.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    /// For threads to leave.
    inside: Vec<(ProcId, Option<WindowId>)>,
    /// For the end of mappings.
    mapped: Vec<(ProcId, WindowId)>,
    /// For others to run.
    paused: Vec<(ProcId, Option<WindowId>)>,
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
    let (effects, release) = driver.release(proc, &mut caller);
    apply(kernel, effects);
    match (release, window) {
        (Release::Paused, _) => kernel.leaving.paused.push((proc, window)),
        (Release::Over, Some(window)) => kernel.windows.close(window),
        (Release::Over, None) => {}
    }
}

/// Others had their turn: goes on with the releases that paused. Says whether there were any.
pub(crate) fn go_on_releasing(kernel: &mut Kernel) -> bool {
    let paused = core::mem::take(&mut kernel.leaving.paused);
    let were_there = !paused.is_empty();
    for (proc, window) in paused {
        release(kernel, proc, window);
    }
    were_there
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
