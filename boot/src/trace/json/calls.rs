//! The arrows: from a call to its reader, and from the reply back.

use std::collections::HashMap;

use abi::binder::command::{BC_REPLY, BC_REPLY_SG};
use abi::trace::{CALL, Event, ONE_WAY, Record};
use serde_json::{Value, json};

use super::{at, with};

/// Calls that are under way.
#[derive(Default)]
pub(super) struct Calls {
    /// By the number of a message that is not read yet: the call that it belongs to.
    sent: HashMap<u32, Sent>,
    /// The calls that each thread serves, the innermost last.
    served: HashMap<u32, Vec<(u32, Vec<Value>)>>,
    /// Whether a thread's last command was a reply.
    replies: HashMap<u32, bool>,
    /// When each thread's current request began.
    requests: HashMap<u32, u64>,
}

/// A message that is not read yet.
struct Sent {
    form: u32,
    /// The number of the call, which is the arrow's too.
    call: u32,
    /// The arrow so far. It is drawn when it is whole, so that none ends nowhere.
    arrow: Vec<Value>,
}

impl Calls {
    pub(super) fn take(&mut self, record: &Record, event: Event, events: &mut Vec<Value>) {
        match event {
            Event::Enter { .. } => {
                self.requests.insert(record.thread, record.time);
            }
            Event::Sent { id, form, .. } => {
                let (call, mut arrow) = match form {
                    CALL | ONE_WAY => (id, Vec::new()),
                    _ => match self.served.entry(record.thread).or_default().pop() {
                        Some(served) => served,
                        // The call is older than the trace.
                        None => return,
                    },
                };
                arrow.push(self.point(if arrow.is_empty() { "s" } else { "t" }, record, call));
                self.sent.insert(id, Sent { form, call, arrow });
            }
            Event::Received { id } => {
                let Some(Sent {
                    form,
                    call,
                    mut arrow,
                }) = self.sent.remove(&id)
                else {
                    return;
                };
                if form == CALL {
                    arrow.push(self.point("t", record, call));
                    self.served.entry(record.thread).or_default().push((call, arrow));
                } else {
                    arrow.push(with(self.point("f", record, call), "bp", json!("e")));
                    events.extend(arrow);
                }
            }
            Event::Command { code } => {
                self.replies
                    .insert(record.thread, matches!(code, BC_REPLY | BC_REPLY_SG));
            }
            // A reply that fails is one all the same: nothing else will answer the call.
            Event::Failed { .. } if self.replies.get(&record.thread) == Some(&true) => {
                if let Some(served) = self.served.get_mut(&record.thread) {
                    served.pop();
                }
            }
            _ => {}
        }
    }

    /// A point of an arrow. Viewers tie it to what began last on its thread by then, so it stands at the beginning of the
    /// request that it belongs to.
    fn point(&self, phase: &str, record: &Record, call: u32) -> Value {
        let begin = self.requests.get(&record.thread);
        let record = Record {
            time: begin.copied().unwrap_or(record.time),
            ..*record
        };
        with(at(phase, "call", "binder", &record), "id", json!(call))
    }
}
