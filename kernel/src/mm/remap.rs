//! Resizing a mapping, in place or by moving it.

use super::address_space::AddressSpace;
use super::area::{Area, Backing};
use super::layout::USER_END;
use super::map::{Mapped, Moving, Unmapped};
use super::place::{Placement, user_range, whole_pages};
use crate::arch::paging::{self, Entry};
use abi::Errno;
use alloc::vec::Vec;

impl AddressSpace {
    /// Makes a mapping longer or shorter.
    ///
    /// # Errors
    ///
    /// EINVAL for a wrong range or a part of a binder region that would move, EFAULT if it is not one mapping, ENOMEM
    /// when there is no room.
    pub(crate) fn remap(&self, address: u64, old: u64, new: u64, moving: Moving) -> Result<Mapped, Errno> {
        let range = user_range(address, old)?;
        let length = whole_pages(new)?;
        let mut inner = self.lock();
        inner.check_room()?;
        let (start, area) = inner.area(range.start).ok_or(Errno::EFAULT)?;
        if area.end < range.end {
            return Err(Errno::EFAULT);
        }
        let (area, end) = (area.clone(), range.start + length);
        let mut unmapped = Unmapped::default();
        if end <= range.end {
            if end < range.end {
                unmapped = inner.unmap(end..range.end);
            }
            return Ok(Mapped { address, unmapped });
        }
        let is_free = end <= USER_END && inner.touching(&(range.end..end)).next().is_none();
        if area.end == range.end && is_free {
            inner.areas.insert(start, Area { end, ..area });
            inner.join(end);
            return Ok(Mapped { address, unmapped });
        }
        if moving == Moving::Refused {
            return Err(Errno::ENOMEM);
        }
        // A window knows one place where it is seen.
        if matches!(area.backing, Backing::Window(..)) && range != (start..area.end) {
            return Err(Errno::EINVAL);
        }
        let target = inner.place(Placement::Anywhere, length)?;
        let backing = area.backing.skip(range.start - start);
        if let Backing::Window(window, _) = &backing {
            window.move_to(target);
        }
        inner.areas.insert(
            target,
            Area {
                end: target + length,
                backing,
                ..area
            },
        );
        let mut pages = Vec::new();
        let is_current = inner.is_current;
        inner.table.visit(range.clone(), |page, entry| {
            pages.push((page - address, core::mem::replace(entry, Entry::EMPTY)));
            if is_current {
                paging::flush_page(page);
            }
        });
        for (offset, entry) in pages {
            match inner.table.make_entry(target + offset) {
                Ok(place) => *place = entry,
                // Without memory for a table the page is lost to the program, not to the kernel.
                Err(_) => inner.disown(entry),
            }
        }
        unmapped = inner.unmap(range);
        Ok(Mapped {
            address: target,
            unmapped,
        })
    }
}
