//! Small traces for tests.

use abi::binder::command::{BC_FREE_BUFFER, BC_REPLY, BC_TRANSACTION};
use abi::binder::reply::{BR_NOOP, BR_REPLY, BR_TRANSACTION, BR_TRANSACTION_COMPLETE};
use abi::trace::{CALL, Event, REPLY, Record, Text};

use super::recorded::Recorded;

/// A request that writes and reads.
const WRITE_READ: u32 = 0xc030_6201;

/// A trace that is made up step by step. Each step takes a microsecond.
#[derive(Default)]
pub(super) struct Script {
    records: Vec<Record>,
    names: Vec<Record>,
    next_id: u32,
}

/// A thread of a process.
pub(super) type Actor = (u32, u32);

impl Script {
    pub(super) fn name(&mut self, actor: Actor, program: &str) -> &mut Self {
        let event = Event::Name {
            thread: Text::new(program),
            program: Text::new(program),
        };
        self.names.push(Record::new(0, actor.0, actor.1, event));
        self
    }

    pub(super) fn step(&mut self, actor: Actor, event: Event) -> &mut Self {
        let time = 1000 * (self.records.len() as u64 + 1);
        self.records.push(Record::new(time, actor.0, actor.1, event));
        self
    }

    fn command(&mut self, actor: Actor, code: u32) -> &mut Self {
        self.step(actor, Event::Command { code })
    }

    fn returned(&mut self, actor: Actor, code: u32) -> &mut Self {
        self.step(actor, Event::Return { code })
    }

    pub(super) fn mark(&mut self, text: &str) -> &mut Self {
        let text = Text::new(text);
        self.step((0, 1 << 31), Event::Mark { text })
    }

    fn sent(&mut self, from: Actor, to: Actor, form: u32, node: u32) -> u32 {
        self.next_id += 1;
        let id = self.next_id;
        self.step(
            from,
            Event::BufferAllocated {
                owner: to.0,
                offset: 64 * id,
                size: 64,
            },
        );
        let event = Event::Sent {
            id,
            form,
            to: to.0,
            to_thread: if form == REPLY { to.1 } else { 0 },
            node,
            code: 1,
            flags: 0,
            data_size: 52,
            offsets_size: 0,
        };
        self.step(from, event);
        id
    }

    fn freed(&mut self, actor: Actor, id: u32) -> &mut Self {
        self.command(actor, BC_FREE_BUFFER);
        self.step(
            actor,
            Event::BufferFreed {
                owner: actor.0,
                offset: 64 * id,
            },
        )
    }

    /// A call and its reply, by a thread that waits in the driver already. `served` runs in between.
    pub(super) fn call(&mut self, client: Actor, server: Actor, served: impl FnOnce(&mut Self)) -> &mut Self {
        self.step(client, Event::Enter { request: WRITE_READ });
        self.command(client, BC_TRANSACTION);
        let call = self.sent(client, server, CALL, 7);
        self.step(client, Event::Wake { woken: server.1 });
        self.step(client, Event::Block {});
        self.step(server, Event::Switch { from: client.1 });
        self.step(server, Event::Enter { request: 0 });
        self.returned(server, BR_NOOP).returned(server, BR_TRANSACTION);
        self.step(server, Event::Received { id: call });
        self.step(server, Event::Leave { result: 0 });
        served(self);
        self.step(server, Event::Enter { request: WRITE_READ });
        self.freed(server, call);
        self.command(server, BC_REPLY);
        let reply = self.sent(server, client, REPLY, 0);
        self.returned(server, BR_TRANSACTION_COMPLETE);
        self.step(server, Event::Block {});
        self.step(client, Event::Enter { request: 0 });
        self.returned(client, BR_TRANSACTION_COMPLETE)
            .returned(client, BR_REPLY);
        self.step(client, Event::Received { id: reply });
        self.step(client, Event::Leave { result: 0 });
        self.step(client, Event::Enter { request: WRITE_READ });
        self.freed(client, reply);
        self.step(client, Event::Leave { result: 0 })
    }

    pub(super) fn recorded(&self) -> Recorded {
        Recorded::new(self.records.clone(), &self.names, 0)
    }
}
