//! What Perfetto asks of trace events. It drops what breaks these rules and counts that in its statistics, where nobody
//! looks; so they are checked here.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

/// What an event must have, as far as it was understood.
struct Event<'a> {
    phase: &'a str,
    process: u64,
    thread: u64,
    /// When, in nanoseconds: times are microseconds with three digits behind the point.
    time: i64,
    value: &'a Value,
}

/// The slices of a thread: where each begins and ends.
type Slices = BTreeMap<(u64, u64), Vec<(i64, i64)>>;

/// Fails at the first event that Perfetto would drop or show wrongly.
pub(super) fn check(events: &[Value]) -> Result<(), String> {
    let mut read = Vec::new();
    for value in events {
        read.push(Event::read(value).map_err(|why| format!("{why}: {value}"))?);
    }
    if !read.is_sorted_by_key(|event| event.time) {
        return Err("the events are not in the order of their times".to_owned());
    }
    nested(&read)?;
    flows(&read)?;
    named(&read)
}

impl<'a> Event<'a> {
    fn read(value: &'a Value) -> Result<Self, &'static str> {
        let phase = value["ph"].as_str().ok_or("no phase")?;
        let process = value["pid"].as_u64().filter(|pid| *pid > 0);
        let thread = match phase {
            "M" if value["name"] == "process_name" => Some(0),
            // With a thread, Perfetto would take that for one of the counter's process.
            "C" => value["tid"].is_null().then_some(0),
            _ => value["tid"].as_u64(),
        };
        let event = Self {
            phase,
            process: process.ok_or("no process, or the idle one")?,
            thread: thread.ok_or("no thread")?,
            time: if phase == "M" {
                0
            } else {
                nanoseconds(&value["ts"])?
            },
            value,
        };
        if value["name"].as_str().is_none_or(str::is_empty) {
            return Err("no name");
        }
        let has = match phase {
            "X" => nanoseconds(&value["dur"]).is_ok_and(|length| length >= 0),
            "M" => value["args"]["name"]
                .as_str()
                .is_some_and(|name| !name.is_empty()),
            "i" => matches!(value["s"].as_str(), Some("t" | "p" | "g")),
            "C" => value["args"]
                .as_object()
                .is_some_and(|values| !values.is_empty() && values.values().all(Value::is_number)),
            "s" | "t" => value["id"].is_u64() && value["cat"].is_string(),
            "f" => value["id"].is_u64() && value["cat"].is_string() && value["bp"] == "e",
            _ => return Err("an unknown phase"),
        };
        if has {
            Ok(event)
        } else {
            Err("a field of this phase is missing or wrong")
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a run has fewer nanoseconds than an i64"
)]
fn nanoseconds(value: &Value) -> Result<i64, &'static str> {
    let time = value.as_f64().filter(|time| *time >= 0.0);
    time.map(|time| (time * 1000.0).round() as i64).ok_or("no time")
}

/// A thread's slices lie in one another or apart: of two that cross, Perfetto drops one.
fn nested(events: &[Event<'_>]) -> Result<(), String> {
    let mut slices = Slices::new();
    for event in events.iter().filter(|event| event.phase == "X") {
        let length = nanoseconds(&event.value["dur"])?;
        slices
            .entry((event.process, event.thread))
            .or_default()
            .push((event.time, event.time + length));
    }
    for (thread, slices) in &mut slices {
        // Of those that begin together the longest is the outermost.
        slices.sort_unstable_by_key(|(begin, end)| (*begin, -end));
        let mut open: Vec<i64> = Vec::new();
        for (begin, end) in slices {
            open.retain(|outer| outer > begin);
            if open.iter().any(|outer| *outer < *end) {
                return Err(format!("slices of thread {thread:?} cross at {begin} ns"));
            }
            open.push(*end);
        }
    }
    Ok(())
}

/// Arrows begin, go on and end, in this order. Perfetto ties each point to what began last on its thread, be it a slice or
/// an instant, so that has to be a slice, and the point inside it.
fn flows(events: &[Event<'_>]) -> Result<(), String> {
    let mut flows: HashMap<u64, Vec<(i64, &str)>> = HashMap::new();
    let mut newest: HashMap<(u64, u64), Option<i64>> = HashMap::new();
    for event in events {
        let thread = (event.process, event.thread);
        match event.phase {
            "X" => {
                newest.insert(thread, Some(event.time + nanoseconds(&event.value["dur"])?));
            }
            "i" => {
                newest.insert(thread, None);
            }
            "s" | "t" | "f" => {
                let id = event.value["id"].as_u64().unwrap_or_default();
                flows.entry(id).or_default().push((event.time, event.phase));
                let slice = newest.get(&thread).copied().flatten();
                if slice.is_none_or(|end| end < event.time) {
                    return Err(format!("no slice for {}", event.value));
                }
            }
            _ => {}
        }
    }
    for (id, points) in &flows {
        let phases: String = points.iter().map(|(_, phase)| *phase).collect();
        let middle = phases.strip_prefix('s').and_then(|rest| rest.strip_suffix('f'));
        if middle.is_none_or(|middle| middle.contains(['s', 'f'])) {
            return Err(format!("arrow {id} is {phases}"));
        }
    }
    Ok(())
}

/// Each thread has a name, and each process.
fn named(events: &[Event<'_>]) -> Result<(), String> {
    let of = |wanted: &str| -> BTreeSet<(u64, u64)> {
        let named = events
            .iter()
            .filter(|event| event.phase == "M" && event.value["name"] == wanted);
        named.map(|event| (event.process, event.thread)).collect()
    };
    let (threads, processes) = (of("thread_name"), of("process_name"));
    for event in events.iter().filter(|event| event.phase != "M") {
        // A counter is its process's.
        let thread = event.phase == "C" || threads.contains(&(event.process, event.thread));
        if !thread || !processes.contains(&(event.process, 0)) {
            return Err(format!("no name for the track of {}", event.value));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn sound() -> Vec<Value> {
        let slice = |tid: u32, ts: f64, dur: f64| json!({"ph": "X", "name": "a", "ts": ts, "dur": dur, "pid": 1, "tid": tid});
        let point = |phase: &str, tid: u32, ts: f64| json!({"ph": phase, "name": "call", "cat": "binder", "id": 7, "ts": ts, "pid": 1, "tid": tid, "bp": "e"});
        let name = |kind: &str, tid: u32| json!({"ph": "M", "name": kind, "pid": 1, "tid": tid, "args": {"name": "n"}});
        vec![
            name("process_name", 0),
            name("thread_name", 1),
            name("thread_name", 2),
            slice(1, 1.0, 9.0),
            slice(1, 1.0, 2.0),
            json!({"ph": "C", "name": "c", "ts": 1.0, "pid": 1, "args": {"bytes": 4}}),
            point("s", 1, 2.0),
            json!({"ph": "i", "name": "i", "ts": 2.5, "s": "t", "pid": 1, "tid": 1}),
            slice(2, 4.0, 2.0),
            point("t", 2, 5.0),
            slice(1, 9.0, 1.0),
            point("f", 1, 9.5),
        ]
    }

    #[test]
    fn sound_events_pass() {
        assert_eq!(check(&sound()), Ok(()));
    }

    #[test]
    fn what_a_viewer_would_drop_is_found() {
        let broken: [(usize, &str, Value); 11] = [
            (0, "ph", json!("?")),
            (1, "args", json!({})),
            (3, "dur", json!(-1)),
            // It crosses the other slice of its thread.
            (10, "dur", json!(3)),
            (8, "tid", json!(9)),
            (6, "ts", json!(0.5)),
            // The instant is what began last.
            (7, "ts", json!(2.0)),
            (9, "ph", json!("f")),
            (11, "bp", json!(null)),
            (5, "args", json!({"bytes": "4"})),
            (5, "tid", json!(1)),
        ];
        for (place, field, value) in broken {
            let mut events = sound();
            events[place][field] = value;
            if (place, field) == (7, "ts") {
                events.swap(6, 7);
            }
            assert!(check(&events).is_err(), "{place} {field}: {}", events[place]);
        }
    }
}
