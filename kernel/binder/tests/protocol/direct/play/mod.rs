//! Random conversations, held in both worlds.

mod shapes;

use super::Worlds;
use crate::harness::{Answer, Bc, Data, Dice, Opened, REGION_SIZE, Thread, call, reply};
use abi::binder::TransactionData;
use binder_driver::Resumption;
use std::collections::HashMap;

const PROCESSES: usize = 3;
const THREADS: u64 = 3;

/// What processes are like.
#[derive(Clone, Copy)]
struct Customs {
    /// Of so many calls one is one-way.
    oneway: u64,
    /// Of so many occasions to free a buffer one is let go by.
    keep: u64,
    /// Of so many calls one is large.
    large: u64,
    /// Of so many messages one has objects.
    objects: u64,
    /// The size of everybody's region.
    region: usize,
}

impl Customs {
    const USUAL: Self = Self {
        oneway: 6,
        keep: 5,
        large: 12,
        objects: 20,
        region: REGION_SIZE,
    };
    const OBJECTS: Self = Self {
        oneway: 20,
        objects: 1,
        ..Self::USUAL
    };
    const ONE_WAY: Self = Self {
        oneway: 1,
        ..Self::USUAL
    };
    const FLOOD: Self = Self {
        oneway: 1,
        keep: 2,
        large: 80,
        objects: 20,
        region: 8192,
    };
}

struct Play {
    customs: Customs,
    worlds: Worlds,
    dice: Dice,
    processes: Vec<Opened>,
    received: HashMap<u32, Vec<u64>>,
    /// Calls that a thread has read and not answered.
    unanswered: HashMap<Thread, u32>,
    blocked: Vec<Thread>,
}

impl Play {
    fn new(seed: u64) -> Self {
        Self::with(Customs::USUAL, seed)
    }

    fn with(customs: Customs, seed: u64) -> Self {
        let mut worlds = Worlds::new();
        let processes: Vec<_> = (0..PROCESSES).map(|_| worlds.process(customs.region)).collect();
        let manager = processes[0].thread(0);
        worlds.both(|world| world.become_manager(manager).expect("the manager"));
        let mut play = Self {
            customs,
            worlds,
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            processes,
            received: HashMap::new(),
            unanswered: HashMap::new(),
            blocked: Vec::new(),
        };
        for client in 1..PROCESSES {
            play.introduce(play.processes[client].thread(0), client as u32);
        }
        play
    }

    /// Shows a node of a client to the manager, which keeps it as this handle.
    fn introduce(&mut self, client: Thread, handle: u32) {
        let manager = self.processes[0].thread(0);
        // A thread's first read has nothing to say.
        for thread in [manager, client] {
            self.worlds.both(|world| world.write(thread, Bc::new()));
        }
        self.exchange(client, Bc::new().send(call(0).binder(0x100, 0x200)));
        self.exchange(manager, Bc::new());
        self.exchange(manager, Bc::new().acquire(handle).send(reply()));
        self.unanswered.clear();
        self.wake(client);
    }

    /// A blocked thread goes on, which ends its read.
    fn wake(&mut self, thread: Thread) {
        if let Some(at) = self.blocked.iter().position(|other| *other == thread) {
            self.blocked.swap_remove(at);
            let answer = self.worlds.both(|world| world.try_answer(thread));
            self.note(thread, &answer.expect("there is something to read"));
        }
    }

    /// How many calls went the general way, in the world in which not all do.
    fn generally(&self) -> usize {
        self.worlds.direct.generally
    }

    /// Everything ends, in both worlds, and nothing may be left.
    fn finish(self) {
        self.worlds.direct.finish();
        self.worlds.general.finish();
    }

    /// Mostly somebody who was woken goes on, else somebody does something.
    fn step(&mut self) {
        if !self.dice.one_in(5)
            && let Some(at) =
                (0..self.blocked.len()).find(|&at| self.worlds.direct.was_woken(self.blocked[at]))
        {
            return self.go_on(at, self.blocked[at]);
        }
        let number = match self.dice.roll(2) {
            0 => 0,
            _ => self.dice.roll(PROCESSES as u64) as usize,
        };
        let thread = self.processes[number].thread(self.dice.roll(THREADS) as u32);
        if let Some(at) = self.blocked.iter().position(|other| *other == thread) {
            return self.go_on(at, thread);
        }
        match self.dice.roll(400) {
            0 => {
                self.worlds.both(|world| world.exit_thread(thread));
            }
            1 => self.restart(number),
            2 => self.worlds.both(|world| world.flush(thread.open)),
            3 => {
                let max = self.dice.roll(3) as u32;
                self.worlds.both(|world| world.set_max_threads(thread, max));
            }
            4 => {
                let target = self.processes[self.dice.roll(PROCESSES as u64) as usize];
                let enable = self.dice.roll(2) as u32;
                self.worlds
                    .both(|world| world.freeze(thread, target, enable).is_ok());
            }
            5 => {
                let nice = self.dice.roll(20) as i8 - 10;
                let task = binder_driver::TaskId(thread.task);
                self.worlds.both(|world| {
                    world.fake.nice.insert(task, nice);
                });
            }
            6 if self.dice.one_in(4) => {
                self.worlds.both(|world| world.poll(thread));
            }
            7 => self.say(thread, Bc::new().enter()),
            _ => self.talk(thread),
        }
    }

