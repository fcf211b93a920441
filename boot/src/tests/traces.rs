//! Traced runs: what the guest recorded, read out of its memory, must tell what happened.

use std::collections::BTreeSet;
use std::path::PathBuf;

use abi::binder::{command, reply};
use abi::trace::{CALL, Event, REPLY};
use anyhow::{Context, Result};
use serde_json::Value;

use super::case::{CASE, Case, Services};
use super::program::Program;
use super::tally::Tally;
use super::viewer;
use crate::bindery;
use crate::image::Parts;
use crate::layout::Scratch;
use crate::options::Options;
use crate::qemu::{Ended, Programs};
use crate::trace::{self, Recorded};

/// A line that is run with tracing, and what its trace must tell.
struct Traced {
    name: &'static str,
    line: &'static str,
    /// What runs beside the shell.
    services: Services,
    add: &'static [Program],
    /// How many records the ring has; as many as usual if nothing is said.
    size: Option<u32>,
    ends: Ended,
    check: fn(&Recorded) -> Result<(), String>,
}

const TRACED: &[Traced] = &[
    Traced {
        name: "a trace of many threads, deaths and descriptors is what Perfetto asks for",
        line: "demo thread-pool; demo nested; demo death; demo shared-memory; demo oneway-order; demo freeze",
        add: &[],
        services: Services::All,
        size: None,
        ends: Ended::Status(0),
        check: readable,
    },
    Traced {
        name: "a trace of 10000 transactions lacks nothing, and its arrows match",
        line: "raw server 10000 & raw client 10000",
        add: &[Program("raw")],
        services: Services::None,
        size: None,
        ends: Ended::Status(0),
        check: complete,
    },
    Traced {
        name: "a trace in too small a ring holds the newest events and counts the others",
        line: "raw server 100 & raw client 100",
        add: &[Program("raw")],
        services: Services::None,
        size: Some(100),
        ends: Ended::Status(0),
        check: overwritten,
    },
    Traced {
        name: "a trace outlives a kernel panic",
        line: "panic",
        add: &[],
        services: Services::None,
        size: None,
        ends: Ended::Panicked,
        check: ends_in_the_kernel,
    },
];

/// Runs those whose names contain `word`.
pub(super) fn run(tally: &mut Tally, word: &str, parts: &Parts) -> Result<()> {
    for traced in TRACED.iter().filter(|traced| traced.name.contains(word)) {
        let outcome = record(traced, parts).map_err(|error| format!("{error:#}"));
        tally.record(
            traced.name,
            outcome.and_then(|recorded| (traced.check)(&recorded)),
        );
    }
    Ok(())
}

fn record(traced: &Traced, parts: &Parts) -> Result<Recorded> {
    let case = Case {
        line: traced.line,
        add: traced.add,
        services: traced.services,
        timeout: 180,
        ..CASE
    };
    let options = Options {
        trace: Some(trace::Output::json(PathBuf::new())),
        trace_size: traced.size,
        ..case.options()?
    };
    let image = parts.image(&options.add, options.firmware)?;
    let scratch = Scratch::new()?;
    let machine = bindery::machine(&options, &image, &scratch)?;
    let mut stdout = Vec::new();
    let ended = machine.run(Programs::Captured(&mut stdout))?;
    anyhow::ensure!(ended == traced.ends, "the run ended with {ended:?}");
    let log = machine.log().text();
    trace::read(&scratch.file(trace::MEMORY), options.memory, &log).context("no trace")
}

/// How many messages of a form there are in a trace.
fn count(recorded: &Recorded, wanted: u32) -> usize {
    let events = recorded.records.iter().filter_map(|record| record.event());
    events
        .filter(|event| matches!(event, Event::Sent { form, .. } if *form == wanted))
        .count()
}

fn complete(recorded: &Recorded) -> Result<(), String> {
    let (calls, replies) = (count(recorded, CALL), count(recorded, REPLY));
    if recorded.lost > 0 || calls < 10_000 || replies < 10_000 {
        return Err(format!(
            "{calls} calls, {replies} replies, {} events lost",
            recorded.lost
        ));
    }
    let written: Value = serde_json::from_str(&trace::json(recorded)).map_err(|error| error.to_string())?;
    let events = written["traceEvents"].as_array().ok_or("there are no events")?;
    viewer::check(events)?;
    let phase = |phase: &str| events.iter().filter(|event| event["ph"] == phase).count();
    let (begun, ended, between) = (phase("s"), phase("f"), phase("t"));
    // Init waits for the shell's end in a call that stays open.
    if begun != ended || between != 2 * begun || begun + 10 < calls {
        return Err(format!(
            "{calls} calls, {begun} arrows begin, {between} turn, {ended} end"
        ));
    }
    Ok(())
}

fn readable(recorded: &Recorded) -> Result<(), String> {
    let written: Value = serde_json::from_str(&trace::json(recorded)).map_err(|error| error.to_string())?;
    let events = written["traceEvents"].as_array().ok_or("there are no events")?;
    let codes = recorded.records.iter().filter_map(|record| match record.event() {
        Some(Event::Return { code }) => reply::name(code),
        Some(Event::Command { code }) => command::name(code),
        _ => None,
    });
    let codes: BTreeSet<&str> = codes.collect();
    let wanted = [
        "BR_NOOP",
        "BR_SPAWN_LOOPER",
        "BR_DEAD_BINDER",
        "BR_DEAD_REPLY",
        "BC_REGISTER_LOOPER",
    ];
    if let Some(missing) = wanted.iter().find(|code| !codes.contains(**code)) {
        return Err(format!("no {missing} in {codes:?}"));
    }
    viewer::check(events)
}

fn overwritten(recorded: &Recorded) -> Result<(), String> {
    let kept = recorded.records.len();
    if kept != 100 || recorded.lost < 1000 {
        return Err(format!("{kept} events kept, {} lost", recorded.lost));
    }
    if !recorded.records.is_sorted_by_key(|record| record.time) {
        return Err("the events are not in order".to_owned());
    }
    ends_in_the_kernel(recorded)
}

/// The last thing that happens is that the kernel is asked to end everything.
fn ends_in_the_kernel(recorded: &Recorded) -> Result<(), String> {
    match recorded.records.last() {
        Some(last) if last.process == 0 => Ok(()),
        other => Err(format!("the last event is {other:?}")),
    }
}
