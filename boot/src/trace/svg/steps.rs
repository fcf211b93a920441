//! From records to the rows of a diagram.

use std::collections::{BTreeSet, HashMap};

use abi::binder::{command, reply};
use abi::trace::{CALL, Event, ONE_WAY, Record};

use super::super::recorded::Recorded;

/// How many rows a diagram has at most. More belong into a viewer.
const ROWS: usize = 600;

/// A row of the diagram, or a change between two rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A command or return.
    Arrow(Arrow),
    /// What the driver or the kernel does by itself.
    Note {
        /// When.
        time: u64,
        /// In words.
        text: String,
    },
    /// From here on a thread is where this says.
    Whereabouts(u32, Whereabouts),
}

/// An arrow between a thread and the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrow {
    /// When.
    pub(super) time: u64,
    /// The thread.
    pub(super) thread: u32,
    /// Which way it points.
    pub(super) direction: Direction,
    /// The code, with the message's number if there is one.
    pub(super) label: String,
    /// More about it.
    pub(super) detail: String,
}

/// Which way an arrow points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// A command.
    ToDriver,
    /// A return.
    FromDriver,
}

/// Where a thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// In its program.
    Program,
    /// In the driver.
    Driver,
    /// In the driver, asleep.
    Asleep,
}

/// The rows of a trace, and how many did not find a place.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) steps: Vec<Step>,
    pub(super) left_out: usize,
    rows: usize,
    /// Where the last arrow of a thread stands.
    last: HashMap<u32, usize>,
    interfaces: HashMap<u32, String>,
    /// What calls are, by their number.
    calls: HashMap<u32, String>,
}

impl Steps {
    pub(super) fn new(recorded: &Recorded) -> Self {
        let mut steps = Self::default();
        let talking = talking(recorded);
        for record in &recorded.records {
            if talking.contains(&record.process)
                && let Some(event) = record.event()
            {
                steps.take(record, event, recorded);
            }
        }
        steps
    }

    fn take(&mut self, record: &Record, event: Event, recorded: &Recorded) {
        let thread = record.thread;
        let program = |process| recorded.label(process);
        let note = record.shown(recorded).to_string();
        match event {
            Event::Enter { .. } => self.steps.push(Step::Whereabouts(thread, Whereabouts::Driver)),
            Event::Leave { .. } => self.steps.push(Step::Whereabouts(thread, Whereabouts::Program)),
            Event::Block {} => self.steps.push(Step::Whereabouts(thread, Whereabouts::Asleep)),
            Event::Command { code } => {
                self.arrow(record, Direction::ToDriver, name_of(command::name(code), code));
            }
            Event::Return { code } => {
                self.arrow(record, Direction::FromDriver, name_of(reply::name(code), code));
            }
            Event::Interface { name } => {
                self.interfaces.insert(thread, name.to_string());
            }
            Event::Sent {
                id,
                form,
                to,
                code,
                data_size,
                ..
            } => {
                let what = match self.interfaces.remove(&thread) {
                    Some(interface) => format!("{interface} {}", code_text(code)),
                    None => format!("code {}", code_text(code)),
                };
                let detail = match form {
                    CALL => format!("to {}: {what}", program(to)),
                    ONE_WAY => format!("one-way to {}: {what}", program(to)),
                    _ => format!("to {}, {data_size} bytes", program(to)),
                };
                self.amend(thread, &format!(" #{id}"), &detail);
                if form == CALL || form == ONE_WAY {
                    let from = program(record.process);
                    self.calls.insert(id, format!("from {from}: {what}"));
                }
            }
            Event::Received { id } => {
                let what = self.calls.remove(&id).unwrap_or_default();
                self.amend(thread, &format!(" #{id}"), &what);
            }
            Event::Failed { reply: code, .. } => {
                let code = name_of(reply::name(code), code);
                self.amend(thread, "", &format!("fails with {code}"));
            }
            Event::BufferFreed { owner, offset } => {
                self.amend(thread, "", &format!("{offset:#x} in {}", program(owner)));
            }
            Event::Node { node, .. } => self.amend(thread, "", &format!("node {node}")),
            Event::Death { cookie, .. } => self.amend(thread, "", &format!("cookie {cookie:#x}")),
            Event::BufferAllocated { .. } | Event::PagesMapped { .. } | Event::Mark { .. } => {
                self.note(record, note);
            }
            Event::Wake { woken } => {
                let name = recorded.thread(0, woken);
                self.note(record, format!("wakes {} {}", name.program, thread_text(woken)));
            }
            Event::Switch { .. } => {
                let name = recorded.program(record.process);
                self.note(record, format!("{name} {} runs", thread_text(thread)));
            }
            Event::Name { .. } | Event::Looper { .. } => {}
        }
    }

    fn has_room(&mut self) -> bool {
        self.rows += 1;
        let fits = self.rows <= ROWS;
        self.left_out += usize::from(!fits);
        fits
    }

    fn arrow(&mut self, record: &Record, direction: Direction, label: String) {
        self.last.remove(&record.thread);
        if self.has_room() {
            self.last.insert(record.thread, self.steps.len());
            self.steps.push(Step::Arrow(Arrow {
                time: record.time,
                thread: record.thread,
                direction,
                label,
                detail: String::new(),
            }));
        }
    }

    fn note(&mut self, record: &Record, text: String) {
        if self.has_room() {
            let time = record.time;
            self.steps.push(Step::Note { time, text });
        }
    }

    /// Says more about the thread's last arrow.
    fn amend(&mut self, thread: u32, label: &str, detail: &str) {
        let place = self.last.get(&thread).copied();
        if let Some(Step::Arrow(arrow)) = place.and_then(|place| self.steps.get_mut(place)) {
            arrow.label.push_str(label);
            if arrow.detail.is_empty() {
                arrow.detail.push_str(detail);
            }
        }
    }
}

/// The processes that send or receive messages. What others do at the same time belongs to other stories.
fn talking(recorded: &Recorded) -> BTreeSet<u32> {
    let mut processes = BTreeSet::new();
    for record in &recorded.records {
        match record.event() {
            Some(Event::Sent { to, .. }) => processes.extend([record.process, to]),
            Some(Event::Received { .. } | Event::Failed { .. } | Event::Mark { .. }) => {
                processes.insert(record.process);
            }
            _ => {}
        }
    }
    processes
}

/// A thread's number; the kernel's threads count from 0.
pub(super) fn thread_text(thread: u32) -> String {
    match thread.checked_sub(abi::trace::KERNEL_THREADS) {
        Some(own) => format!("looper {own}"),
        None => thread.to_string(),
    }
}

/// A transaction's code: a number, or four letters as Android's own.
fn code_text(code: u32) -> String {
    let letters = code.to_be_bytes();
    if letters
        .iter()
        .all(|letter| letter.is_ascii_uppercase() || *letter == b'_')
    {
        letters.iter().map(|letter| char::from(*letter)).collect()
    } else {
        code.to_string()
    }
}

fn name_of(name: Option<&str>, code: u32) -> String {
    name.map_or_else(|| format!("{code:#x}"), str::to_owned)
}
