//! The read half of an exchange, and exchanges as a whole.

use super::types::{Blocked, Command, Object, WatchState, Work};
use super::{At, Model, Place};

/// What is asked of the read half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// There is none.
    No,
    /// It waits until there is something, in so many bytes.
    Waiting(usize),
    /// It fails if there is nothing.
    Once(usize),
}

/// A return as it is compared: its text, and the buffer that it tells the address of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Return {
    pub(crate) text: String,
    pub(crate) buffer: Option<At>,
}

/// How an exchange ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Blocked,
    Done(Vec<Return>),
    Again,
    Invalid,
}

/// Bytes that must be free for one more return.
const ROOM: usize = 76;

fn bare(text: &str) -> Return {
    Return {
        text: text.to_owned(),
        buffer: None,
    }
}

/// Bytes of a return.
fn size(item: &Return) -> usize {
    match item.text.split(' ').next().unwrap_or_default() {
        "TXN" | "REPLY" => 68,
        "INCREFS" | "ACQUIRE" | "RELEASE" | "DECREFS" | "FROZEN_BINDER" => 20,
        "DEAD_BINDER" | "CLEAR_DONE" | "CLEAR_FREEZE_DONE" => 12,
        _ => 4,
    }
}

impl Model {
    /// `BINDER_WRITE_READ`: how many commands were consumed, and how it ends.
    pub(crate) fn exchange(
        &mut self,
        thread: At,
        commands: &[Command],
        reading: Reading,
    ) -> (usize, Outcome) {
        let (consumed, failed) = self.write(thread, commands);
        let outcome = if failed {
            Outcome::Invalid
        } else if reading == Reading::No {
            Outcome::Done(Vec::new())
        } else {
            self.start_reading(thread, reading, vec![bare("N")])
        };
        if outcome != Outcome::Blocked {
            self.threads[thread].need_return = false;
        }
        (consumed, outcome)
    }

    /// A woken thread goes on.
    pub(crate) fn go_on(&mut self, thread: At) -> Outcome {
        let proc = self.threads[thread].proc;
        self.procs[proc].waiting.retain(|other| *other != thread);
        let Some(blocked) = self.threads[thread].blocked.take() else {
            panic!("nobody waits");
        };
        let outcome = if self.has_work(thread, blocked.for_proc_work) {
            self.read(thread, blocked)
        } else {
            self.wait(thread, blocked)
        };
        if outcome != Outcome::Blocked {
            self.threads[thread].need_return = false;
        }
        outcome
    }

    fn has_work(&self, thread: At, for_proc_work: bool) -> bool {
        let state = &self.threads[thread];
        let proc_has = !self.procs[state.proc].todo.is_empty();
        state.process_todo || state.need_return || (for_proc_work && proc_has)
    }

    fn start_reading(&mut self, thread: At, reading: Reading, written: Vec<Return>) -> Outcome {
        let state = &self.threads[thread];
        let blocked = Blocked {
            reading,
            for_proc_work: state.todo.is_empty() && state.stack.is_none(),
            written,
        };
        if self.has_work(thread, blocked.for_proc_work) {
            self.read(thread, blocked)
        } else if matches!(reading, Reading::Once(_)) {
            self.pass_on_wake(thread);
            Outcome::Again
        } else {
            self.wait(thread, blocked)
        }
    }

    fn wait(&mut self, thread: At, blocked: Blocked) -> Outcome {
        if blocked.for_proc_work {
            let proc = self.threads[thread].proc;
            self.procs[proc].waiting.push(thread);
        }
        self.threads[thread].blocked = Some(blocked);
        Outcome::Blocked
    }

    /// Whoever has read wakes the next if there is more.
    fn pass_on_wake(&mut self, thread: At) {
        let proc = self.threads[thread].proc;
        if !self.procs[proc].todo.is_empty() {
            self.wake_proc(proc);
        }
    }

    fn read(&mut self, thread: At, blocked: Blocked) -> Outcome {
        let Blocked {
            reading,
            for_proc_work,
            mut written,
        } = blocked;
        let (Reading::Waiting(room) | Reading::Once(room)) = reading else {
            panic!("nothing is read");
        };
        let proc = self.threads[thread].proc;
        loop {
            let place = if !self.threads[thread].todo.is_empty() {
                Place::Thread(thread)
            } else if for_proc_work && !self.procs[proc].todo.is_empty() {
                Place::Proc(proc)
            } else if written.len() == 1 && !self.threads[thread].need_return {
                return self.start_reading(thread, reading, written);
            } else {
                break;
            };
            if room - written.iter().map(size).sum::<usize>() < ROOM {
                break;
            }
            let work = self.list(place).remove(0);
            self.threads[thread].process_todo &= !self.threads[thread].todo.is_empty();
            if self.take(thread, work, &mut written) {
                break;
            }
        }
        self.ask_for_thread(thread, &mut written);
        self.pass_on_wake(thread);
        Outcome::Done(written)
    }

