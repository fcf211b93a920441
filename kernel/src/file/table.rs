//! The descriptors of a process.

use super::{OpenFile, changes};
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Whether `execve` closes a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CloseOnExec {
    /// The new program has it too.
    No,
    /// The new program does not have it.
    Yes,
}

#[derive(Clone, Debug)]
pub(super) struct Descriptor {
    pub(super) file: Arc<OpenFile>,
    close_on_exec: CloseOnExec,
}

/// Which open file each descriptor stands for.
#[derive(Debug, Default)]
pub(crate) struct FileTable {
    slots: Vec<Option<Descriptor>>,
    /// No descriptor below this one is free.
    first_free: usize,
}

impl FileTable {
    /// A table without descriptors.
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            first_free: 0,
        }
    }

    /// The open file of a descriptor.
    ///
    /// # Errors
    ///
    /// EBADF if the descriptor is free.
    #[inline]
    pub(crate) fn get(&self, descriptor: i32) -> Result<&Arc<OpenFile>, Errno> {
        self.descriptor(descriptor).map(|descriptor| &descriptor.file)
    }

    /// The open file of a descriptor, if it stands for one.
    #[inline]
    pub(crate) fn peek(&self, descriptor: i32) -> Option<&Arc<OpenFile>> {
        self.get(descriptor).ok()
    }

    #[inline]
    fn descriptor(&self, descriptor: i32) -> Result<&Descriptor, Errno> {
        let index = usize::try_from(descriptor).map_err(|_| Errno::EBADF)?;
        self.slots.get(index).and_then(Option::as_ref).ok_or(Errno::EBADF)
    }

    fn descriptor_mut(&mut self, descriptor: i32) -> Result<&mut Descriptor, Errno> {
        let index = usize::try_from(descriptor).map_err(|_| Errno::EBADF)?;
        self.slots
            .get_mut(index)
            .and_then(Option::as_mut)
            .ok_or(Errno::EBADF)
    }

    /// The lowest free descriptor from `lowest` on and below `limit`.
    ///
    /// # Errors
    ///
    /// EMFILE if there is none.
    pub(crate) fn lowest_free(&self, lowest: usize, limit: usize) -> Result<usize, Errno> {
        let start = lowest.max(self.first_free);
        let taken = self
            .slots
            .iter()
            .skip(start)
            .take_while(|slot| slot.is_some())
            .count();
        let free = start + taken;
        if free < limit {
            Ok(free)
        } else {
            Err(Errno::EMFILE)
        }
    }

    /// Gives an open file the lowest free descriptor from `lowest` on and below `limit`. The table takes a reference
    /// of its own.
    ///
    /// # Errors
    ///
    /// EMFILE if there is none, ENOMEM.
    pub(crate) fn install(
        &mut self,
        file: &Arc<OpenFile>,
        close_on_exec: CloseOnExec,
        lowest: usize,
        limit: usize,
    ) -> Result<i32, Errno> {
        let index = self.lowest_free(lowest, limit)?;
        self.place(file, close_on_exec, index)?;
        i32::try_from(index).map_err(|_| Errno::EMFILE)
    }

    /// Gives an open file this descriptor; gives back what it stood for. The table takes a reference of its own.
    ///
    /// # Errors
    ///
    /// ENOMEM.
    pub(crate) fn place(
        &mut self,
        file: &Arc<OpenFile>,
        close_on_exec: CloseOnExec,
        index: usize,
    ) -> Result<Option<Arc<OpenFile>>, Errno> {
        if index >= self.slots.len() {
            let missing = index + 1 - self.slots.len();
            self.slots.try_reserve(missing).map_err(|_| Errno::ENOMEM)?;
            self.slots.resize(index + 1, None);
        }
        let descriptor = Descriptor {
            file: Arc::clone(file),
            close_on_exec,
        };
        if index == self.first_free {
            self.first_free += 1;
        }
        changes::note();
        Ok(self.slots[index]
            .replace(descriptor)
            .map(|previous| previous.file))
    }

    /// Frees a descriptor; gives what it stood for.
    ///
    /// # Errors
    ///
    /// EBADF if the descriptor is free.
    pub(crate) fn take(&mut self, descriptor: i32) -> Result<Arc<OpenFile>, Errno> {
        let index = usize::try_from(descriptor).map_err(|_| Errno::EBADF)?;
        let taken = self
            .slots
            .get_mut(index)
            .and_then(Option::take)
            .ok_or(Errno::EBADF)?;
        self.first_free = self.first_free.min(index);
        changes::note();
        Ok(taken.file)
    }

    /// Frees all descriptors. What they stood for is given in their own memory, since there may be no other.
    pub(super) fn take_slots(&mut self) -> Vec<Option<Descriptor>> {
        self.first_free = 0;
        changes::note();
        core::mem::take(&mut self.slots)
    }

    /// Frees the next descriptor that `execve` closes. The search goes on at `from`, which starts as 0.
    pub(crate) fn take_closed_on_exec(&mut self, from: &mut usize) -> Option<Arc<OpenFile>> {
        while let Some(slot) = self.slots.get_mut(*from) {
            let closes = |descriptor: &mut Descriptor| descriptor.close_on_exec == CloseOnExec::Yes;
            if let Some(descriptor) = slot.take_if(closes) {
                self.first_free = self.first_free.min(*from);
                changes::note();
                return Some(descriptor.file);
            }
            *from += 1;
        }
        None
    }

    /// The same descriptors for a new process.
    ///
    /// # Errors
    ///
    /// ENOMEM.
    pub(crate) fn duplicate(&self) -> Result<Self, Errno> {
        let mut slots = Vec::new();
        slots
            .try_reserve_exact(self.slots.len())
            .map_err(|_| Errno::ENOMEM)?;
        slots.extend_from_slice(&self.slots);
        Ok(Self {
            slots,
            first_free: self.first_free,
        })
    }

    /// Whether `execve` closes a descriptor.
    ///
    /// # Errors
    ///
    /// EBADF if the descriptor is free.
    pub(crate) fn close_on_exec(&self, descriptor: i32) -> Result<CloseOnExec, Errno> {
        self.descriptor(descriptor)
            .map(|descriptor| descriptor.close_on_exec)
    }

    /// Sets whether `execve` closes a descriptor.
    ///
    /// # Errors
    ///
    /// EBADF if the descriptor is free.
    pub(crate) fn set_close_on_exec(&mut self, descriptor: i32, close: CloseOnExec) -> Result<(), Errno> {
        self.descriptor_mut(descriptor)?.close_on_exec = close;
        Ok(())
    }

    /// The descriptors in use, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &Arc<OpenFile>)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| Some((index, &slot.as_ref()?.file)))
    }
}
