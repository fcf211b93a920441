//! What traced threads are called. It is kept apart from the ring, in which the oldest is lost first.

use crate::sorted::Sorted;
use abi::Errno;
use abi::trace::Record;
use alloc::vec::Vec;

/// How many names are kept. Later ones are not.
const MAX: usize = 4096;

/// The names of threads, as records, each time one is new.
#[derive(Debug)]
pub(super) struct TraceNames {
    records: Vec<Record>,
    /// Which record names a thread.
    newest: Sorted<u64, u64>,
}

impl TraceNames {
    /// Room for names.
    pub(super) fn new() -> Result<Self, Errno> {
        let mut records = Vec::new();
        records.try_reserve_exact(MAX).map_err(|_| Errno::ENOMEM)?;
        Ok(Self {
            records,
            newest: Sorted::new(),
        })
    }

    /// Notes a name unless it is known.
    pub(super) fn note(&mut self, name: Record) {
        if let Some(&known) = self.newest.get(&name.thread.into())
            && let Some(known) = self.records.get(known as usize)
            && (known.process, known.words) == (name.process, name.words)
        {
            return;
        }
        if self.records.len() < MAX {
            self.newest.insert(name.thread.into(), self.records.len() as u64);
            self.records.push(name);
        }
    }

    /// All, in the order in which they came up.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.newest.clear();
    }
}
