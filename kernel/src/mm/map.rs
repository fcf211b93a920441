//! Mapping, unmapping and protecting parts of an address space.

use super::address_space::{AddressSpace, Inner};
use super::area::{Area, Backing as AreaBacking};
use super::frames;
use super::layout::{PAGE, USER_MAPPINGS_TOP, USER_STACK_TOP};
use super::place::{Placement, user_range, whole_pages};
use super::protection::Protection;
use super::shared_pages::SharedPages;
use super::window::Window;
use abi::Errno;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

/// The largest number of areas in one address space.
const AREAS: usize = 65_530;

/// Whether memory is the program's own or shared with those it is inherited by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backing {
    /// Its own.
    Private,
    /// Shared.
    Shared,
}

/// Whether a mapping may go elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moving {
    /// It may.
    Allowed,
    /// It may not.
    Refused,
}

/// Which memory may be forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Discarded {
    /// All of it.
    Any,
    /// The program's own that shows no file.
    Private,
}

/// What was taken away.
#[derive(Debug, Default, PartialEq, Eq)]
#[must_use = "the binder driver must learn that a region was unmapped"]
pub(crate) struct Unmapped {
    /// The numbers of the windows that lost pages.
    pub(crate) windows: Vec<u32>,
}

/// Where a mapping went, and what had to give way.
#[derive(Debug)]
pub(crate) struct Mapped {
    /// The mapping's first address.
    pub(crate) address: u64,
    /// What was there before.
    pub(crate) unmapped: Unmapped,
}

impl AddressSpace {
    /// Maps memory that is zero until written to.
    ///
    /// # Errors
    ///
    /// EINVAL for a wrong length or address, ENOMEM when there is no room, EEXIST for [`Placement::FixedNoReplace`].
    pub(crate) fn map_anonymous(
        &self,
        placement: Placement,
        length: u64,
        protection: Protection,
        backing: Backing,
    ) -> Result<Mapped, Errno> {
        let backing = match backing {
            Backing::Private => AreaBacking::Private,
            Backing::Shared => AreaBacking::Shared(SharedPages::with_length(length)?, 0),
        };
        self.map(placement, length, protection, Protection::all(), backing)
    }

    /// Maps bytes of the ramdisk, then zeroes up to `length`. What the program writes is its own.
    ///
    /// # Errors
    ///
    /// As [`AddressSpace::map_anonymous`].
    pub(crate) fn map_image(
        &self,
        placement: Placement,
        length: u64,
        protection: Protection,
        bytes: &'static [u8],
    ) -> Result<Mapped, Errno> {
        self.map(
            placement,
            length,
            protection,
            Protection::all(),
            AreaBacking::Image(bytes),
        )
    }

    /// Maps shared memory from an offset on. `limit` is what its protection may ever become.
    ///
    /// # Errors
    ///
    /// EINVAL also for an offset that is not whole pages.
    pub(crate) fn map_shared(
        &self,
        pages: &Arc<SharedPages>,
        offset: u64,
        placement: Placement,
        length: u64,
        protection: Protection,
        limit: Protection,
    ) -> Result<Mapped, Errno> {
        if !offset.is_multiple_of(PAGE) || offset.checked_add(length).is_none() {
            return Err(Errno::EINVAL);
        }
        self.map(
            placement,
            length,
            protection,
            limit,
            AreaBacking::Shared(pages.clone(), offset),
        )
    }

    /// Maps the receiver's side of a window. Pages appear as the driver backs them. Whether it is `called` shared makes no
    /// difference but in lists.
    ///
    /// # Errors
    ///
    /// As [`AddressSpace::map_anonymous`].
    pub(crate) fn map_window(
        self: &Arc<Self>,
        window: &Arc<Window>,
        placement: Placement,
        length: u64,
        protection: Protection,
        called: Backing,
    ) -> Result<Mapped, Errno> {
        let limit = Protection::READ | Protection::EXECUTE;
        let backing = AreaBacking::Window(window.clone(), 0);
        let mapped = self.map(placement, length, protection & limit, limit, backing)?;
        window.show(self, mapped.address, called);
        Ok(mapped)
    }

