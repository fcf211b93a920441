//! The slices of each thread.

use std::collections::{BTreeMap, HashMap};

use abi::binder::reply::{BR_DEAD_REPLY, BR_FAILED_REPLY, BR_FROZEN_REPLY};
use abi::binder::{command, reply};
use abi::trace::{CALL, Event, REPLY, Record};
use serde_json::{Value, json};

use super::super::recorded::Recorded;
use super::{instant, slice};

/// All threads.
#[derive(Default)]
pub(super) struct Tracks {
    threads: BTreeMap<u32, Track>,
    /// Calls that are not read yet: their form, and what they are.
    calls: HashMap<u32, (u32, String)>,
    /// The time of the last record.
    last: u64,
}

/// One thread. Its calls enclose the requests that sent them and those that brought the replies; its servings lie
/// between requests. So its slices nest.
#[derive(Default)]
struct Track {
    /// The request that it is inside of.
    request: Option<Request>,
    /// Calls it waits for and calls it serves, the innermost last.
    open: Vec<Open>,
    /// Calls that it received in the current request; they are served once that is over.
    received: Vec<(u32, u32, String)>,
    /// Calls that are over with the current request.
    answered: Vec<Open>,
    /// Its last command failed, of which it has not read yet.
    command_failed: bool,
    /// The interface that its next call is addressed to.
    interface: Option<String>,
}

struct Request {
    begin: Record,
    number: u32,
    commands: Vec<String>,
    returns: Vec<String>,
}

struct Open {
    kind: Kind,
    id: u32,
    begin: Record,
    name: String,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Kind {
    /// The thread waits for the reply.
    Call,
    /// Others wait for its reply.
    Serve,
}

impl Tracks {
    pub(super) fn take(
        &mut self,
        record: &Record,
        event: Event,
        recorded: &Recorded,
        events: &mut Vec<Value>,
    ) {
        self.last = record.time;
        events.extend(instant(record, event, recorded));
        let track = self.threads.entry(record.thread).or_default();
        match event {
            Event::Enter { request } => {
                track.request = Some(Request {
                    begin: *record,
                    number: request,
                    commands: Vec::new(),
                    returns: Vec::new(),
                });
            }
            Event::Leave { result } => track.leave(record.time, &result.to_string(), events),
            Event::Block {} => track.leave(record.time, "waits", events),
            Event::Command { code } => {
                if let Some(request) = &mut track.request {
                    request.commands.push(name_of(command::name(code), code));
                }
            }
            Event::Return { code } => track.returned(code),
            Event::Interface { name } => track.interface = Some(name.to_string()),
            Event::Sent { form: REPLY, .. } => track.replied(record, events),
            Event::Sent {
                id, form, to, code, ..
            } => {
                let interface = track.interface.take();
                let what = format!("{} code {code}", interface.unwrap_or_else(|| recorded.label(to)));
                if form == CALL {
                    let begin = track.begin(record);
                    let name = format!("call {what}");
                    let kind = Kind::Call;
                    track.open.push(Open {
                        kind,
                        id,
                        begin,
                        name,
                    });
                }
                self.calls.insert(id, (form, what));
            }
            Event::Received { id } => match self.calls.remove(&id) {
                Some((form, what)) => track.received.push((form, id, what)),
                None => track.answer(),
            },
            Event::Failed { .. } => track.failed(record, events),
            _ => {}
        }
    }

    /// Closes what the end of the trace left open.
    pub(super) fn finish(self, events: &mut Vec<Value>) {
        for mut track in self.threads.into_values() {
            if track.request.is_some() {
                track.leave(self.last, "the trace ends", events);
            }
            for open in track.open {
                events.push(open.slice(self.last, "the trace ends"));
            }
        }
    }
}

impl Track {
    /// Where the current request began, or else the record itself.
    fn begin(&self, record: &Record) -> Record {
        self.request.as_ref().map_or(*record, |request| request.begin)
    }

    fn returned(&mut self, code: u32) {
        if let Some(request) = &mut self.request {
            request.returns.push(name_of(reply::name(code), code));
        }
        if matches!(code, BR_DEAD_REPLY | BR_FAILED_REPLY | BR_FROZEN_REPLY) {
            // It is about the command that failed, or else about the call that is waited for.
            if !core::mem::take(&mut self.command_failed) {
                self.answer();
            }
        }
    }

    /// A command of the thread failed.
    fn failed(&mut self, record: &Record, events: &mut Vec<Value>) {
        let commands = self.request.as_ref().map(|request| request.commands.as_slice());
        if let Some([.., last]) = commands
            && last.starts_with("BC_REPLY")
        {
            self.replied(record, events);
        } else {
            self.command_failed = true;
        }
    }

    /// The innermost call that it waits for is over when the current request is.
    fn answer(&mut self) {
        if self.open.last().is_some_and(|open| open.kind == Kind::Call) {
            self.answered.extend(self.open.pop());
        }
    }

    /// The innermost call that it serves is answered; it was served until the current request began.
    fn replied(&mut self, record: &Record, events: &mut Vec<Value>) {
        if self.open.last().is_some_and(|open| open.kind == Kind::Serve)
            && let Some(open) = self.open.pop()
        {
            events.push(open.slice(self.begin(record).time, ""));
        }
    }

    /// The current request is over, or waits.
    fn leave(&mut self, end: u64, result: &str, events: &mut Vec<Value>) {
        let Some(request) = self.request.take() else {
            return;
        };
        events.push(slice(
            &request.title(),
            "driver",
            &request.begin,
            end,
            json!({
                "request": format!("{:#x}", request.number),
                "commands": request.commands, "returns": request.returns, "result": result
            }),
        ));
        for answered in self.answered.drain(..).rev() {
            events.push(answered.slice(end, ""));
        }
        for (form, id, what) in self.received.drain(..) {
            let begin = Record {
                time: end,
                ..request.begin
            };
            if form == CALL {
                let name = format!("serve {what}");
                let kind = Kind::Serve;
                self.open.push(Open {
                    kind,
                    id,
                    begin,
                    name,
                });
            }
        }
    }
}

impl Request {
    /// The code that says most about it.
    fn title(&self) -> String {
        let all = || self.commands.iter().chain(&self.returns);
        let says_more = |code: &&String| {
            code.contains("TRANSACTION") && !code.ends_with("COMPLETE") || code.contains("_REPLY")
        };
        let title = all()
            .find(says_more)
            .or_else(|| all().find(|code| *code != "BR_NOOP"));
        title.cloned().unwrap_or_else(|| "driver".to_owned())
    }
}

impl Open {
    fn slice(&self, end: u64, note: &str) -> Value {
        let category = match self.kind {
            Kind::Call => "call",
            Kind::Serve => "serve",
        };
        slice(
            &self.name,
            category,
            &self.begin,
            end,
            json!({"transaction": self.id, "note": note}),
        )
    }
}

fn name_of(name: Option<&str>, code: u32) -> String {
    name.map_or_else(|| format!("{code:#x}"), str::to_owned)
}
