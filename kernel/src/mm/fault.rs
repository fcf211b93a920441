//! Page faults: putting a page where a program touches its memory for the first time.

use super::address_space::{AddressSpace, Inner};
use super::area::{Area, Backing};
use super::errors::{Denied, UserFault};
use super::layout::{PAGE, USER_END};
use super::protection::Access;
use super::{direct, frames, ramdisk, user};
use crate::arch::paging::{self, Entry, Flags};
use crate::arch::{copy_words, with_current_space};
use core::ops::Range;
use core::ptr;

/// How many pages of an image are mapped at once: they cost nothing, and their neighbours are wanted soon.
const AROUND: u64 = 16;

/// Tries to make an access of the current program possible.
///
/// # Errors
///
/// Why it is not.
pub(crate) fn resolve_fault(address: u64, access: Access) -> Result<(), Denied> {
    if address >= USER_END {
        return Err(Denied::NotMapped);
    }
    with_current_space(|space| space.lock().fault(address, access)).unwrap_or(Err(Denied::NotMapped))
}

impl AddressSpace {
    /// Copies bytes into this space, current or not, whatever its protection.
    ///
    /// # Errors
    ///
    /// [`UserFault`] if a page is not mapped.
    pub(crate) fn write(&self, address: u64, bytes: &[u8]) -> Result<(), UserFault> {
        self.each_page(address, bytes.len(), |place, range| {
            let part = &bytes[range];
            // SAFETY: the frame is the space's own or shared with its consent; its lock is held; the bytes lie in the page.
            unsafe { ptr::copy_nonoverlapping(part.as_ptr(), place, part.len()) };
        })
    }

    /// Copies bytes out of this space, current or not, from where a program could write to.
    ///
    /// # Errors
    ///
    /// [`UserFault`] if a page is not mapped.
    pub(crate) fn read(&self, address: u64, into: &mut [u8]) -> Result<(), UserFault> {
        self.each_page(address, into.len(), |place, range| {
            let part = &mut into[range];
            // SAFETY: as in `write`.
            unsafe { ptr::copy_nonoverlapping(place, part.as_mut_ptr(), part.len()) };
        })
    }

    /// Gives the place of each page's part of a piece of memory, and which of its bytes lie there.
    fn each_page(
        &self,
        address: u64,
        length: usize,
        mut copy: impl FnMut(*mut u8, Range<usize>),
    ) -> Result<(), UserFault> {
        user::check(address, length)?;
        let mut inner = self.lock();
        let mut done = 0;
        while done < length {
            let at = address + done as u64;
            let count = ((PAGE - at % PAGE) as usize).min(length - done);
            let frame = inner.frame_to_write(at).map_err(|_| UserFault)?;
            copy(direct::<u8>(frame + at % PAGE), done..done + count);
            done += count;
        }
        Ok(())
    }
}

impl Inner {
    /// Resolves an access by the program itself.
    pub(super) fn fault(&mut self, address: u64, access: Access) -> Result<(), Denied> {
        let (start, area) = self.area(address).ok_or(Denied::NotMapped)?;
        if !area.protection.allows(access) {
            return Err(Denied::Protected);
        }
        let area = area.clone();
        self.populate(address / PAGE * PAGE, start, &area, access)
    }

    /// The frame behind an address, made present and fit to be written to; protection is not asked.
    fn frame_to_write(&mut self, address: u64) -> Result<u64, Denied> {
        let (start, area) = self.area(address).ok_or(Denied::NotMapped)?;
        if matches!(area.backing, Backing::Window(..)) {
            return Err(Denied::Protected);
        }
        let (area, page) = (area.clone(), address / PAGE * PAGE);
        self.populate(page, start, &area, Access::Write)?;
        let entry = self.table.entry(page).filter(|entry| **entry != Entry::EMPTY);
        entry.map(|entry| entry.frame()).ok_or(Denied::NotMapped)
    }

