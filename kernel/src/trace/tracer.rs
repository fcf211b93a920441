//! The tracer: whether tracing is on, and what it recorded.

use super::names::TraceNames;
use super::ring::Ring;
use crate::arch::{self, time};
use crate::file::changes;
use crate::log;
use crate::mm;
use crate::task::{Kernel, Pid, TaskId};
use abi::Errno;
use abi::trace::{Event, MAGIC, Record, Table, Text};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// By this name the boot tool asks for a trace of the whole run, and tells how many records the ring has.
const OPTION: &str = "opt/bindery/trace";

/// How many records a ring has when nothing is said about it: 4 MiB.
const RECORDS: usize = 65_536;

/// The state of tracing.
#[derive(Debug, Default)]
pub(crate) struct Tracer {
    on: bool,
    recording: Option<Box<Recording>>,
}

/// What was recorded, and where it lies.
#[derive(Debug)]
struct Recording {
    ring: Ring,
    names: TraceNames,
    /// Where the chunks lie, for the table.
    chunks: Vec<u64>,
    table: Table,
}

impl Tracer {
    /// Off, unless the boot tool asks for a trace.
    #[inline(never)]
    pub(crate) fn new() -> Self {
        let mut tracer = Self::default();
        let Some(wish) = arch::firmware_config(OPTION) else {
            return tracer;
        };
        let records = core::str::from_utf8(&wish)
            .ok()
            .and_then(|text| text.parse().ok());
        let started = match records {
            Some(records) => tracer.start(records),
            None => Err(Errno::EINVAL),
        };
        if let Err(errno) = started {
            log!("trace: cannot begin: {errno}");
        }
        tracer
    }

    /// Whether events are recorded.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.on
    }

    /// Begins a new trace with room for so many records; 0 leaves the number as it was.
    pub(crate) fn start(&mut self, records: usize) -> Result<(), Errno> {
        let kept = self
            .recording
            .as_ref()
            .map_or(RECORDS, |recording| recording.ring.capacity());
        let wanted = if records == 0 { kept } else { records };
        match &mut self.recording {
            Some(recording) if recording.ring.capacity() == wanted => recording.clear(),
            other => {
                self.on = false;
                // The old memory may serve the new ring.
                *other = None;
                let recording = Recording::new(wanted)?;
                log!(
                    "trace: {} records, table at {:#x}",
                    recording.ring.capacity(),
                    mm::physical(&recording.table)
                );
                *other = Some(recording);
            }
        }
        self.on = true;
        // The quick way of calls, which tells of nothing, is taken with descriptors that are remembered.
        changes::note();
        Ok(())
    }

    /// Ends the trace. What was recorded can still be read.
    pub(crate) fn stop(&mut self) {
        self.on = false;
    }

    /// Adds an event of a thread, while tracing is on.
    #[cold]
    pub(crate) fn record(&mut self, process: Pid, thread: TaskId, event: Event) {
        if self.on
            && let Some(recording) = &mut self.recording
        {
            recording
                .ring
                .push(Record::new(time::now(), process.0, thread.0, event));
            recording.table.written = recording.ring.written();
        }
    }

    /// Notes what a thread is called.
    fn name(&mut self, process: Pid, thread: TaskId, name: Text<4>, program: Text<7>) {
        if let Some(recording) = &mut self.recording {
            let event = Event::Name {
                thread: name,
                program,
            };
            recording
                .names
                .note(Record::new(time::now(), process.0, thread.0, event));
            recording.table.name_count = recording.names.records().len() as u64;
        }
    }

    /// How many records the ring keeps, how many there were, and how many of them are lost.
    pub(crate) fn figures(&self) -> (u64, u64, u64) {
        self.recording.as_ref().map_or((0, 0, 0), |recording| {
            let ring = &recording.ring;
            (ring.capacity() as u64, ring.written(), ring.lost())
        })
    }

    /// Records from this number on, at most so many, with the number of the first; those that are lost are passed over.
    pub(crate) fn read(&self, from: u64, count: usize) -> (u64, Vec<Record>) {
        let Some(recording) = &self.recording else {
            return (from, Vec::new());
        };
        let first = from.max(recording.ring.lost());
        let mut records = Vec::new();
        for number in first..first.saturating_add(count as u64) {
            match recording.ring.get(number) {
                Some(&record) => records.push(record),
                None => break,
            }
        }
        (first, records)
    }

    /// The names of threads from this place on, at most so many.
    pub(crate) fn names(&self, from: usize, count: usize) -> &[Record] {
        let Some(recording) = &self.recording else {
            return &[];
        };
        let names = recording.names.records().get(from..).unwrap_or_default();
        names.get(..count).unwrap_or(names)
    }
}

impl Recording {
    fn new(records: usize) -> Result<Box<Self>, Errno> {
        let ring = Ring::new(records)?;
        let names = TraceNames::new()?;
        let mut chunks = Vec::new();
        for chunk in ring.chunks() {
            chunks.push(mm::physical(chunk));
        }
        let table = Table {
            magic: MAGIC,
            written: 0,
            capacity: ring.capacity() as u64,
            chunk: ring.chunk() as u64,
            chunks: mm::physical(chunks.as_slice()),
            name_count: 0,
            names: mm::physical(names.records()),
        };
        Ok(Box::new(Self {
            ring,
            names,
            chunks,
            table,
        }))
    }

    fn clear(&mut self) {
        self.ring.clear();
        self.names.clear();
        self.table.written = 0;
        self.table.name_count = 0;
        debug_assert_eq!(self.table.chunks, mm::physical(self.chunks.as_slice()));
    }
}

impl Kernel {
    /// Records an event of the current thread.
    #[cold]
    #[inline(never)]
    pub(crate) fn trace(&mut self, event: Event) {
        let task = self.current;
        if let Some(thread) = self.threads.get(task.0) {
            let process = thread.process;
            let name = Text::of_bytes(thread.name.iter().copied());
            let program = self.processes.get(process.0);
            let program = Text::new(program.map_or("", |process| process.program_name()));
            self.tracer.name(process, task, name, program);
            self.tracer.record(process, task, event);
        }
    }
}
