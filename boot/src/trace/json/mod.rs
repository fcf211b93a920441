//! A trace as trace events, the JSON that Perfetto and Chrome's tracing show.
//!
//! Each thread is a track, named by process and thread. Its slices are the time in the driver, its calls from the
//! request that sent them to the one that brought the reply, and the serving of others' calls in between. An arrow
//! leads from a call to the thread that reads it, and from the reply back. How full a process's region is, is a counter.

mod calls;
mod counters;
mod track;

use abi::trace::{Event, KERNEL_THREADS, Record};
use serde_json::{Value, json};

use super::recorded::Recorded;
use calls::Calls;
use counters::Counters;
use track::Tracks;

/// The kernel's process and threads have these numbers here: viewers take process 0 for the idle one.
const KERNEL: u32 = 1 << 22;

/// The trace as text.
pub(crate) fn text(recorded: &Recorded) -> String {
    let mut events = names(recorded);
    let mut tracks = Tracks::default();
    let mut calls = Calls::default();
    let mut counters = Counters::default();
    for record in &recorded.records {
        let Some(event) = record.event() else { continue };
        counters.take(record, event, &mut events);
        calls.take(record, event, &mut events);
        tracks.take(record, event, recorded, &mut events);
    }
    tracks.finish(&mut events);
    in_order(&mut events);
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    format!(
        "{{\"displayTimeUnit\":\"ns\",\"otherData\":{},\n\"traceEvents\":[\n{}\n]}}\n",
        json!({"records": recorded.records.len(), "lost": recorded.lost}),
        lines.join(",\n")
    )
}

/// Puts events into the order of their times, as viewers take them. At the same time the outer slice comes first, then
/// the inner one, then arrows, which belong to the slice that began last.
fn in_order(events: &mut [Value]) {
    let number = |event: &Value, field: &str| event[field].as_f64().unwrap_or(0.0);
    let rank = |event: &Value| match event["ph"].as_str() {
        Some("M") => 0,
        Some("X") => 1,
        Some("s" | "t" | "f") => 2,
        _ => 3,
    };
    events.sort_by(|one, other| {
        let time = number(one, "ts").total_cmp(&number(other, "ts"));
        let kind = || rank(one).cmp(&rank(other));
        let length = || number(other, "dur").total_cmp(&number(one, "dur"));
        time.then_with(kind).then_with(length)
    });
}

/// What tracks are called.
fn names(recorded: &Recorded) -> Vec<Value> {
    let mut events = Vec::new();
    let mut known = Vec::new();
    for (process, thread) in recorded.actors() {
        let name = recorded.thread(process, thread);
        if !known.contains(&process) {
            known.push(process);
            let text = match process {
                0 => "kernel".to_owned(),
                _ => format!("{} {process}", recorded.program(process)),
            };
            events.push(json!({
                "ph": "M", "name": "process_name", "pid": process_number(process), "args": {"name": text}
            }));
        }
        events.push(json!({
            "ph": "M", "name": "thread_name", "pid": process_number(process), "tid": thread_number(thread),
            "args": {"name": format!("{} {}", name.program, name.thread).trim()}
        }));
    }
    events
}

/// An event of a record's thread at its time.
fn at(phase: &str, name: &str, category: &str, record: &Record) -> Value {
    json!({
        "ph": phase, "name": name, "cat": category, "ts": microseconds(record.time),
        "pid": process_number(record.process), "tid": thread_number(record.thread)
    })
}

/// An event with one more field.
fn with(mut event: Value, field: &str, value: Value) -> Value {
    event[field] = value;
    event
}

/// A slice of a record's thread that began at that record and ended at a time.
fn slice(name: &str, category: &str, begin: &Record, end: u64, arguments: Value) -> Value {
    let slice = at("X", name, category, begin);
    let lasted = microseconds(end.saturating_sub(begin.time));
    with(with(slice, "dur", json!(lasted)), "args", arguments)
}

/// Something that takes no time, said in words.
fn instant(record: &Record, event: Event, recorded: &Recorded) -> Option<Value> {
    let name = match event {
        Event::Wake { .. } => "wake",
        Event::Switch { .. } => "switch",
        Event::Node { .. } => "node",
        Event::Looper { .. } => "looper",
        Event::Death { .. } => "death",
        Event::Failed { .. } => "failure",
        Event::Mark { .. } => "mark",
        Event::PagesMapped { .. } => "pages mapped",
        Event::BufferAllocated { .. } => "buffer allocated",
        Event::BufferFreed { .. } => "buffer freed",
        _ => return None,
    };
    let instant = with(at("i", name, "event", record), "s", json!("t"));
    let says = record.shown(recorded).to_string();
    Some(with(instant, "args", json!({"says": says})))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of a run have fewer digits than a double"
)]
fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
}

fn process_number(process: u32) -> u32 {
    if process == 0 { KERNEL } else { process }
}

fn thread_number(thread: u32) -> u32 {
    if thread >= KERNEL_THREADS {
        KERNEL + (thread - KERNEL_THREADS)
    } else {
        thread
    }
}

#[cfg(test)]
mod tests;