    /// Maps a program's first stack: the address behind it. What lies below is never given to mappings without a wish.
    ///
    /// # Errors
    ///
    /// As [`AddressSpace::map_anonymous`].
    pub(crate) fn map_stack(&self, length: u64) -> Result<u64, Errno> {
        let placement = Placement::FixedNoReplace(USER_STACK_TOP - whole_pages(length)?);
        let protection = Protection::READ | Protection::WRITE;
        self.map_anonymous(placement, length, protection, Backing::Private)?;
        Ok(USER_STACK_TOP)
    }

    fn map(
        &self,
        placement: Placement,
        length: u64,
        protection: Protection,
        limit: Protection,
        backing: AreaBacking,
    ) -> Result<Mapped, Errno> {
        let length = whole_pages(length)?;
        let mut inner = self.lock();
        inner.check_room()?;
        let address = inner.place(placement, length)?;
        let unmapped = match placement {
            Placement::Fixed(_) => inner.unmap(address..address + length),
            Placement::Anywhere | Placement::Hint(_) | Placement::FixedNoReplace(_) => Unmapped::default(),
        };
        inner.areas.insert(
            address,
            Area {
                end: address + length,
                protection,
                limit,
                backing,
            },
        );
        inner.join(address + length);
        inner.join(address);
        Ok(Mapped { address, unmapped })
    }

    /// Unmaps whatever is in a range.
    ///
    /// # Errors
    ///
    /// EINVAL for a wrong range.
    pub(crate) fn unmap(&self, address: u64, length: u64) -> Result<Unmapped, Errno> {
        let range = user_range(address, length)?;
        let mut inner = self.lock();
        inner.check_room()?;
        Ok(inner.unmap(range))
    }

    /// Changes what may be done with a range.
    ///
    /// # Errors
    ///
    /// EINVAL for a wrong range; ENOMEM if a part of it is not mapped, EACCES if a mapping there never allows it: then
    /// it is done up to there.
    pub(crate) fn protect(&self, address: u64, length: u64, protection: Protection) -> Result<(), Errno> {
        if length == 0 {
            return Ok(());
        }
        let range = user_range(address, length)?;
        let mut inner = self.lock();
        inner.check_room()?;
        // Up to the first obstacle it is done, as on Linux.
        let mut reached = range.start;
        let mut obstacle = None;
        for (start, area) in inner.touching(&range) {
            if start > reached {
                break;
            }
            if !area.limit.contains(protection) {
                obstacle = Some(Errno::EACCES);
                break;
            }
            reached = area.end;
        }
        let range = range.start..range.end.min(reached);
        let outcome = match obstacle {
            Some(errno) => Err(errno),
            None if reached < address.saturating_add(length) => Err(Errno::ENOMEM),
            None => Ok(()),
        };
        if range.is_empty() {
            return outcome;
        }
        // What has this protection already stays in one piece.
        for border in [range.start, range.end] {
            if inner
                .area(border)
                .is_some_and(|(_, area)| area.protection != protection)
            {
                inner.split(border);
            }
        }
        let mut parts = Vec::new();
        for (start, area) in inner.touching(&range) {
            parts.push((start..area.end, area.backing.is_copied_on_write()));
        }
        for (part, copied) in parts {
            let start = part.start;
            if let Some(area) = inner.areas.get_mut(&start) {
                area.protection = protection;
            }
            inner.set_protection(part, protection, copied);
            inner.join(start);
        }
        inner.join(range.end);
        outcome
    }

