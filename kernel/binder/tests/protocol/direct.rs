//! The direct way and the general way: two worlds hear the same commands, one of them with tracing on, which makes its
//! driver take the general way always. Nobody may see a difference.

use crate::harness::{Answer, Bc, Data, Dice, Opened, REGION_SIZE, Thread, World, call, reply};
use abi::binder::TransactionData;
use abi::binder::ioctl::BINDER_ENABLE_ONEWAY_SPAM_DETECTION;
use binder_driver::{Blocking, DebugFile, Resumption};
use std::collections::HashMap;

/// The two worlds; their processes have the same numbers.
struct Worlds {
    direct: World,
    general: World,
}

impl Worlds {
    fn new() -> Self {
        let mut worlds = Self {
            direct: World::new(),
            general: World::new(),
        };
        worlds.general.fake.traces = true;
        worlds
    }

    /// A process in each, with a region of this size, which wants to know when it floods others.
    fn process(&mut self, region: usize) -> Opened {
        let [one, other] = [&mut self.direct, &mut self.general].map(|world| {
            let open = world.unmapped_process();
            world.map(open, region);
            world
                .ioctl(open.thread(0), BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &1_u32)
                .expect("a switch");
            open
        });
        assert_eq!(one.pid, other.pid);
        one
    }

    /// Does the same in both, and wants the same of both.
    #[track_caller]
    fn both<T: Same>(&mut self, mut deed: impl FnMut(&mut World) -> T) -> T {
        let (one, other) = (deed(&mut self.direct), deed(&mut self.general));
        assert_eq!(one.shown(), other.shown(), "the two ways differ");
        for file in [
            DebugFile::State,
            DebugFile::Stats,
            DebugFile::Transactions,
            DebugFile::TransactionLog,
            DebugFile::FailedTransactionLog,
        ] {
            let [one, other] = [&self.direct, &self.general].map(|world| {
                let mut text = String::new();
                world
                    .driver
                    .write_debug(file, world.now(), &mut text)
                    .expect("a text");
                text
            });
            assert_eq!(one, other, "the two ways differ in {file:?}");
        }
        assert_eq!(self.direct.handoff, self.general.handoff);
        assert_eq!(self.direct.fake.nice, self.general.fake.nice);
        one
    }
}

/// What can be compared.
trait Same {
    fn shown(&self) -> String;
}

impl Same for Option<Answer> {
    fn shown(&self) -> String {
        self.as_ref()
            .map_or_else(String::new, |answer| format!("{answer:?} {:?}", answer.items))
    }
}

impl Same for Answer {
    fn shown(&self) -> String {
        format!("{self:?} {:?}", self.items)
    }
}

impl Same for (Option<Answer>, Option<(Thread, Option<Answer>)>) {
    fn shown(&self) -> String {
        let (answer, reader) = self;
        let reader = reader
            .as_ref()
            .map(|(reader, answer)| format!("{reader:?} {}", answer.shown()));
        format!("{} {reader:?}", answer.shown())
    }
}

impl Same for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Same for () {
    fn shown(&self) -> String {
        String::new()
    }
}

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

/// Plays many conversations, and tells which share of all calls went the general way, in percent.
fn play(customs: Customs, seeds: u64) -> usize {
    let (mut direct, mut general) = (0, 0);
    for seed in 1..=seeds {
        let mut play = Play::with(customs, seed);
        for _ in 0..300 {
            play.step();
        }
        direct += play.worlds.direct.generally;
        general += play.worlds.general.generally;
        play.worlds.direct.finish();
        play.worlds.general.finish();
    }
    100 * direct / general
}

#[test]
fn both_ways_look_the_same_to_everybody() {
    let share = play(Customs::USUAL, 60);
    assert!(
        share < 65,
        "the direct way is hardly taken: {share} % went the general way"
    );
}

#[test]
fn both_ways_look_the_same_where_most_calls_are_one_way() {
    let share = play(Customs::ONE_WAY, 40);
    assert!(
        share < 50,
        "the direct way is hardly taken: {share} % went the general way"
    );
}

#[test]
fn both_ways_look_the_same_where_messages_have_objects() {
    play(Customs::OBJECTS, 60);
}

#[test]
fn both_ways_look_the_same_where_one_way_calls_fill_a_small_region() {
    play(Customs::FLOOD, 40);
}

