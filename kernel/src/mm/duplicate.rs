//! Inheritance: an address space with the same contents as another.

use super::address_space::AddressSpace;
use super::area::Backing;
use super::frames;
use crate::arch::paging::{self, Entry, Flags};
use abi::Errno;
use alloc::sync::Arc;

impl AddressSpace {
    /// A copy for a child process. Private pages are shared until either side writes to them; binder windows stay with the
    /// parent.
    ///
    /// # Errors
    ///
    /// ENOMEM when memory runs out.
    #[inline(never)]
    pub(crate) fn duplicate(&self) -> Result<Arc<Self>, Errno> {
        let new = Self::new()?;
        let mut child = new.lock();
        let mut parent = self.lock();
        parent.check_room()?;
        child.program_break = parent.program_break.clone();
        child.search_from = parent.search_from;
        let parent = &mut *parent;
        let is_current = parent.is_current;
        for (&start, area) in parent.areas.iter() {
            if matches!(area.backing, Backing::Window(..)) {
                continue;
            }
            let copied = area.backing.is_copied_on_write();
            let (end, mut outcome) = (area.end, Ok(()));
            child.areas.insert(start, area.clone());
            let child = &mut *child;
            parent.table.visit(start..end, |address, entry| {
                if copied && entry.flags().contains(Flags::WRITABLE) {
                    *entry = Entry::new(entry.frame(), entry.flags().difference(Flags::WRITABLE));
                    if is_current {
                        paging::flush_page(address);
                    }
                }
                match child.table.make_entry(address) {
                    Ok(copy) => {
                        *copy = *entry;
                        if entry.flags().contains(Flags::OWNED) {
                            frames::share(entry.frame());
                            child.resident += 1;
                        }
                    }
                    Err(error) => outcome = Err(error),
                }
            });
            outcome?;
        }
        drop(child);
        Ok(new)
    }
}
