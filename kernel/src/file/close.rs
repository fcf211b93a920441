//! Giving up open files.

use super::{FileTable, OpenFile};
use crate::task::{Kernel, Pid, Process};
use abi::Errno;
use alloc::sync::Arc;

impl Kernel {
    /// Closes one descriptor of a process.
    ///
    /// # Errors
    ///
    /// EBADF if the descriptor is free, ESRCH if there is no such process.
    pub(crate) fn close_descriptor(&mut self, process: Pid, descriptor: i32) -> Result<(), Errno> {
        let process = self.processes.get_mut(process.0).ok_or(Errno::ESRCH)?;
        let file = process.files.take(descriptor)?;
        self.close_file(file);
        Ok(())
    }

    /// Closes all descriptors of a process. As on Linux what was opened last is released first.
    pub(crate) fn close_all(&mut self, process: Pid) {
        let Some(process) = self.processes.get_mut(process.0) else {
            return;
        };
        let mut descriptors = process.files.take_slots();
        for descriptor in descriptors.iter().flatten() {
            descriptor.file.file().flush(self);
        }
        while let Some(slot) = descriptors.pop() {
            if let Some(descriptor) = slot {
                self.release_file(descriptor.file);
            }
        }
    }

    /// Closes the descriptors of a table that no process has.
    pub(crate) fn release_table(&mut self, mut files: FileTable) {
        for slot in &mut files.take_slots() {
            if let Some(descriptor) = slot.take() {
                self.release_file(descriptor.file);
            }
        }
    }

    /// Gives up what a descriptor stood for.
    pub(crate) fn close_file(&mut self, file: Arc<OpenFile>) {
        file.file().flush(self);
        self.release_file(file);
    }

    /// Gives up a reference that was no descriptor's.
    pub(crate) fn release_file(&mut self, file: Arc<OpenFile>) {
        if let Some(last) = Arc::into_inner(file) {
            last.file().release(self);
        }
    }
}

/// One more than the highest descriptor that a process may have.
pub(crate) fn descriptor_limit(process: &Process) -> usize {
    process.limits.descriptors().min(i32::MAX as usize)
}