    /// Forgets the contents of a range: it is as just mapped. Of a window the program gives up its view.
    ///
    /// # Errors
    ///
    /// EINVAL for a wrong range, and for memory that is not `of` the right kind, after what lies below is forgotten;
    /// ENOMEM if a part of it is not mapped, after the others are forgotten.
    pub(crate) fn discard(&self, address: u64, length: u64, of: Discarded) -> Result<(), Errno> {
        if length == 0 {
            return Ok(());
        }
        let range = user_range(address, length)?;
        let mut inner = self.lock();
        let mut reached = range.start;
        let mut outcome = Ok(());
        let mut parts = Vec::new();
        for (start, area) in inner.touching(&range) {
            if start > reached {
                outcome = Err(Errno::ENOMEM);
            }
            if of == Discarded::Private && !matches!(area.backing, AreaBacking::Private) {
                outcome = Err(Errno::EINVAL);
                reached = range.end;
                break;
            }
            reached = area.end;
            let part = start.max(range.start)..area.end.min(range.end);
            if let AreaBacking::Window(window, offset) = &area.backing {
                let page = |address: u64| ((offset + (address - start)) / PAGE) as usize;
                window.give_up(page(part.start)..page(part.end));
            }
            parts.push(part);
        }
        if reached < range.end {
            outcome = Err(Errno::ENOMEM);
        }
        for part in parts {
            inner.clear(part);
        }
        outcome
    }

    /// Forgets the pages of shared memory that lie behind a length.
    pub(crate) fn cut_off(&self, pages: &SharedPages, length: u64) {
        let length = length.next_multiple_of(PAGE);
        let mut inner = self.lock();
        let mut parts = Vec::new();
        for (&start, area) in inner.areas.iter() {
            if let AreaBacking::Shared(shown, offset) = &area.backing
                && shown.id() == pages.id()
            {
                parts.push(start + length.saturating_sub(*offset).min(area.end - start)..area.end);
            }
        }
        for part in parts {
            inner.clear(part);
        }
    }

    /// Says where the program's break begins.
    pub(crate) fn start_break(&self, address: u64) {
        self.lock().program_break = address..address;
    }

    /// Moves the program's break, if it can be moved there: where it is now.
    pub(crate) fn set_break(&self, address: u64) -> u64 {
        let mut inner = self.lock();
        let Range { start, end: old } = inner.program_break;
        if address < start || address >= USER_STACK_TOP || inner.check_room().is_err() {
            return old;
        }
        let (old_page, new_page) = (old.next_multiple_of(PAGE), address.next_multiple_of(PAGE));
        if new_page < old_page {
            // Nothing but the break was ever mapped there; a window mapped over it is told of by its next fault.
            let _ = inner.unmap(new_page..old_page);
        } else if new_page > old_page {
            if inner.touching(&(old_page..new_page)).next().is_some() {
                return old;
            }
            let protection = Protection::READ | Protection::WRITE;
            let area = Area {
                end: new_page,
                protection,
                limit: Protection::all(),
                backing: AreaBacking::Private,
            };
            inner.areas.insert(old_page, area);
            inner.join(old_page);
        }
        inner.program_break.end = address;
        address
    }
}

impl Inner {
    /// Refuses what would need more of the kernel's own memory than a program may take.
    pub(super) fn check_room(&self) -> Result<(), Errno> {
        if self.areas.len() >= AREAS || frames::is_short() {
            Err(Errno::ENOMEM)
        } else {
            Ok(())
        }
    }

    /// Takes whatever is in a range away.
    pub(super) fn unmap(&mut self, range: Range<u64>) -> Unmapped {
        self.split(range.start);
        self.split(range.end);
        let mut unmapped = Unmapped::default();
        let mut any = false;
        loop {
            let first = self.touching(&range).next().map(|(start, _)| start);
            let Some(start) = first else { break };
            let Some(area) = self.areas.remove(&start) else {
                break;
            };
            any = true;
            self.clear(start..area.end);
            if let AreaBacking::Window(window, _) = &area.backing
                && !unmapped.windows.contains(&window.id())
            {
                unmapped.windows.push(window.id());
            }
        }
        if any {
            self.search_from = self.search_from.max(range.end).min(USER_MAPPINGS_TOP);
            self.trim_tables(&range);
        }
        unmapped
    }
}
