//! Open files that are under way in transactions.

use crate::file::OpenFile;
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::FileId;

/// The references that the driver holds, by the number it knows them by.
#[derive(Debug)]
pub(crate) struct HeldFiles {
    slots: Vec<Option<Arc<OpenFile>>>,
    free: Vec<u32>,
}

impl HeldFiles {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Keeps a reference.
    pub(crate) fn hold(&mut self, file: Arc<OpenFile>) -> Result<FileId, (Errno, Arc<OpenFile>)> {
        if let Some(index) = self.free.pop() {
            self.slots[index as usize] = Some(file);
            return Ok(FileId(index));
        }
        let Ok(index) = u32::try_from(self.slots.len()) else {
            return Err((Errno::ENFILE, file));
        };
        // Room for giving the number back is made together with the place, so that giving back cannot fail.
        let missing = (self.slots.len() + 1).saturating_sub(self.free.len());
        if self.slots.try_reserve(1).is_err() || self.free.try_reserve(missing).is_err() {
            return Err((Errno::ENOMEM, file));
        }
        self.slots.push(Some(file));
        Ok(FileId(index))
    }

    /// The file of this number.
    pub(crate) fn get(&self, id: FileId) -> Option<&Arc<OpenFile>> {
        self.slots.get(id.0 as usize)?.as_ref()
    }

    /// Gives a reference back.
    pub(crate) fn take(&mut self, id: FileId) -> Option<Arc<OpenFile>> {
        let file = self.slots.get_mut(id.0 as usize)?.take()?;
        self.free.push(id.0);
        Some(file)
    }

    /// All files that are under way.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<OpenFile>> {
        self.slots.iter().flatten()
    }

    /// How many references are held.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}