    fn go_on(&mut self, at: usize, thread: Thread) {
        let answer = if self.dice.one_in(12) {
            self.worlds
                .both(|world| world.resume(thread, Resumption::Interrupted))
        } else {
            self.worlds.both(|world| world.try_answer(thread))
        };
        if answer.is_some() || !self.worlds.direct.is_blocked(thread) {
            self.blocked.swap_remove(at);
        }
        if let Some(answer) = answer {
            self.note(thread, &answer);
        }
    }

    fn restart(&mut self, number: usize) {
        let open = self.processes[number];
        self.worlds.both(|world| world.kill(open));
        self.blocked.retain(|thread| thread.open != open);
        self.received.remove(&open.pid);
        self.processes[number] = self.worlds.process(self.customs.region);
        let manager = self.processes[0].thread(0);
        if number == 0 {
            self.worlds
                .both(|world| world.become_manager(manager).expect("the manager"));
        }
    }

    /// Mostly the usual shapes: a free and a message, or nothing, and a read.
    fn talk(&mut self, thread: Thread) {
        let mut commands = Bc::new();
        if !self.dice.one_in(self.customs.keep)
            && let Some(address) = self.address(thread)
        {
            commands = commands.free(address);
        }
        let serves = thread.open == self.processes[0];
        let unanswered = self.unanswered.entry(thread).or_default();
        let what = if *unanswered > 0 && !self.dice.one_in(9) {
            // Sometimes it calls back first, to whoever it has a handle to.
            if serves && self.dice.one_in(10) {
                7
            } else {
                *unanswered -= 1;
                9
            }
        } else if serves && !self.dice.one_in(9) {
            0
        } else {
            self.dice.roll(6)
        };
        commands = match what {
            0 => commands,
            1..=4 => {
                let handle = u64::from(self.dice.one_in(20));
                let data = self.data(call(handle));
                commands.send(data)
            }
            7 => {
                let handle = 1 + self.dice.roll(PROCESSES as u64 - 1);
                let data = self.data(call(handle));
                if self.dice.one_in(40) {
                    commands = commands.acquire(handle as u32);
                }
                commands.send(data)
            }
            _ => {
                let data = self.data(reply());
                commands.send(data)
            }
        };
        self.say(thread, commands);
    }

    /// Commands, and mostly a read.
    fn say(&mut self, thread: Thread, commands: Bc) {
        if !self.dice.one_in(20) {
            return match self.dice.one_in(2) {
                true => self.exchange(thread, commands),
                false => self.exchange_at_once(thread, commands),
            };
        }
        let answer = self.worlds.both(|world| world.write(thread, commands.clone()));
        self.note(thread, &answer);
    }

    /// Commands, and a read.
    fn exchange(&mut self, thread: Thread, commands: Bc) {
        let answer = self.worlds.both(|world| world.exchange(thread, commands.clone()));
        match answer {
            Some(answer) => self.note(thread, &answer),
            None => self.blocked.push(thread),
        }
    }

    /// Commands, and a read; whoever is handed a call by them reads it at once.
    fn exchange_at_once(&mut self, thread: Thread, commands: Bc) {
        let (answer, reader) = self
            .worlds
            .both(|world| world.exchange_at_once(thread, commands.clone()));
        match answer {
            Some(answer) => self.note(thread, &answer),
            None => self.blocked.push(thread),
        }
        if let Some((reader, Some(answer))) = reader {
            self.blocked.retain(|other| *other != reader);
            self.note(reader, &answer);
        }
    }

    fn note(&mut self, thread: Thread, answer: &Answer) {
        for item in &answer.items {
            if matches!(item.name, "TXN" | "REPLY") {
                let got: TransactionData = item.transaction();
                if item.name == "TXN" && got.flags & 1 == 0 {
                    *self.unanswered.entry(thread).or_default() += 1;
                }
                self.same_data(thread.open, &got);
                self.received.entry(thread.open.pid).or_default().push(got.buffer);
            }
        }
    }

    fn same_data(&self, open: Opened, got: &TransactionData) {
        let [one, other] = [&self.worlds.direct, &self.worlds.general]
            .map(|world| world.received(open, got.buffer, got.data_size));
        assert_eq!(one, other, "the two ways carry different bytes");
    }

    fn address(&mut self, thread: Thread) -> Option<u64> {
        let received = self.received.entry(thread.open.pid).or_default();
        if received.is_empty() {
            return None;
        }
        if self.dice.one_in(5) {
            return Some(received.remove(0));
        }
        received.pop()
    }

    /// Adds an object, mostly a right one.
    fn object(&mut self, data: Data) -> Data {
        let name = 0x100 * (1 + self.dice.roll(4));
        match self.dice.roll(12) {
            0..=5 => data.binder(name, 2 * name),
            6 => data.weak_binder(name, 2 * name),
            7 => data.binder(name, 3 * name),
            8 | 9 => data.handle(self.dice.roll(4)),
            10 => data.weak_handle(self.dice.roll(4)),
            _ => data.fd(self.dice.roll(2) + 3, 0),
        }
    }

    fn data(&mut self, mut data: Data) -> Data {
        if self.dice.one_in(self.customs.oneway) {
            data = data.oneway();
        }
        if self.dice.one_in(6) {
            data = data.flags(0x20);
        }
        if self.dice.one_in(self.customs.objects) {
            for _ in 0..=self.dice.roll(2) {
                data = self.object(data);
            }
        }
        let most = if self.dice.one_in(self.customs.large) {
            200_000
        } else {
            200
        };
        let size = self.dice.roll(most);
        let bytes: Vec<u8> = (0..size).map(|at| (at * 7 + size) as u8).collect();
        data.code(self.dice.roll(9) as u32).bytes(&bytes)
    }
}
