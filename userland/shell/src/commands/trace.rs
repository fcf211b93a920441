//! What binder does, recorded and shown.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use super::{Failure, Outcome};
use crate::platform::Descriptor;
use abi::trace::{Event, Names, Record};
use libbinder::kernel::{Trace, kernel};
use shell::system::Files;

const USAGE: Failure = Failure::Usage("on [EVENTS] | off | show [EVENTS]");

/// `trace on|off|show`
pub(super) fn run(words: &[String], _: &Files<Descriptor>) -> Outcome {
    let (verb, rest) = words.split_first().ok_or(USAGE)?;
    let number = match rest {
        [] => 0,
        [number] if verb != "off" => number.parse().map_err(|_| USAGE)?,
        _ => return Err(USAGE),
    };
    let trace = kernel()?.trace()?;
    match verb.as_str() {
        "on" => trace.start(number)?,
        "off" => trace.stop()?,
        "show" => return show(&trace, u64::from(number.unsigned_abs())),
        _ => return Err(USAGE),
    }
    Ok(String::new())
}

/// The programs of processes.
struct Programs(BTreeMap<u32, String>);

impl Names for Programs {
    fn process(&self, number: u32) -> Option<&str> {
        self.0.get(&number).map(String::as_str)
    }
}

/// The last so many events, all if it is 0.
fn show(trace: &Trace, count: u64) -> Outcome {
    let status = trace.status()?;
    let state = if status.on { "on" } else { "off" };
    let mut text = format!(
        "tracing is {state}: {} events, {} of them lost, room for {}\n",
        status.written, status.lost, status.capacity
    );
    let mut programs = BTreeMap::new();
    for name in trace.names()? {
        if let Some(Event::Name { program, .. }) = name.event() {
            programs.insert(name.process, program.to_string());
        }
    }
    programs.insert(0, String::from("kernel"));
    let programs = Programs(programs);
    let first = if count == 0 {
        0
    } else {
        status.written.saturating_sub(count)
    };
    let mut next = first;
    while next < status.written {
        let (first, records) = trace.read(next)?;
        if records.is_empty() {
            break;
        }
        next = first + records.len() as u64;
        // What reading itself adds to the trace is not shown.
        let old = usize::try_from(status.written.saturating_sub(first)).unwrap_or(0);
        for record in records.iter().take(old) {
            line(&mut text, record, &programs);
        }
    }
    Ok(text)
}

fn line(text: &mut String, record: &Record, programs: &Programs) {
    let microseconds = record.time / 1000;
    let thread = record.thread.checked_sub(abi::trace::KERNEL_THREADS);
    text.push_str(&format!(
        "{:>8}.{:06} {:>16} {:<5} {}\n",
        microseconds / 1_000_000,
        microseconds % 1_000_000,
        programs.process(record.process).unwrap_or("?"),
        thread.unwrap_or(record.thread),
        record.shown(programs)
    ));
}
