//! Random conversations with the driver and with its model: every return is the same, word for word.

use crate::harness::{Answer, Bc, Data, Dice, Item, Opened, REGION, Thread, World, call, reply};
use crate::model::{At, Command, Message, Model, Object, Outcome, Reading, Return, describe};
use abi::Errno;
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE, BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE,
    FlatBinderObject,
};
use binder_driver::{Blocking, Resumption};
use std::collections::{BTreeMap, HashMap};
use zerocopy::FromBytes;

const PROCESSES: usize = 4;
const THREADS: u64 = 3;

/// The driver and its model, going through the same.
struct Both {
    world: World,
    model: Model,
    dice: Dice,
    /// Each process in the world and in the model.
    procs: Vec<(Opened, At)>,
    /// The world's threads that block, by the model's.
    blocked: HashMap<At, Thread>,
    seen: BTreeMap<&'static str, u32>,
}

impl Both {
    fn new(seed: u64) -> Self {
        let mut both = Self {
            world: World::new(),
            model: Model::default(),
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            procs: Vec::new(),
            blocked: HashMap::new(),
            seen: BTreeMap::new(),
        };
        both.procs = (0..PROCESSES).map(|_| both.open()).collect();
        both.become_manager(0, 0);
        both
    }

    fn open(&mut self) -> (Opened, At) {
        let open = self.world.process();
        (open, self.model.open(open.pid))
    }

    fn thread(&mut self, number: usize, thread: u64) -> (Thread, At) {
        let (open, proc) = self.procs[number];
        let thread = open.thread(thread as u32);
        (thread, self.model.thread(proc, thread.task))
    }

    fn become_manager(&mut self, number: usize, thread: u64) {
        let (thread, at) = self.thread(number, thread);
        let became = self.model.become_manager(self.procs[number].1);
        let result = self.world.become_manager(thread);
        assert_eq!(result.is_ok(), became, "{result:?}");
        self.model.made_call(at);
    }

    fn step(&mut self) {
        let number = self.dice.roll(PROCESSES as u64) as usize;
        let thread = self.dice.roll(THREADS);
        let (thread, at) = self.thread(number, thread);
        if self.world.is_blocked(thread) {
            if self.dice.one_in(12) {
                let answer = self
                    .world
                    .resume(thread, Resumption::Interrupted)
                    .expect("an end");
                assert_eq!(answer.result, Err(Errno::EINTR));
                self.model.interrupt(at);
                self.blocked.remove(&at);
            }
        } else {
            match self.dice.roll(70) {
                0 => {
                    self.world.exit_thread(thread);
                    self.model.exit_thread(at);
                }
                1 => self.restart(number),
                2 => {
                    self.world.flush(thread.open);
                    self.model.flush(self.procs[number].1);
                }
                3..5 => self.freeze(thread, at),
                5 => {
                    let max = self.dice.roll(4) as u32;
                    self.world.set_max_threads(thread, max);
                    self.model.set_max_threads(self.procs[number].1, max);
                    self.model.made_call(at);
                }
                _ => self.talk(number, thread, at),
            }
        }
        self.settle();
    }

    fn restart(&mut self, number: usize) {
        let (open, proc) = self.procs[number];
        self.blocked.retain(|_, thread| thread.open != open);
        self.world.kill(open);
        self.model.release(proc);
        self.procs[number] = self.open();
        self.become_manager(number, 0);
    }

    fn freeze(&mut self, caller: Thread, at: At) {
        let (target, proc) = self.procs[self.dice.roll(PROCESSES as u64) as usize];
        let enable = self.dice.roll(2) as u32;
        let result = self.world.freeze(caller, target, enable);
        let frozen = self.model.freeze(proc, enable == 1);
        assert_eq!(result, if frozen { Ok(()) } else { Err(Errno::EAGAIN) });
        self.model.made_call(at);
    }

    fn talk(&mut self, number: usize, thread: Thread, at: At) {
        let commands: Vec<Command> = (0..self.dice.roll(4)).map(|_| self.command(number, at)).collect();
        let room = [80, 84, 100, 124, 256][self.dice.roll(5) as usize];
        let reading = match self.dice.roll(4) {
            0 => Reading::No,
            1 => Reading::Once(room),
            _ => Reading::Waiting(room),
        };
        let (room, blocking) = match reading {
            Reading::No => (0, Blocking::Allowed),
            Reading::Once(room) => (room as u64, Blocking::Refused),
            Reading::Waiting(room) => (room as u64, Blocking::Allowed),
        };
        let streams: Vec<Bc> = commands.iter().map(encode).collect();
        let stream = streams.iter().cloned().fold(Bc::new(), Bc::then);
        let call = self.world.prepare(thread, &stream, room);
        let answer = self.world.write_read(thread, call, blocking);
        let (consumed, outcome) = self.model.exchange(at, &commands, reading);
        if let Some(answer) = &answer {
            let sizes = streams[..consumed]
                .iter()
                .map(|stream| stream.encode(|_| 0).len() as u64);
            assert_eq!(answer.write_consumed, sizes.sum::<u64>(), "{commands:?}");
        }
        self.agree(thread, at, answer, outcome, &commands);
    }

