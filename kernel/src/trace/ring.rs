//! The ring: the newest records, in memory that is taken once.

use abi::Errno;
use abi::trace::Record;
use alloc::vec::Vec;

/// How many records lie in one chunk: a MiB.
const CHUNK: usize = (1 << 20) / size_of::<Record>();

/// Places for records, used one after the other and again from the first on.
#[derive(Debug)]
pub(super) struct Ring {
    chunks: Vec<Vec<Record>>,
    capacity: usize,
    /// How many records were ever put in.
    written: u64,
}

impl Ring {
    /// Room for at least so many records.
    pub(super) fn new(records: usize) -> Result<Self, Errno> {
        let capacity = records.clamp(1, usize::MAX / 2);
        let chunk = CHUNK.min(capacity);
        let count = capacity.div_ceil(chunk);
        let mut chunks = Vec::new();
        chunks.try_reserve_exact(count).map_err(|_| Errno::ENOMEM)?;
        for _ in 0..count {
            let mut records = Vec::new();
            records.try_reserve_exact(chunk).map_err(|_| Errno::ENOMEM)?;
            chunks.push(records);
        }
        Ok(Self {
            chunks,
            capacity: chunk * count,
            written: 0,
        })
    }

    /// How many records it keeps.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many records were ever put in.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// How many of them are no longer there.
    pub(super) fn lost(&self) -> u64 {
        self.written.saturating_sub(self.capacity as u64)
    }

    /// Where a record lies: its chunk, and its place in it.
    fn place(&self, number: u64) -> (usize, usize) {
        let index = (number % self.capacity as u64) as usize;
        let chunk = self.capacity / self.chunks.len();
        (index / chunk, index % chunk)
    }

    /// Adds a record, in place of the oldest if there is no room.
    pub(super) fn push(&mut self, record: Record) {
        let (chunk, place) = self.place(self.written);
        let records = &mut self.chunks[chunk];
        match records.get_mut(place) {
            Some(old) => *old = record,
            // Its memory is there since the ring is.
            None => records.push(record),
        }
        self.written += 1;
    }

    /// The record of this number, as long as it is there.
    pub(super) fn get(&self, number: u64) -> Option<&Record> {
        if number < self.lost() || number >= self.written {
            return None;
        }
        let (chunk, place) = self.place(number);
        self.chunks[chunk].get(place)
    }

    /// Begins anew.
    pub(super) fn clear(&mut self) {
        self.written = 0;
        for chunk in &mut self.chunks {
            chunk.clear();
        }
    }

    /// The memory of the chunks.
    pub(super) fn chunks(&self) -> impl Iterator<Item = &[Record]> {
        self.chunks.iter().map(Vec::as_slice)
    }

    /// How many records lie in one chunk.
    pub(super) fn chunk(&self) -> usize {
        self.capacity / self.chunks.len()
    }
}
