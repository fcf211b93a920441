//! A program's memory.
//!
//! An address space is a map of [areas](super::area) and a tree of page tables that is filled when pages are first
//! touched. What was mapped but never touched costs an area, no frame. Frames that belong to a mapping are marked
//! [`OWNED`](Flags::OWNED) in its page table entry and counted; everything is given back when the space is dropped.

use super::area::{Area, AreaInformation, AreaKind, Backing};
use super::layout::{PAGE, USER_END, USER_MAPPINGS_TOP, USER_STACK_TOP};
use super::page_table::PageTable;
use super::protection::{Access, Protection};
use super::{NoMemory, frames, kernel_space};
use crate::arch::paging::{self, Entry, Flags};
use crate::arch::{forget_space, is_current_space};
use crate::sorted::Sorted;
use crate::sync::{Mutex, MutexGuard};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};

/// A program's memory.
pub(crate) struct AddressSpace {
    id: u64,
    root: u64,
    inner: Mutex<Inner>,
}

impl core::fmt::Debug for AddressSpace {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AddressSpace({})", self.id)
    }
}

/// What the lock guards.
pub(super) struct Inner {
    pub(super) areas: Sorted<u64, Area>,
    pub(super) table: PageTable,
    /// Whether the processor may remember entries of the table.
    pub(super) is_current: bool,
    /// The program's break: where it began and where it is.
    pub(super) program_break: Range<u64>,
    /// Above this there is no room worth looking for.
    pub(super) search_from: u64,
    /// Pages in the table that are counted as the program's.
    pub(super) resident: u64,
}

impl AddressSpace {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when there is no frame for its table.
    pub(crate) fn new() -> Result<Arc<Self>, NoMemory> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let table = kernel_space::new_table()?;
        let root = table.root();
        let inner = Inner {
            areas: Sorted::new(),
            table,
            is_current: false,
            program_break: 0..0,
            search_from: USER_MAPPINGS_TOP,
            resident: 0,
        };
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Self {
            id,
            root,
            inner: Mutex::new(inner),
        }))
    }

    /// A number that no other address space ever had.
    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// The physical address of the page tables' top.
    pub(crate) const fn root(&self) -> u64 {
        self.root
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock();
        inner.is_current = is_current_space(self);
        inner
    }

    /// How many pages the program has in memory.
    pub(crate) fn resident(&self) -> u64 {
        self.lock().resident
    }

    /// What is mapped, in order.
    pub(crate) fn areas(&self) -> Vec<AreaInformation> {
        let inner = self.lock();
        let tell = |(start, area): (&u64, &Area)| AreaInformation {
            start: *start,
            end: area.end,
            protection: area.protection,
            kind: match &area.backing {
                Backing::Private if inner.program_break.contains(start) => AreaKind::Break,
                Backing::Private if area.end == USER_STACK_TOP => AreaKind::Stack,
                Backing::Private => AreaKind::Private,
                Backing::Image(_) => AreaKind::Image,
                Backing::Shared(pages, _) => AreaKind::Shared(pages.id()),
                Backing::Window(window, _) => AreaKind::Window(window.called()),
            },
            offset: match &area.backing {
                Backing::Shared(_, offset) | Backing::Window(_, offset) => *offset,
                Backing::Private | Backing::Image(_) => 0,
            },
        };
        let mut areas = Vec::new();
        for area in inner.areas.iter() {
            areas.push(tell(area));
        }
        areas
    }

    /// Whether the program may access the byte at an address so.
    pub(crate) fn allows(&self, address: u64, access: Access) -> bool {
        let inner = self.lock();
        inner
            .area(address)
            .is_some_and(|(_, area)| area.protection.allows(access))
    }

    /// The numbers of the windows that are mapped.
    pub(crate) fn windows(&self) -> Vec<u32> {
        let inner = self.lock();
        let mut numbers = Vec::new();
        for (_, area) in inner.areas.iter() {
            if let Backing::Window(window, _) = &area.backing {
                numbers.push(window.id());
            }
        }
        numbers
    }

    /// Unmaps all windows; their numbers.
    #[inline(never)]
    pub(crate) fn unmap_windows(&self) -> Vec<u32> {
        let mut inner = self.lock();
        let is_window = |(_, area): &(&u64, &Area)| matches!(area.backing, Backing::Window(..));
        let mut numbers = Vec::new();
        while let Some((&start, area)) = inner.areas.iter().find(is_window) {
            let range = start..area.end;
            numbers.append(&mut inner.unmap(range).windows);
        }
        numbers
    }

    /// What shared memory an address shows: its number, and the offset in it.
    pub(crate) fn shared_identity(&self, address: u64) -> Option<(u64, u64)> {
        let inner = self.lock();
        let (start, area) = inner.area(address)?;
        match &area.backing {
            Backing::Shared(pages, offset) => Some((pages.id(), offset + (address - start))),
            Backing::Private | Backing::Image(_) | Backing::Window(..) => None,
        }
    }
}

