//! A trace in order, and what its threads are called.

use std::collections::BTreeMap;

use abi::trace::{Event, KERNEL_THREADS, Names, Record};

/// What a guest recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recorded {
    /// The records, oldest first.
    pub(crate) records: Vec<Record>,
    /// How many records there were before the first of these.
    pub(crate) lost: u64,
    threads: BTreeMap<u32, ThreadName>,
    programs: BTreeMap<u32, String>,
    /// What processes are called in texts: with their numbers where several run the same program.
    labels: BTreeMap<u32, String>,
}

/// What a thread is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ThreadName {
    /// Its process.
    pub(crate) process: u32,
    /// Its own name.
    pub(crate) thread: String,
    /// Its program's.
    pub(crate) program: String,
}

impl Recorded {
    /// Records with the names that came with them; later names replace earlier ones.
    pub(crate) fn new(records: Vec<Record>, names: &[Record], lost: u64) -> Self {
        let mut recorded = Self {
            records,
            lost,
            ..Self::default()
        };
        for name in names {
            if let Some(Event::Name { thread, program }) = name.event() {
                recorded.programs.insert(name.process, program.to_string());
                let name_of = ThreadName {
                    process: name.process,
                    thread: thread.to_string(),
                    program: program.to_string(),
                };
                recorded.threads.insert(name.thread, name_of);
            }
        }
        for (process, program) in &recorded.programs {
            let same = recorded.programs.values().filter(|other| *other == program);
            let label = match same.count() {
                1 => program.clone(),
                _ => format!("{program} {process}"),
            };
            recorded.labels.insert(*process, label);
        }
        recorded
    }

    /// What a thread of a process is called.
    pub(crate) fn thread(&self, process: u32, thread: u32) -> ThreadName {
        if thread >= KERNEL_THREADS {
            return ThreadName {
                process: 0,
                thread: format!("looper {}", thread - KERNEL_THREADS),
                program: "kernel".to_owned(),
            };
        }
        self.threads.get(&thread).cloned().unwrap_or_else(|| ThreadName {
            process,
            thread: String::new(),
            program: self.program(process),
        })
    }

    /// What a process's program is called.
    pub(crate) fn program(&self, process: u32) -> String {
        match self.programs.get(&process) {
            Some(name) => name.clone(),
            None => self.label(process),
        }
    }

    /// What a process is called where others are spoken of, too.
    pub(crate) fn label(&self, process: u32) -> String {
        match self.process(process) {
            Some(name) => name.to_owned(),
            None => format!("process {process}"),
        }
    }

    /// All threads that acted, with their processes, in the order of their first record.
    pub(crate) fn actors(&self) -> Vec<(u32, u32)> {
        let mut actors = Vec::new();
        for record in &self.records {
            let actor = (record.process, record.thread);
            if !actors.contains(&actor) {
                actors.push(actor);
            }
        }
        actors
    }

    /// The same names with other records.
    pub(crate) fn with(&self, records: Vec<Record>) -> Self {
        Self {
            records,
            ..Self {
                records: Vec::new(),
                lost: self.lost,
                threads: self.threads.clone(),
                programs: self.programs.clone(),
                labels: self.labels.clone(),
            }
        }
    }
}

impl Names for Recorded {
    fn process(&self, number: u32) -> Option<&str> {
        match number {
            0 => Some("kernel"),
            number => self.labels.get(&number).map(String::as_str),
        }
    }
}