    fn ask_for_thread(&mut self, thread: At, written: &mut [Return]) {
        let in_pool = self.is_in_pool(thread);
        let proc = &mut self.procs[self.threads[thread].proc];
        if proc.requested == 0 && proc.waiting.is_empty() && proc.started < proc.max_threads && in_pool {
            proc.requested = 1;
            written[0] = bare("SPAWN");
        }
    }

    /// Writes what a piece of work says. True if the read ends with it.
    fn take(&mut self, thread: At, work: Work, written: &mut Vec<Return>) -> bool {
        let proc = self.threads[thread].proc;
        match work {
            Work::Complete(how, _) => written.push(bare(how)),
            Work::ReturnError(_) => {
                let error = self.threads[thread].return_error.take();
                written.push(bare(error.expect("an error")));
            }
            Work::ReplyError(_) => {
                let error = self.threads[thread].reply_error.take();
                written.push(bare(error.expect("an error")));
            }
            Work::Node(node) => self.take_node(node, written),
            Work::Watch(watch) => {
                let cookie = self.watches[watch].cookie;
                if self.watches[watch].state == WatchState::Cleared {
                    written.push(bare(&format!("CLEAR_DONE {cookie:#x}")));
                    return false;
                }
                written.push(bare(&format!("DEAD_BINDER {cookie:#x}")));
                self.keep_delivered(proc, work);
                return true;
            }
            Work::Freeze(freeze) => {
                let state = &mut self.freezes[freeze];
                let cookie = state.cookie;
                if state.cleared {
                    written.push(bare(&format!("CLEAR_FREEZE_DONE {cookie:#x}")));
                    return false;
                }
                state.sent = true;
                written.push(bare(&format!(
                    "FROZEN_BINDER {cookie:#x} {}",
                    u32::from(state.frozen)
                )));
                self.keep_delivered(proc, work);
                return true;
            }
            Work::Transaction(at) => {
                self.take_transaction(thread, at, written);
                return true;
            }
        }
        false
    }

    fn take_node(&mut self, at: At, written: &mut Vec<Return>) {
        let (strong, weak) = (self.is_strong(at), self.is_weak(at));
        let node = &mut self.nodes[at];
        let mut say = |what: &str, ptr: u64, cookie: u64| {
            written.push(bare(&format!("{what} {ptr:#x} {cookie:#x}")));
        };
        let (ptr, cookie) = (node.ptr, node.cookie);
        if weak && !node.has_weak {
            (node.has_weak, node.pending_weak) = (true, true);
            node.local_weak += 1;
            say("INCREFS", ptr, cookie);
        }
        if strong && !node.has_strong {
            (node.has_strong, node.pending_strong) = (true, true);
            node.local_strong += 1;
            say("ACQUIRE", ptr, cookie);
        }
        if !strong && std::mem::take(&mut node.has_strong) {
            say("RELEASE", ptr, cookie);
        }
        if !weak && std::mem::take(&mut node.has_weak) {
            say("DECREFS", ptr, cookie);
        }
        if !weak && !strong {
            node.gone = true;
        }
    }

    fn take_transaction(&mut self, thread: At, at: At, written: &mut Vec<Return>) {
        let transaction = &self.transactions[at];
        let buffer = transaction.buffer.expect("a message");
        let pid = transaction
            .from
            .map_or(0, |from| self.procs[self.threads[from].proc].pid);
        let named = transaction.node.map(|node| {
            let node = &self.nodes[node];
            (node.ptr, node.cookie)
        });
        let (name, (ptr, cookie)) = match named {
            Some(named) => ("TXN", named),
            None => ("REPLY", (0, 0)),
        };
        let flags = u32::from(transaction.oneway);
        let message = &self.buffers[buffer];
        let text = describe(
            name,
            (ptr, cookie),
            (transaction.code, flags, pid),
            message.word,
            &message.objects,
        );
        written.push(Return {
            text,
            buffer: Some(buffer),
        });
        if transaction.node.is_some() && !transaction.oneway {
            let stack = self.threads[thread].stack.replace(at);
            let transaction = &mut self.transactions[at];
            transaction.to_parent = stack;
            transaction.to_thread = Some(thread);
        } else {
            self.end(at);
        }
    }
}

/// A call or reply as it is compared.
pub(crate) fn describe(
    name: &str,
    (ptr, cookie): (u64, u64),
    (code, flags, pid): (u32, u32, u32),
    word: u64,
    objects: &[Object],
) -> String {
    format!("{name} to {ptr:#x} {cookie:#x} code {code} flags {flags:#x} from {pid}: {word} {objects:?}")
}
