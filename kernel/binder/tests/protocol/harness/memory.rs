//! Memory of a process, and the windows that the kernel sees regions through.

use binder_driver::Fault;
use std::collections::BTreeMap;

const PAGE: u64 = 4096;
/// Where a process may read and write.
pub(crate) const START: u64 = 0x1000_0000;
/// The first address that it may not.
pub(crate) const END: u64 = START + (256 << 20);

/// Pages that appear when they are first written; all of the range reads as zeros before.
#[derive(Default)]
pub(crate) struct Memory {
    pages: BTreeMap<u64, Box<[u8; PAGE as usize]>>,
    next: u64,
}

impl Memory {
    /// Fresh room, aligned to 8.
    pub(crate) fn allocate(&mut self, length: usize) -> u64 {
        let at = START + self.next;
        self.next += (length as u64).next_multiple_of(8) + 8;
        assert!(START + self.next < END, "the process is out of memory");
        at
    }

    fn check(from: u64, length: usize) -> Result<(), Fault> {
        let end = from.checked_add(length as u64).ok_or(Fault)?;
        if from < START || end > END {
            return Err(Fault);
        }
        Ok(())
    }

    pub(crate) fn read(&self, from: u64, into: &mut [u8]) -> Result<(), Fault> {
        Self::check(from, into.len())?;
        for (at, byte) in (from..).zip(into) {
            *byte = self
                .pages
                .get(&(at / PAGE))
                .map_or(0, |page| page[(at % PAGE) as usize]);
        }
        Ok(())
    }

    pub(crate) fn write(&mut self, to: u64, bytes: &[u8]) -> Result<(), Fault> {
        if bytes.is_empty() {
            return Ok(());
        }
        Self::check(to, bytes.len())?;
        for (at, byte) in (to..).zip(bytes) {
            let page = self
                .pages
                .entry(at / PAGE)
                .or_insert_with(|| Box::new([0; PAGE as usize]));
            page[(at % PAGE) as usize] = *byte;
        }
        Ok(())
    }
}

/// A receiver's region.
pub(crate) struct Window {
    pub(crate) bytes: Vec<u8>,
    pub(crate) backed: Vec<bool>,
}

impl Window {
    pub(crate) fn new(length: usize) -> Self {
        Self {
            bytes: vec![0; length],
            backed: vec![false; length.div_ceil(PAGE as usize)],
        }
    }

    /// The bytes, which must all be backed.
    pub(crate) fn slice_mut(&mut self, from: usize, length: usize) -> &mut [u8] {
        if length > 0 {
            let pages = from / PAGE as usize..=(from + length - 1) / PAGE as usize;
            assert!(
                self.backed[pages].iter().all(|backed| *backed),
                "the driver touches only pages that it had backed"
            );
        }
        &mut self.bytes[from..from + length]
    }
}