    /// Puts a page behind an address of an area.
    fn populate(&mut self, page: u64, start: u64, area: &Area, access: Access) -> Result<(), Denied> {
        let entry = *self.table.make_entry(page)?;
        let write = access == Access::Write;
        let flags = area.protection.flags();
        if entry != Entry::EMPTY {
            let sole = entry.flags().contains(Flags::OWNED) && !frames::is_shared(entry.frame());
            if write && area.backing.is_copied_on_write() && !sole {
                return self.copy(page, entry, flags);
            }
            return self.set(
                page,
                Entry::new(entry.frame(), flags | entry.flags() & Flags::OWNED),
            );
        }
        match &area.backing {
            Backing::Private => {
                let frame = frames::allocate_zeroed()?;
                self.own(page, frame, flags)
            }
            Backing::Image(bytes) => self.populate_image(page, start, area, bytes, write),
            Backing::Shared(pages, offset) => {
                let frame = pages.frame(offset + (page - start))?;
                self.own(page, frame, flags)
            }
            Backing::Window(window, offset) => {
                let index = (offset + (page - start)) / PAGE;
                let frame = window.frame(index as usize).ok_or(Denied::NoObject)?;
                self.set(page, Entry::new(frame, flags))
            }
        }
    }

    /// A page of the ramdisk: the ramdisk's own frame while it is only read, else a copy.
    fn populate_image(
        &mut self,
        page: u64,
        start: u64,
        area: &Area,
        bytes: &'static [u8],
        write: bool,
    ) -> Result<(), Denied> {
        let flags = area.protection.flags();
        let rest = bytes.get((page - start) as usize..).unwrap_or(&[]);
        let whole = rest.len() >= PAGE as usize;
        if whole && !write && ramdisk::frame_of(rest).is_some() {
            return self.map_around(page, start, area, bytes);
        }
        let frame = frames::allocate_for_user()?;
        let count = rest.len().min(PAGE as usize);
        if !whole {
            frames::zero(frame);
        }
        // SAFETY: the frame was just allocated and is as long as a page.
        unsafe { ptr::copy_nonoverlapping(rest.as_ptr(), direct::<u8>(frame), count) };
        self.own(page, frame, flags)
    }

    /// Maps the ramdisk's frames around a page, read-only.
    fn map_around(&mut self, page: u64, start: u64, area: &Area, bytes: &'static [u8]) -> Result<(), Denied> {
        let flags = area.protection.flags().difference(Flags::WRITABLE);
        let first = (page / (AROUND * PAGE) * (AROUND * PAGE)).max(start);
        let last = (first + AROUND * PAGE).min(area.end);
        for page in (first..last).step_by(PAGE as usize) {
            let Some(frame) = bytes.get((page - start) as usize..).and_then(ramdisk::frame_of) else {
                break;
            };
            if bytes.len() as u64 - (page - start) < PAGE {
                break;
            }
            let entry = self.table.make_entry(page)?;
            if *entry == Entry::EMPTY {
                *entry = Entry::new(frame, flags);
            }
        }
        Ok(())
    }

    /// Replaces a page that others share by a copy.
    fn copy(&mut self, page: u64, old: Entry, flags: Flags) -> Result<(), Denied> {
        let frame = frames::allocate_for_user()?;
        let (from, to) = (direct::<u64>(old.frame()), direct::<u64>(frame));
        // SAFETY: the new frame is nobody's yet; the old one stays mapped during the copy.
        unsafe { copy_words(to, from, (PAGE / 8) as usize) };
        self.set(page, Entry::new(frame, flags | Flags::OWNED))?;
        if old.flags().contains(Flags::OWNED) {
            frames::release(old.frame());
        } else {
            self.resident += 1;
        }
        Ok(())
    }

    /// Maps a frame that the mapping owns from now on.
    fn own(&mut self, page: u64, frame: u64, flags: Flags) -> Result<(), Denied> {
        self.resident += 1;
        self.set(page, Entry::new(frame, flags | Flags::OWNED))
    }

    /// Sets the entry of a page whose table exists.
    fn set(&mut self, page: u64, new: Entry) -> Result<(), Denied> {
        let entry = self.table.make_entry(page)?;
        let old = core::mem::replace(entry, new);
        if self.is_current && old.is_present() {
            paging::flush_page(page);
        }
        Ok(())
    }
}