impl Drop for AddressSpace {
    fn drop(&mut self) {
        forget_space(self);
        let inner = self.inner.get_mut();
        inner.is_current = false;
        while let Some((start, area)) = inner.areas.pop_last() {
            inner.clear(start..area.end);
        }
        inner.table.free_user();
    }
}

impl Inner {
    /// The area that an address lies in, with its start.
    pub(super) fn area(&self, address: u64) -> Option<(u64, &Area)> {
        let (start, area) = self.areas.before(&(address + 1))?;
        (address < area.end).then_some((*start, area))
    }

    /// The starts of the areas that touch a range.
    pub(super) fn touching(&self, range: &Range<u64>) -> impl Iterator<Item = (u64, &Area)> {
        let first = self.area(range.start).map_or(range.start, |(start, _)| start);
        self.areas
            .from(&first)
            .take_while(|&(&start, _)| start < range.end)
            .map(|(start, area)| (*start, area))
    }

    /// Makes an address a border between areas.
    pub(super) fn split(&mut self, address: u64) {
        let Some((start, area)) = self.area(address) else {
            return;
        };
        if start == address {
            return;
        }
        let rest = Area {
            backing: area.backing.skip(address - start),
            ..area.clone()
        };
        if let Some(area) = self.areas.get_mut(&start) {
            area.end = address;
        }
        self.areas.insert(address, rest);
    }

    /// Joins the area that begins at an address with the one below if they are of one kind.
    pub(super) fn join(&mut self, address: u64) {
        let Some(upper) = self.areas.get(&address) else {
            return;
        };
        let Some((start, lower)) = self.areas.before(&address) else {
            return;
        };
        let alike = lower.end == address
            && lower.protection == upper.protection
            && lower.limit == upper.limit
            && matches!(
                (&lower.backing, &upper.backing),
                (Backing::Private, Backing::Private)
            );
        if alike {
            let (start, end) = (*start, upper.end);
            self.areas.remove(&address);
            if let Some(lower) = self.areas.get_mut(&start) {
                lower.end = end;
            }
        }
    }

    /// Takes all pages of a range out of the table and gives up what it owns.
    pub(super) fn clear(&mut self, range: Range<u64>) {
        let (is_current, resident) = (self.is_current, &mut self.resident);
        self.table.visit(range, |address, entry| {
            let old = core::mem::replace(entry, Entry::EMPTY);
            if is_current {
                paging::flush_page(address);
            }
            if old.flags().contains(Flags::OWNED) {
                *resident -= 1;
                frames::release(old.frame());
            }
        });
    }

    /// Gives up the frame of an entry that was taken out of the table.
    pub(super) fn disown(&mut self, entry: Entry) {
        if entry.flags().contains(Flags::OWNED) {
            self.resident -= 1;
            frames::release(entry.frame());
        }
    }

    /// Sets the table's entries of a range to a protection. Pages that others share stay read-only until written to.
    pub(super) fn set_protection(&mut self, range: Range<u64>, protection: Protection, copied: bool) {
        let is_current = self.is_current;
        let flags = protection.flags();
        self.table.visit(range, |address, entry| {
            let owned = entry.flags() & Flags::OWNED;
            let mut flags = flags | owned;
            if copied && (owned.is_empty() || frames::is_shared(entry.frame())) {
                flags.remove(Flags::WRITABLE);
            }
            *entry = Entry::new(entry.frame(), flags);
            if is_current {
                paging::flush_page(address);
            }
        });
    }

    /// Frees page tables that no area around a range needs any more.
    pub(super) fn trim_tables(&mut self, range: &Range<u64>) {
        let below = self.areas.before(&range.start).map_or(0, |(_, area)| area.end);
        let above = self
            .areas
            .from(&range.end)
            .next()
            .map_or(USER_END + PAGE, |(start, _)| *start);
        let around =
            below.max(range.start.saturating_sub(paging::span(2)))..above.min(range.end + paging::span(2));
        self.table.free_tables(around);
        if self.is_current {
            paging::flush_page(range.start);
        }
    }
}
