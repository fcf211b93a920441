use std::collections::HashMap;

use serde_json::Value;

use super::super::testing::Script;
use super::text;

const CLIENT: (u32, u32) = (5, 5);
const SERVER: (u32, u32) = (7, 8);

/// The events of a trace, once it is read as JSON.
fn events(script: &Script) -> Vec<Value> {
    let text = text(&script.recorded());
    let value: Value = serde_json::from_str(&text).expect("it is JSON");
    value["traceEvents"].as_array().expect("it has events").clone()
}

fn phase<'a>(events: &'a [Value], phase: &'a str) -> impl Iterator<Item = &'a Value> {
    events.iter().filter(move |event| event["ph"] == phase)
}

fn nested() -> Script {
    let mut script = Script::default();
    script.name(CLIENT, "client").name(SERVER, "server");
    script.call(CLIENT, SERVER, |script| {
        // The server calls back: the client's thread, which waits, serves it.
        script.call(SERVER, (5, 6), |_| {});
    });
    script
}

#[test]
fn tracks_are_named_by_process_and_thread() {
    let events = events(&nested());
    let named: Vec<&Value> = phase(&events, "M").collect();
    let has = |kind: &str, name: &str| {
        named
            .iter()
            .any(|event| event["name"] == kind && event["args"]["name"] == name)
    };
    assert!(has("process_name", "client 5"));
    assert!(has("process_name", "server 7"));
    assert!(has("thread_name", "server server"));
}

#[test]
fn each_call_has_a_whole_arrow_from_call_to_reply() {
    let events = events(&nested());
    let mut points: HashMap<u64, String> = HashMap::new();
    for event in &events {
        if let Some(id) = event["id"].as_u64() {
            let phase = event["ph"].as_str().expect("a phase is text");
            points.entry(id).or_default().push_str(phase);
        }
    }
    assert_eq!(points.len(), 2);
    assert!(points.values().all(|points| points == "sttf"), "{points:?}");
}

#[test]
fn an_arrow_without_end_is_left_out() {
    let mut script = nested();
    let (whole, mut records) = (events(&script), script.recorded());
    records.records.truncate(records.records.len() / 2);
    let cut: Value = serde_json::from_str(&text(&records)).expect("it is JSON");
    let cut = cut["traceEvents"].as_array().expect("it has events").clone();
    assert_eq!(phase(&cut, "s").count(), phase(&cut, "f").count());
    assert!(phase(&cut, "s").count() < phase(&whole, "s").count());
    script.name(CLIENT, "client");
}

#[test]
fn slices_of_a_thread_nest() {
    let events = events(&nested());
    let mut threads: HashMap<u64, Vec<(i64, i64)>> = HashMap::new();
    for event in phase(&events, "X") {
        let time = |field: &str| (event[field].as_f64().expect("a time") * 1000.0).round() as i64;
        let thread = event["tid"].as_u64().expect("a thread");
        let begin = time("ts");
        threads
            .entry(thread)
            .or_default()
            .push((begin, begin + time("dur")));
    }
    assert!(threads.len() >= 2);
    for slices in threads.values() {
        for one in slices {
            for other in slices {
                let apart = one.1 <= other.0 || other.1 <= one.0;
                let inside = one.0 <= other.0 && other.1 <= one.1 || other.0 <= one.0 && one.1 <= other.1;
                assert!(apart || inside, "{one:?} and {other:?} cross");
            }
        }
    }
}

#[test]
fn counters_end_where_they_began() {
    let events = events(&nested());
    let mut last: HashMap<u64, u64> = HashMap::new();
    for event in phase(&events, "C") {
        let process = event["pid"].as_u64().expect("a process");
        last.insert(process, event["args"]["bytes"].as_u64().expect("a size"));
    }
    assert_eq!(last.len(), 2);
    assert!(last.values().all(|bytes| *bytes == 0));
}

#[test]
fn calls_are_slices_around_the_time_in_the_driver() {
    let events = events(&nested());
    let count = |category: &str| {
        phase(&events, "X")
            .filter(|event| event["cat"] == category)
            .count()
    };
    assert_eq!(count("call"), 2);
    assert_eq!(count("serve"), 2);
    assert_eq!(count("driver"), 10);
}
