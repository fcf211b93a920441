//! Names for addresses, from the symbol files in the ramdisk.
//!
//! A symbol file has one line per function, sorted by address: `address size name`, both numbers in hexadecimal.
//! Nothing is parsed ahead: a lookup is a binary search over the text, so that it works in the middle of a panic.

use crate::mm;
use crate::sync::Once;
use abi::lines::cut;
use formats::archive::{self, Kind};

/// The function that an address lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// Its name.
    pub(crate) name: &'static str,
    /// How far into it the address points.
    pub(crate) offset: u64,
}

impl Symbol {
    /// The place behind the call that ends at this one.
    fn after_call(self) -> Self {
        Self {
            offset: self.offset + 1,
            ..self
        }
    }
}

/// The kernel's own symbol file, found ahead of need: a panic may happen inside the allocator.
static KERNEL: Once<Option<&'static str>> = Once::new();

/// Finds the kernel's symbol file.
pub(crate) fn initialise() {
    KERNEL.call_once(|| table(b"boot/kernel.sym"));
}

/// The kernel's function that a call returns to. Where the call is a function's last instruction, because nothing is
/// meant to come back, the address itself lies behind it.
pub(crate) fn kernel_caller(address: u64) -> Option<Symbol> {
    find((*KERNEL.get()?)?, address.checked_sub(1)?).map(Symbol::after_call)
}

/// A program's function that a call returns to. `name` is the program's file name in `/bin`.
pub(crate) fn program_caller(name: &[u8], address: u64) -> Option<Symbol> {
    program(name, address.checked_sub(1)?).map(Symbol::after_call)
}

/// A program's function at an address. `name` is the program's file name in `/bin`.
pub(crate) fn program(name: &[u8], address: u64) -> Option<Symbol> {
    let path = [b"sym/", name].concat();
    find(table(&path)?, address)
}

/// A symbol file of the ramdisk.
fn table(path: &[u8]) -> Option<&'static str> {
    let mut entries = archive::entries(mm::ramdisk());
    let entry = entries.find(|entry| entry.path == path)?;
    match entry.kind {
        Kind::File(bytes) => core::str::from_utf8(bytes).ok(),
        Kind::Directory | Kind::Link(_) => None,
    }
}

/// Searches a symbol file.
fn find(table: &'static str, address: u64) -> Option<Symbol> {
    let (mut low, mut high) = (0, table.len());
    let bytes = table.as_bytes();
    let is_newline = |byte: &u8| *byte == b'\n';
    // The line that begins at `low` is the last one known to begin at or below the address.
    while low < high {
        let middle = low + (high - low) / 2;
        let before = bytes.get(..middle)?.iter().rposition(is_newline);
        let start = before.map_or(0, |newline| newline + 1);
        let length = bytes.get(start..)?.iter().position(is_newline);
        let end = length.map_or(table.len(), |length| start + length + 1);
        let (first, size, name) = parse(table.get(start..end)?)?;
        if address < first {
            high = start;
        } else if address - first < size {
            return Some(Symbol {
                name,
                offset: address - first,
            });
        } else {
            low = end;
        }
    }
    None
}

/// Takes a line apart.
fn parse(line: &'static str) -> Option<(u64, u64, &'static str)> {
    let (address, rest) = cut(line.trim_ascii_end(), b' ')?;
    let (size, name) = cut(rest, b' ')?;
    Some((hexadecimal(address)?, hexadecimal(size)?, name))
}

#[inline(never)]
fn hexadecimal(number: &str) -> Option<u64> {
    u64::from_str_radix(number, 16).ok()
}