    /// What was woken goes on.
    fn settle(&mut self) {
        while !self.model.woken.is_empty() {
            let at = self.model.woken.remove(0);
            let thread = self.blocked.remove(&at).expect("a blocked thread");
            assert!(self.world.can_go_on(thread), "{thread:?} was not woken");
            let answer = self.world.resume(thread, Resumption::Woken);
            let outcome = self.model.go_on(at);
            self.agree(thread, at, answer, outcome, &[]);
        }
        for thread in self.blocked.values() {
            assert!(!self.world.can_go_on(*thread), "{thread:?} was woken");
        }
    }

    fn agree(&mut self, thread: Thread, at: At, answer: Option<Answer>, outcome: Outcome, after: &[Command]) {
        let Some(answer) = answer else {
            assert_eq!(outcome, Outcome::Blocked, "after {after:?}");
            self.blocked.insert(at, thread);
            return;
        };
        let wanted = match outcome {
            Outcome::Done(returns) => returns,
            Outcome::Again => return assert_eq!(answer.result, Err(Errno::EAGAIN)),
            Outcome::Invalid => return assert_eq!(answer.result, Err(Errno::EINVAL)),
            Outcome::Blocked => panic!("{answer:?} instead of waiting, after {after:?}"),
        };
        let texts: Vec<String> = answer.items.iter().map(|item| self.text(thread, item)).collect();
        let wanted_texts: Vec<&str> = wanted.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(texts, wanted_texts, "after {after:?}");
        for (item, Return { buffer, .. }) in answer.items.iter().zip(&wanted) {
            *self.seen.entry(item.name).or_default() += 1;
            if let Some(buffer) = buffer {
                self.model.delivered(*buffer, item.transaction().buffer);
            }
        }
    }

    /// A return of the driver as the model writes it.
    fn text(&self, thread: Thread, item: &Item) -> String {
        let name = item.name;
        match name {
            "INCREFS" | "ACQUIRE" | "RELEASE" | "DECREFS" => {
                let (ptr, cookie) = item.name_of_node();
                format!("{name} {ptr:#x} {cookie:#x}")
            }
            "DEAD_BINDER" | "CLEAR_DONE" | "CLEAR_FREEZE_DONE" => format!("{name} {:#x}", item.cookie()),
            "FROZEN_BINDER" => {
                let (cookie, frozen) = item.frozen();
                format!("{name} {cookie:#x} {frozen}")
            }
            "TXN" | "REPLY" => {
                let got = item.transaction();
                let data = self.world.received(thread.open, got.buffer, got.data_size);
                let word = u64::from_le_bytes(data[..8].try_into().expect("a word"));
                let offsets = self.world.received(thread.open, got.offsets, got.offsets_size);
                let objects: Vec<Object> = offsets
                    .chunks(8)
                    .map(|offset| {
                        object(&data[u64::from_le_bytes(offset.try_into().expect("eight bytes")) as usize..])
                    })
                    .collect();
                let header = (got.code, got.flags, got.sender_pid as u32);
                describe(name, (got.target, got.cookie), header, word, &objects)
            }
            name => name.to_owned(),
        }
    }
}

/// What inventing a command takes.
impl Both {
    fn handle(&mut self, number: usize) -> u32 {
        let known = self.model.handles(self.procs[number].1);
        match self.dice.pick(&known) {
            Some(handle) if !self.dice.one_in(6) => handle,
            _ => self.dice.roll(4) as u32 * self.dice.roll(2) as u32,
        }
    }

    fn message(&mut self, number: usize) -> Message {
        let handle = self.handle(number);
        let oneway = self.dice.one_in(3);
        let objects = (0..self.dice.roll(4))
            .map(|_| {
                let ptr = 0x10 * (1 + self.dice.roll(5));
                let cookie = if self.dice.one_in(30) { 7 } else { ptr + 1 };
                let handle = self.handle(number);
                match self.dice.roll(6) {
                    0 | 1 => Object::Binder { ptr, cookie },
                    2 => Object::WeakBinder { ptr, cookie },
                    3 | 4 => Object::Handle(handle),
                    _ => Object::WeakHandle(handle),
                }
            })
            .collect();
        Message {
            handle,
            oneway,
            code: self.dice.roll(100) as u32,
            word: self.dice.roll(1 << 40),
            objects,
        }
    }

