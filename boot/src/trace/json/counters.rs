//! The counters: how full the regions of processes are.

use std::collections::HashMap;

use abi::trace::{Event, Record};
use serde_json::{Value, json};

use super::{at, with};

/// The regions of all processes, as far as the trace tells.
#[derive(Default)]
pub(super) struct Counters {
    /// The sizes of buffers, by process and offset.
    buffers: HashMap<(u32, u32), u32>,
    /// Bytes in use, by process.
    bytes: HashMap<u32, u64>,
    /// Pages with memory behind them, by process.
    pages: HashMap<u32, u64>,
}

impl Counters {
    pub(super) fn take(&mut self, record: &Record, event: Event, events: &mut Vec<Value>) {
        match event {
            Event::BufferAllocated { owner, offset, size } => {
                self.buffers.insert((owner, offset), size);
                let bytes = self.bytes.entry(owner).or_default();
                *bytes += u64::from(size);
                events.push(counter(record, owner, "buffer space", "bytes", *bytes));
            }
            Event::BufferFreed { owner, offset } => {
                // One that is older than the trace was never counted.
                let Some(size) = self.buffers.remove(&(owner, offset)) else {
                    return;
                };
                let bytes = self.bytes.entry(owner).or_default();
                *bytes = bytes.saturating_sub(u64::from(size));
                events.push(counter(record, owner, "buffer space", "bytes", *bytes));
            }
            Event::PagesMapped { owner, count, .. } => {
                let pages = self.pages.entry(owner).or_default();
                *pages += u64::from(count);
                events.push(counter(record, owner, "buffer pages", "pages", *pages));
            }
            _ => {}
        }
    }
}

fn counter(record: &Record, owner: u32, name: &str, unit: &str, value: u64) -> Value {
    let of_owner = Record {
        process: owner,
        ..*record
    };
    let mut counter = with(at("C", name, "memory", &of_owner), "args", json!({unit: value}));
    // It is the process's. With a thread, that thread would be taken for one of the process.
    if let Some(fields) = counter.as_object_mut() {
        fields.remove("tid");
    }
    counter
}
