//! Page tables: a tree of four levels, walked through the direct map.

use super::layout::PAGE;
use super::{NoMemory, direct, frames};
use crate::arch::paging::{Entry, Flags, Table, index, span};
use alloc::vec::Vec;
use core::ops::Range;

/// What entries that lead to tables say: everything; the last level decides.
const TABLE: Flags = Flags::PRESENT.union(Flags::WRITABLE).union(Flags::USER);
/// The same for tables of the kernel.
const KERNEL_TABLE: Flags = Flags::PRESENT.union(Flags::WRITABLE);

/// A tree of tables. Dropping it does not free them: see [`PageTable::free_user`].
pub(super) struct PageTable {
    root: u64,
    /// The frames of the tables of the user's half, in no order: looking for them in the tree would cost far more.
    tables: Vec<u64>,
}

/// The entries of a table by its physical address.
fn table<'a>(physical: u64) -> &'a mut Table {
    // SAFETY: the direct map has all tables, a table is reached through one tree only, and whoever walks the tree holds
    // it mutably, so no two such references are used at a time.
    unsafe { &mut *direct(physical) }
}

impl PageTable {
    /// A tree with nothing in it.
    pub(super) fn new() -> Result<Self, NoMemory> {
        Ok(Self::from_root(frames::allocate_zeroed()?))
    }

    /// A tree with the kernel's half of another.
    pub(super) fn with_kernel_of(other: &Self) -> Result<Self, NoMemory> {
        let root = frames::allocate_for_user()?;
        frames::take_over(root, other.root, PAGE / 2);
        Ok(Self::from_root(root))
    }

    /// The tree of a physical address.
    pub(super) const fn from_root(root: u64) -> Self {
        Self {
            root,
            tables: Vec::new(),
        }
    }

    /// The physical address of the top.
    pub(super) const fn root(&self) -> u64 {
        self.root
    }

    /// The last-level entry of an address, if there is a table for it.
    #[inline]
    pub(super) fn entry(&mut self, address: u64) -> Option<&mut Entry> {
        let mut physical = self.root;
        for level in [4, 3, 2] {
            let entry = table(physical).0[index(address, level)];
            if !entry.is_present() || entry.is_large() {
                return None;
            }
            physical = entry.frame();
        }
        Some(&mut table(physical).0[index(address, 1)])
    }

    /// The last-level entry of a user address; tables are made as needed.
    #[inline]
    pub(super) fn make_entry(&mut self, address: u64) -> Result<&mut Entry, NoMemory> {
        make(self.root, address, 1, TABLE, |frame| self.tables.push(frame))
    }

    /// The entry of a kernel address at a level; tables are made as needed.
    pub(super) fn make_kernel_entry(&mut self, address: u64, level: u32) -> Result<&mut Entry, NoMemory> {
        make(self.root, address, level, KERNEL_TABLE, |_| {})
    }

    /// The physical address that an address is mapped to.
    pub(super) fn translate(&self, address: u64) -> Option<u64> {
        let mut physical = self.root;
        for level in [4, 3, 2, 1] {
            let entry = table(physical).0[index(address, level)];
            if !entry.is_present() {
                return None;
            }
            if level == 1 || entry.is_large() {
                let inside = span(level) - 1;
                return Some(entry.frame() & !inside | address & inside);
            }
            physical = entry.frame();
        }
        None
    }

    /// Calls `visit` for every last-level entry that holds something in a range of whole pages.
    pub(super) fn visit(&mut self, range: Range<u64>, mut visit: impl FnMut(u64, &mut Entry)) {
        visit_level(self.root, 4, 0, &range, &mut visit);
    }

    /// Frees the last-level tables that lie wholly in a range; their entries must be empty.
    pub(super) fn free_tables(&mut self, range: Range<u64>) {
        let size = span(2);
        let mut address = range.start.next_multiple_of(size);
        while address + size <= range.end {
            let mut physical = Some(self.root);
            for level in [4, 3] {
                let entry = physical.map(|physical| table(physical).0[index(address, level)]);
                physical = entry.filter(|entry| entry.is_present()).map(Entry::frame);
            }
            let Some(physical) = physical else {
                // No table of this 1 GiB: on to the next.
                address = (address / span(3) + 1) * span(3);
                continue;
            };
            let entry = &mut table(physical).0[index(address, 2)];
            if entry.is_present() {
                let frame = core::mem::replace(entry, Entry::EMPTY).frame();
                self.tables.retain(|table| *table != frame);
                frames::free_one(frame);
            }
            address += size;
        }
    }

    /// Frees all tables of the user's half and the top itself; last-level entries must not own frames any more.
    pub(super) fn free_user(&mut self) {
        self.tables.drain(..).for_each(frames::free_one);
        frames::free_one(self.root);
    }
}

/// The entry of an address at a level; tables on the way are made with these flags and told of.
#[inline]
fn make<'a>(
    root: u64,
    address: u64,
    last: u32,
    flags: Flags,
    mut made: impl FnMut(u64),
) -> Result<&'a mut Entry, NoMemory> {
    let mut physical = root;
    for level in (last + 1..=4).rev() {
        let entry = &mut table(physical).0[index(address, level)];
        if !entry.is_present() {
            let frame = frames::allocate_zeroed()?;
            *entry = Entry::new(frame, flags);
            made(frame);
        }
        physical = entry.frame();
    }
    Ok(&mut table(physical).0[index(address, last)])
}

fn visit_level(
    physical: u64,
    level: u32,
    base: u64,
    range: &Range<u64>,
    visit: &mut dyn FnMut(u64, &mut Entry),
) {
    let size = span(level);
    let first = range.start.saturating_sub(base) / size;
    let last = (range.end - base).div_ceil(size).min(512);
    let mut start = base + first * size;
    let mut look = |start: &mut u64, entries: &mut [Entry]| {
        for entry in entries {
            if level == 1 && *entry != Entry::EMPTY {
                visit(*start, entry);
            } else if *entry != Entry::EMPTY {
                visit_level(entry.frame(), level - 1, *start, range, visit);
            }
            *start += size;
        }
    };
    // Most tables are nearly empty, so entries are looked at in groups.
    let (groups, rest) = table(physical).0[first as usize..last as usize].as_chunks_mut();
    for group in groups {
        if Entry::are_empty(group) {
            start += group.len() as u64 * size;
        } else {
            look(&mut start, group);
        }
    }
    look(&mut start, rest);
}
