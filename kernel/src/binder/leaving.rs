//! Closed files that a thread is still inside of.
//!
//! A blocked call holds the file it was made on, as on Linux: closing the last descriptor wakes its threads, and only
//! when the last of them has left is the file released.

use super::apply;
use crate::task::Kernel;
use alloc::vec::Vec;
use binder_driver::{ProcId, WindowId};

/// The files that wait for their threads to leave.
#[derive(Debug, Default)]
pub(crate) struct Leaving(Vec<(ProcId, Option<WindowId>)>);

impl Leaving {
    /// Whether there are none, as nearly always.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Releases a file, at once or when the last thread has left it.
pub(super) fn release(kernel: &mut Kernel, proc: ProcId, window: Option<WindowId>) {
    if kernel.is_inside(proc) {
        kernel.leaving.0.push((proc, window));
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
    for (proc, window) in core::mem::take(&mut kernel.leaving.0) {
        release(kernel, proc, window);
    }
}
