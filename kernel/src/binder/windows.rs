//! The regions into which the driver delivers, by their number.

use crate::mm::Window;
use abi::Errno;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use binder_driver::{ProcId, WindowId};

/// All windows. A number is used again when its window is gone, mappings included.
#[derive(Debug)]
pub(crate) struct Windows {
    slots: Vec<Slot>,
}

#[derive(Debug)]
enum Slot {
    /// A proc delivers into it.
    Open { window: Arc<Window>, proc: ProcId },
    /// Its proc has ended; a program may still have it mapped.
    Closed(Weak<Window>),
}

impl Windows {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new() }
    }

    /// Makes a window for a proc. Nothing is mapped or backed yet.
    pub(crate) fn create(&mut self, proc: ProcId, size: usize) -> Result<(WindowId, Arc<Window>), Errno> {
        let is_free = |slot: &Slot| matches!(slot, Slot::Closed(window) if window.strong_count() == 0);
        let index = match self.slots.iter().position(is_free) {
            Some(index) => index,
            None => {
                self.slots.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
                self.slots.push(Slot::Closed(Weak::new()));
                self.slots.len() - 1
            }
        };
        let id = u32::try_from(index).map_err(|_| Errno::ENOMEM)?;
        let window = Window::new(id, size)?;
        self.slots[index] = Slot::Open {
            window: Arc::clone(&window),
            proc,
        };
        Ok((WindowId(id), window))
    }

    /// The window of this number.
    #[inline]
    pub(crate) fn get(&self, id: WindowId) -> Option<&Arc<Window>> {
        match self.slots.get(id.0 as usize)? {
            Slot::Open { window, .. } => Some(window),
            Slot::Closed(_) => None,
        }
    }

    /// All windows that something is delivered into.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Window>> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Open { window, .. } => Some(window),
            Slot::Closed(_) => None,
        })
    }

    /// The proc whose region it is.
    pub(super) fn proc(&self, id: WindowId) -> Option<ProcId> {
        match self.slots.get(id.0 as usize)? {
            Slot::Open { proc, .. } => Some(*proc),
            Slot::Closed(_) => None,
        }
    }

    /// Whether any program has it mapped, or a part of it.
    pub(super) fn is_mapped(&self, id: WindowId) -> bool {
        self.get(id).is_some_and(|window| Arc::strong_count(window) > 1)
    }

    /// Nothing is delivered into a window any more. Its memory goes with the last mapping.
    pub(super) fn close(&mut self, id: WindowId) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize)
            && let Slot::Open { window, .. } = slot
        {
            *slot = Slot::Closed(Arc::downgrade(window));
        }
    }
}
