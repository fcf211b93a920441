//! The columns of a diagram: where each thread and the driver stand.

use abi::trace::KERNEL_THREADS;

use super::super::recorded::Recorded;
use super::shape::Look;
use super::steps::{Step, thread_text};

/// The room for times at the left edge.
const TIMES: f64 = 76.0;
/// The room between two names of columns.
const GAP: f64 = 18.0;
/// The room between a label and the lines at its ends.
const MARGIN: f64 = 34.0;

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// Its thread; none for the driver.
    pub(super) thread: Option<u32>,
    /// What stands in its head, line by line.
    pub(super) head: [String; 2],
    /// Where its line is.
    pub(super) x: f64,
}

impl Column {
    /// How wide its head is.
    pub(super) fn head_width(&self) -> f64 {
        let [name, number] = &self.head;
        Look::Header.width(name).max(Look::Detail.width(number)) + 16.0
    }
}

/// All columns, from left to right.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) columns: Vec<Column>,
    driver: usize,
    /// How wide the diagram is.
    pub(super) width: f64,
}

impl Columns {
    /// The columns for these rows, so far apart that everything written between them has room.
    pub(super) fn new(recorded: &Recorded, steps: &[Step]) -> Self {
        let mut columns = threads(recorded, steps);
        let driver = columns.len().div_ceil(2);
        columns.insert(
            driver,
            Column {
                thread: None,
                head: ["driver".to_owned(), "binder, in the kernel".to_owned()],
                x: 0.0,
            },
        );
        let notes = widest(steps, |step| match step {
            Step::Note { text, .. } => Some(Look::Note.width(text) / 2.0),
            Step::Arrow(_) | Step::Whereabouts(..) => None,
        });
        // The places relative to the driver's, to both sides.
        for side in [-1.0, 1.0] {
            let outwards: Vec<usize> = if side < 0.0 {
                (0..driver).rev().collect()
            } else {
                (driver + 1..columns.len()).collect()
            };
            let mut before = driver;
            for place in outwards {
                let thread = columns[place].thread;
                let labels = widest(steps, |step| match step {
                    Step::Arrow(arrow) if Some(arrow.thread) == thread => Some(
                        Look::Label
                            .width(&arrow.label)
                            .max(Look::Detail.width(&arrow.detail)),
                    ),
                    Step::Arrow(_) | Step::Note { .. } | Step::Whereabouts(..) => None,
                });
                let heads = (columns[place].head_width() + columns[before].head_width()) / 2.0 + GAP;
                let beside = columns[before].x.abs() + heads;
                columns[place].x = side * beside.max(labels + MARGIN).max(notes + MARGIN);
                before = place;
            }
        }
        let reach = |column: &Column| {
            column
                .head_width()
                .max(if column.thread.is_none() { 2.0 * notes } else { 0.0 })
                / 2.0
        };
        let left = columns
            .iter()
            .map(|column| column.x - reach(column))
            .fold(0.0, f64::min);
        let right = columns
            .iter()
            .map(|column| column.x + reach(column))
            .fold(0.0, f64::max);
        let shift = TIMES - left + GAP;
        for column in &mut columns {
            column.x += shift;
        }
        Self {
            columns,
            driver,
            width: right + shift + GAP,
        }
    }

    /// Where the driver's line is.
    pub(super) fn driver(&self) -> f64 {
        self.columns[self.driver].x
    }

    /// Where a thread's line is.
    pub(super) fn thread(&self, thread: u32) -> Option<f64> {
        let column = self.columns.iter().find(|column| column.thread == Some(thread))?;
        Some(column.x)
    }
}

/// The threads that have arrows, those of a process side by side.
fn threads(recorded: &Recorded, steps: &[Step]) -> Vec<Column> {
    let mut processes: Vec<u32> = Vec::new();
    let mut threads: Vec<(usize, u32, u32)> = Vec::new();
    for step in steps {
        let Step::Arrow(arrow) = step else { continue };
        if threads.iter().any(|(_, _, thread)| *thread == arrow.thread) {
            continue;
        }
        let acted = recorded
            .records
            .iter()
            .find(|record| record.thread == arrow.thread);
        let process = acted.map_or(0, |record| record.process);
        let rank = processes
            .iter()
            .position(|known| *known == process)
            .unwrap_or_else(|| {
                processes.push(process);
                processes.len() - 1
            });
        threads.push((rank, process, arrow.thread));
    }
    threads.sort_by_key(|(rank, ..)| *rank);
    let column = |(_, process, thread)| {
        let number = if thread >= KERNEL_THREADS {
            thread_text(thread)
        } else if thread == process {
            format!("process {process}")
        } else {
            format!("process {process}, thread {thread}")
        };
        Column {
            thread: Some(thread),
            head: [recorded.program(process), number],
            x: 0.0,
        }
    };
    threads.into_iter().map(column).collect()
}

/// The largest of the measures that steps have.
fn widest(steps: &[Step], measure: impl Fn(&Step) -> Option<f64>) -> f64 {
    steps.iter().filter_map(measure).fold(0.0, f64::max)
}