    fn command(&mut self, number: usize, at: At) -> Command {
        let proc = self.procs[number].1;
        let due = self.model.due(proc);
        if let Some(command) = self.dice.pick(&due).filter(|_| self.dice.one_in(2)) {
            return command;
        }
        if self.model.owes_reply(at) && self.dice.one_in(3) {
            return self.reply(number);
        }
        let handle = self.handle(number);
        let ptr = 0x10 * (1 + self.dice.roll(5));
        let cookie = u64::from(handle) + self.dice.roll(6) / 5;
        match self.dice.roll(36) {
            0..9 => Command::Call(self.message(number)),
            9 => self.reply(number),
            10..15 => {
                let known = self.model.addresses(proc);
                let wild = REGION + 8 * self.dice.roll(64);
                Command::Free(self.dice.pick(&known).unwrap_or(wild))
            }
            15 | 16 => Command::Increfs(handle),
            17..20 => Command::Acquire(handle),
            20 | 21 => Command::Release(handle),
            22 | 23 => Command::Decrefs(handle),
            24 => Command::IncrefsDone(ptr, ptr + 1),
            25 => Command::AcquireDone(ptr, ptr + 1),
            26 => Command::Enter,
            27 => Command::Register,
            28 | 29 => Command::RequestDeath(handle, cookie),
            30 => Command::ClearDeath(handle, cookie),
            31 => Command::DeadDone(cookie),
            32 | 33 => Command::RequestFreeze(handle, cookie),
            34 => Command::ClearFreeze(handle, cookie),
            _ => Command::FreezeDone(cookie),
        }
    }

    fn reply(&mut self, number: usize) -> Command {
        let message = self.message(number);
        Command::Reply(Message {
            oneway: false,
            ..message
        })
    }
}

fn object(bytes: &[u8]) -> Object {
    let (object, _) = FlatBinderObject::read_from_prefix(bytes).expect("an object");
    let FlatBinderObject {
        kind, binder, cookie, ..
    } = object;
    match kind {
        BINDER_TYPE_BINDER => Object::Binder { ptr: binder, cookie },
        BINDER_TYPE_WEAK_BINDER => Object::WeakBinder { ptr: binder, cookie },
        BINDER_TYPE_HANDLE => Object::Handle(binder as u32),
        BINDER_TYPE_WEAK_HANDLE => Object::WeakHandle(binder as u32),
        kind => panic!("an object of type {kind:#x}"),
    }
}

fn encode(command: &Command) -> Bc {
    let bc = Bc::new();
    match *command {
        Command::Call(ref message) => bc.send(data(call(u64::from(message.handle)), message)),
        Command::Reply(ref message) => bc.send(data(reply(), message)),
        Command::Free(address) => bc.free(address),
        Command::Increfs(handle) => bc.increfs(handle),
        Command::Acquire(handle) => bc.acquire(handle),
        Command::Release(handle) => bc.release(handle),
        Command::Decrefs(handle) => bc.decrefs(handle),
        Command::IncrefsDone(ptr, cookie) => bc.increfs_done(ptr, cookie),
        Command::AcquireDone(ptr, cookie) => bc.acquire_done(ptr, cookie),
        Command::Enter => bc.enter(),
        Command::Register => bc.register(),
        Command::RequestDeath(handle, cookie) => bc.request_death(handle, cookie),
        Command::ClearDeath(handle, cookie) => bc.clear_death(handle, cookie),
        Command::DeadDone(cookie) => bc.dead_done(cookie),
        Command::RequestFreeze(handle, cookie) => bc.request_freeze(handle, cookie),
        Command::ClearFreeze(handle, cookie) => bc.clear_freeze(handle, cookie),
        Command::FreezeDone(cookie) => bc.freeze_done(cookie),
    }
}

fn data(data: Data, message: &Message) -> Data {
    let data = data
        .flags(u32::from(message.oneway))
        .code(message.code)
        .bytes(&message.word.to_le_bytes());
    message.objects.iter().fold(data, |data, object| match *object {
        Object::Binder { ptr, cookie } => data.binder(ptr, cookie),
        Object::WeakBinder { ptr, cookie } => data.weak_binder(ptr, cookie),
        Object::Handle(handle) => data.handle(u64::from(handle)),
        Object::WeakHandle(handle) => data.weak_handle(u64::from(handle)),
    })
}

#[test]
fn the_driver_returns_what_its_model_returns() {
    let mut seen = BTreeMap::new();
    for seed in 1..=100 {
        println!("seed {seed}");
        let mut both = Both::new(seed);
        for _ in 0..600 {
            both.step();
        }
        for (name, count) in &both.seen {
            *seen.entry(*name).or_insert(0) += count;
        }
        both.world.finish();
    }
    println!("{seen:?}");
    // All but ERROR, which needs a shortage of memory, SPAM_SUSPECT and TXN_SEC_CTX, for which nobody here asks.
    assert_eq!(seen.len(), 17, "{seen:?}");
}