#[test]
fn one_way_calls_go_the_direct_way_whether_they_find_somebody_or_wait_for_each_other() {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    play.received.clear();
    let send = |play: &mut Play, byte| {
        play.exchange(client, Bc::new().send(call(0).oneway().bytes(&[byte; 40])));
    };
    let mut before = play.generally();
    for round in 0..10 {
        if round == 2 {
            before = play.generally();
        }
        // One that finds the reader waiting, and three that wait.
        play.exchange(manager, Bc::new());
        for byte in 0..4 {
            send(&mut play, byte);
        }
        play.wake(manager);
        for number in 0..4 {
            let received = play.received.entry(manager.open.pid).or_default();
            let free = Bc::new().free(received.remove(0));
            if number == 1 {
                play.exchange(manager, free);
                continue;
            }
            let answer = play.worlds.both(|world| world.write(manager, free.clone()));
            play.note(manager, &answer);
            if number < 3 {
                play.exchange(manager, Bc::new());
            }
        }
        // And one that finds nobody.
        send(&mut play, 9);
        play.exchange(manager, Bc::new());
        let received = play.received.entry(manager.open.pid).or_default();
        let free = Bc::new().free(received.remove(0));
        play.worlds.both(|world| world.write(manager, free.clone()));
    }
    assert_eq!(play.generally(), before, "a one-way call took the general way");
    play.worlds.direct.finish();
    play.worlds.general.finish();
}

#[test]
fn a_call_that_is_read_at_once_looks_the_same_and_goes_the_direct_way() {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    play.exchange(manager, Bc::new());
    let mut before = play.generally();
    for round in 0..10 {
        if round == 2 {
            before = play.generally();
        }
        let bytes = [round; 40];
        play.exchange_at_once(client, Bc::new().send(call(0).bytes(&bytes)));
        assert!(
            !play.worlds.direct.is_blocked(manager),
            "the call was read at once"
        );
        let newest = |play: &mut Play, thread: Thread| {
            let received = play.received.entry(thread.open.pid).or_default();
            received.pop().expect("a buffer")
        };
        let address = newest(&mut play, manager);
        play.exchange_at_once(manager, Bc::new().free(address).send(reply().bytes(&bytes)));
        play.exchange_at_once(manager, Bc::new());
        play.wake(client);
        let address = newest(&mut play, client);
        play.worlds
            .both(|world| world.write(client, Bc::new().free(address)));
    }
    assert_eq!(play.generally(), before, "a message took the general way");
    play.worlds.direct.finish();
    play.worlds.general.finish();
}

#[test]
fn a_call_that_is_read_at_once_into_little_room_looks_the_same() {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    let blocks = play.worlds.both(|world| {
        let write_read = world.prepare(manager, &Bc::new(), 80);
        world.write_read(manager, write_read, Blocking::Allowed)
    });
    assert!(blocks.is_none(), "there is nothing to read yet");
    play.blocked.push(manager);
    play.exchange_at_once(client, Bc::new().send(call(0).bytes(&[1; 40])));
    assert!(
        !play.worlds.direct.is_blocked(manager),
        "the call was read at once"
    );
    play.worlds.direct.finish();
    play.worlds.general.finish();
}

#[test]
fn a_call_back_inside_a_call_looks_the_same_and_goes_the_direct_way() {
    let mut play = Play::new(1);
    let [manager, client] = [0, 1].map(|number| play.processes[number].thread(0));
    play.exchange(manager, Bc::new());
    let mut before = play.generally();
    for round in 0..10 {
        if round == 2 {
            before = play.generally();
        }
        let free = |play: &mut Play, thread: Thread| {
            let newest = play.received.entry(thread.open.pid).or_default().pop();
            newest.map_or(Bc::new(), |at| Bc::new().free(at))
        };
        let bytes = [round; 40];
        let first = free(&mut play, client).send(call(0).bytes(&bytes));
        play.exchange(client, first);
        play.wake(manager);
        play.exchange(manager, Bc::new().send(call(1).bytes(&bytes)));
        play.wake(client);
        let answer = free(&mut play, client).send(reply().bytes(&bytes));
        play.exchange(client, answer);
        play.exchange(client, Bc::new());
        play.wake(manager);
        let answer = free(&mut play, manager).send(reply().bytes(&bytes));
        play.exchange(manager, answer);
        let rest = free(&mut play, manager);
        play.exchange(manager, rest);
        play.wake(client);
    }
    assert_eq!(
        play.generally(),
        before,
        "a message inside a conversation took the general way"
    );
    assert_eq!(
        play.generally(),
        before,
        "a message inside a conversation took the general way"
    );
    play.worlds.direct.finish();
    play.worlds.general.finish();
}
