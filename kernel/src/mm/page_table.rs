//! Page tables: a tree of four levels, walked through the direct map.

use super::layout::USER_END;
use super::{NoMemory, direct, frames};
use crate::arch::paging::{Entry, Flags, Table, index, span};
use core::ops::Range;

/// What entries that lead to tables say: everything; the last level decides.
const TABLE: Flags = Flags::PRESENT.union(Flags::WRITABLE).union(Flags::USER);
/// The same for tables of the kernel.
const KERNEL_TABLE: Flags = Flags::PRESENT.union(Flags::WRITABLE);

/// A tree of tables. Dropping it does not free them: see [`PageTable::free_user`].
pub(super) struct PageTable {
    root: u64,
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
        Ok(Self {
            root: frames::allocate_zeroed()?,
        })
    }

    /// A tree with the kernel's half of another.
    pub(super) fn with_kernel_of(other: &Self) -> Result<Self, NoMemory> {
        let new = Self::new()?;
        table(new.root).0[256..].copy_from_slice(&table(other.root).0[256..]);
        Ok(new)
    }

    /// The tree of a physical address.
    pub(super) const fn from_root(root: u64) -> Self {
        Self { root }
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
        self.make(address, 1, TABLE)
    }

    /// The entry of a kernel address at a level; tables are made as needed.
    pub(super) fn make_kernel_entry(&mut self, address: u64, level: u32) -> Result<&mut Entry, NoMemory> {
        self.make(address, level, KERNEL_TABLE)
    }

    fn make(&mut self, address: u64, last: u32, flags: Flags) -> Result<&mut Entry, NoMemory> {
        let mut physical = self.root;
        for level in (last + 1..=4).rev() {
            let entry = &mut table(physical).0[index(address, level)];
            if !entry.is_present() {
                *entry = Entry::new(frames::allocate_zeroed()?, flags);
            }
            physical = entry.frame();
        }
        Ok(&mut table(physical).0[index(address, last)])
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
                frames::free_one(entry.frame());
                *entry = Entry::EMPTY;
            }
            address += size;
        }
    }

    /// Frees all tables of the user's half and the top itself; last-level entries must not own frames any more.
    pub(super) fn free_user(&mut self) {
        for slot in &mut table(self.root).0[..=index(USER_END, 4)] {
            free_level(core::mem::replace(slot, Entry::EMPTY), 3);
        }
        frames::free_one(self.root);
    }
}

/// Frees the table that an entry leads to, of the given level, and all below.
fn free_level(entry: Entry, level: u32) {
    if !entry.is_present() {
        return;
    }
    if level > 1 {
        for below in &table(entry.frame()).0 {
            free_level(*below, level - 1);
        }
    }
    frames::free_one(entry.frame());
}

fn visit_level(
    physical: u64,
    level: u32,
    base: u64,
    range: &Range<u64>,
    visit: &mut impl FnMut(u64, &mut Entry),
) {
    let size = span(level);
    let first = range.start.saturating_sub(base) / size;
    let last = (range.end - base).div_ceil(size).min(512);
    for slot in first..last {
        let entry = &mut table(physical).0[slot as usize];
        let start = base + slot * size;
        if level == 1 {
            if *entry != Entry::EMPTY {
                visit(start, entry);
            }
        } else if entry.is_present() {
            visit_level(entry.frame(), level - 1, start, range, visit);
        }
    }
}
