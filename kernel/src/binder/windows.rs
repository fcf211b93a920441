//! The regions into which the driver delivers, by their number.

use crate::mm::Window;
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::{ProcId, WindowId};

/// All windows. A number is used again after its window is gone.
#[derive(Debug)]
pub struct Windows {
    slots: Vec<Option<Slot>>,
}

#[derive(Debug)]
struct Slot {
    window: Arc<Window>,
    proc: ProcId,
}

impl Windows {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// Makes a window for a proc. Nothing is mapped or backed yet.
    pub(super) fn create(&mut self, proc: ProcId, size: usize) -> Result<(WindowId, Arc<Window>), Errno> {
        let free = self.slots.iter().position(Option::is_none);
        let index = match free {
            Some(index) => index,
            None => {
                self.slots.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
                self.slots.push(None);
                self.slots.len() - 1
            }
        };
        let id = u32::try_from(index).map_err(|_| Errno::ENOMEM)?;
        let window = Window::new(id, size)?;
        self.slots[index] = Some(Slot {
            window: Arc::clone(&window),
            proc,
        });
        Ok((WindowId(id), window))
    }

    /// The window of this number.
    #[inline]
    pub(crate) fn get(&self, id: WindowId) -> Option<&Arc<Window>> {
        Some(&self.slots.get(id.0 as usize)?.as_ref()?.window)
    }

    /// The proc whose region it is.
    pub(super) fn proc(&self, id: WindowId) -> Option<ProcId> {
        Some(self.slots.get(id.0 as usize)?.as_ref()?.proc)
    }

    /// Forgets a window. Its memory goes with the last mapping.
    pub(super) fn remove(&mut self, id: WindowId) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize) {
            *slot = None;
        }
    }
}
