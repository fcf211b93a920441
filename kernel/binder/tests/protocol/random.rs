//! Random conversations: whatever programs do, the invariants hold after each step and nothing is left at the end.

use crate::harness::{Answer, Bc, Data, Dice, Opened, REGION, Thread, World, call, reply};
use abi::binder::TransactionData;
use abi::binder::object::{
    BINDER_BUFFER_FLAG_HAS_PARENT, BINDER_TYPE_FDA, BINDER_TYPE_HANDLE, BINDER_TYPE_PTR,
    BINDER_TYPE_WEAK_HANDLE, BufferObject, FdArrayObject, FlatBinderObject,
};
use binder_driver::{Pid, Resumption};
use std::collections::{BTreeMap, HashMap};
use zerocopy::FromBytes;

/// Threads per process.
const THREADS: u64 = 3;
/// Processes.
const PROCESSES: usize = 4;

struct Play {
    w: World,
    dice: Dice,
    processes: Vec<Opened>,
    /// Buffers that a process has received and may free.
    received: HashMap<u32, Vec<u64>>,
    blocked: Vec<Thread>,
    /// Handles that a process has seen.
    handles: HashMap<u32, Vec<u32>>,
    /// Commands that answer what a process has read.
    due: HashMap<u32, Vec<Bc>>,
    /// Calls that a thread has read and not answered.
    unanswered: HashMap<Thread, u32>,
    /// How often each return was read.
    seen: BTreeMap<&'static str, u32>,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut w = World::new();
        let processes: Vec<_> = (0..PROCESSES).map(|_| w.process()).collect();
        w.become_manager(processes[0].thread(0)).expect("the manager");
        let mut play = Self {
            w,
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            processes,
            received: HashMap::new(),
            blocked: Vec::new(),
            handles: HashMap::new(),
            due: HashMap::new(),
            unanswered: HashMap::new(),
            seen: BTreeMap::new(),
        };
        for number in 0..PROCESSES {
            play.give_files(number);
        }
        play
    }

    fn give_files(&mut self, number: usize) {
        let pid = Pid(self.processes[number].pid);
        let process = self.w.fake.processes.get_mut(&pid).expect("a process");
        for descriptor in 0..4 {
            process
                .descriptors
                .insert(descriptor, format!("file {descriptor}"));
        }
    }

    fn step(&mut self) {
        let number = self.dice.roll(PROCESSES as u64) as usize;
        let thread = self.processes[number].thread(self.dice.roll(THREADS) as u32);
        if let Some(at) = self.blocked.iter().position(|other| *other == thread) {
            let got = if self.dice.one_in(10) {
                self.w.resume(thread, Resumption::Interrupted)
            } else {
                self.w.try_answer(thread)
            };
            if let Some(answer) = got {
                self.blocked.swap_remove(at);
                self.note(thread, &answer);
            } else if !self.w.is_blocked(thread) {
                self.blocked.swap_remove(at);
            }
            return;
        }
        match self.dice.roll(60) {
            0 => self.w.exit_thread(thread),
            1 => self.restart(number),
            2 => self.w.flush(thread.open),
            3 => drop(self.w.poll(thread)),
            4 => {
                let target = self.dice.roll(PROCESSES as u64) as usize;
                let enable = self.dice.roll(2) as u32;
                let _ = self.w.freeze(thread, self.processes[target], enable);
            }
            5 => drop(self.w.become_manager(thread)),
            6 => {
                let max = self.dice.roll(3) as u32;
                self.w.set_max_threads(thread, max);
            }
            7 => {
                self.w.extended_error(thread);
            }
            _ => self.talk(thread),
        }
    }

    fn restart(&mut self, number: usize) {
        let open = self.processes[number];
        self.w.kill(open);
        self.blocked.retain(|thread| thread.open != open);
        self.received.remove(&open.pid);
        self.handles.remove(&open.pid);
        self.due.remove(&open.pid);
        self.processes[number] = self.w.process();
        self.give_files(number);
    }

    fn talk(&mut self, thread: Thread) {
        let mut commands = Bc::new();
        for _ in 0..self.dice.roll(4) {
            commands = self.command(thread, commands);
        }
        let answer = match self.dice.roll(4) {
            0 => Some(self.w.write(thread, commands)),
            1 => Some(self.w.peek(thread, commands)),
            _ => self.w.exchange(thread, commands),
        };
        match answer {
            Some(answer) => self.note(thread, &answer),
            None => self.blocked.push(thread),
        }
    }

    fn note(&mut self, thread: Thread, answer: &Answer) {
        let pid = thread.open.pid;
        for item in &answer.items {
            *self.seen.entry(item.name).or_default() += 1;
            let due = match item.name {
                "TXN" | "TXN_SEC_CTX" | "REPLY" => {
                    let got = item.transaction();
                    self.received.entry(pid).or_default().push(got.buffer);
                    if item.name != "REPLY" && got.flags & 1 == 0 {
                        *self.unanswered.entry(thread).or_default() += 1;
                    }
                    self.keep_handles(thread, &got);
                    continue;
                }
                "INCREFS" => {
                    let (ptr, cookie) = item.name_of_node();
                    Bc::new().increfs_done(ptr, cookie)
                }
                "ACQUIRE" => {
                    let (ptr, cookie) = item.name_of_node();
                    Bc::new().acquire_done(ptr, cookie)
                }
                "DEAD_BINDER" => Bc::new().dead_done(item.cookie()),
                "FROZEN_BINDER" => Bc::new().freeze_done(item.cookie()),
                _ => continue,
            };
            self.due.entry(pid).or_default().push(due);
        }
    }

    /// Acquires most of the handles in a message.
    fn keep_handles(&mut self, thread: Thread, got: &TransactionData) {
        let offsets = self.w.received(thread.open, got.offsets, got.offsets_size);
        for offset in offsets.chunks(8) {
            let offset = u64::from_le_bytes(offset.try_into().expect("an offset"));
            let object = self.w.received(thread.open, got.buffer + offset, 24);
            let object = FlatBinderObject::read_from_bytes(&object).expect("an object");
            let handle = object.binder as u32;
            let keep = match object.kind {
                BINDER_TYPE_HANDLE => Bc::new().acquire(handle),
                BINDER_TYPE_WEAK_HANDLE => Bc::new().increfs(handle),
                _ => continue,
            };
            let pid = thread.open.pid;
            self.handles.entry(pid).or_default().push(handle);
            if !self.dice.one_in(4) {
                self.due.entry(pid).or_default().push(keep);
            }
        }
    }

    /// Mostly a handle that the process has seen.
    fn handle(&mut self, thread: Thread) -> u32 {
        let handles = self.handles.entry(thread.open.pid).or_default();
        if handles.is_empty() || self.dice.one_in(4) {
            return self.dice.roll(4) as u32 * self.dice.roll(2) as u32;
        }
        handles[self.dice.roll(handles.len() as u64) as usize]
    }

    fn command(&mut self, thread: Thread, commands: Bc) -> Bc {
        let due = self.due.entry(thread.open.pid).or_default();
        if !due.is_empty() && !self.dice.one_in(3) {
            return commands.then(due.remove(0));
        }
        let handle = self.handle(thread);
        let ptr = 0x10 * self.dice.roll(5);
        let cookie = u64::from(handle) + self.dice.roll(5) / 4;
        match self.dice.roll(34) {
            0..=7 => {
                let data = self.data(thread, call(u64::from(handle)));
                commands.send(data)
            }
            8..=12 => {
                let unanswered = self.unanswered.entry(thread).or_default();
                if *unanswered == 0 && !self.dice.one_in(9) {
                    return commands;
                }
                *unanswered = unanswered.saturating_sub(1);
                let data = self.data(thread, reply());
                commands.send(data)
            }
            13..=16 => commands.free(self.address(thread)),
            17 => commands.increfs(handle),
            18 => commands.acquire(handle),
            19 => commands.release(handle),
            20 => commands.decrefs(handle),
            21 => commands.increfs_done(ptr, ptr).acquire_done(ptr, ptr),
            22 => commands.request_death(handle, cookie),
            23 => commands.clear_death(handle, cookie),
            24 => commands.dead_done(cookie),
            25 => commands.request_freeze(handle, cookie),
            26 => commands.clear_freeze(handle, cookie),
            27 => commands.freeze_done(cookie),
            28 => commands.enter(),
            29 => commands.register(),
            30 => commands.request_death(handle, cookie),
            31 => commands.request_freeze(handle, cookie),
            32 => commands.clear_death(handle, cookie),
            _ => commands.clear_freeze(handle, cookie),
        }
    }

    /// Mostly the address of a received buffer.
    fn address(&mut self, thread: Thread) -> u64 {
        let received = self.received.entry(thread.open.pid).or_default();
        if received.is_empty() || self.dice.one_in(8) {
            return REGION + 8 * self.dice.roll(64);
        }
        received.swap_remove(self.dice.roll(received.len() as u64) as usize)
    }

    fn data(&mut self, thread: Thread, mut data: Data) -> Data {
        if self.dice.one_in(2) {
            data = data.oneway();
        }
        for flag in [0x10, 0x20, 0x40] {
            if self.dice.one_in(3) {
                data = data.flags(flag);
            }
        }
        data = data.code(self.dice.roll(3) as u32);
        let large = self.dice.one_in(12);
        let filler = self.dice.roll(if large { 300_000 } else { 40 }) as usize;
        data = data.zeros(filler.next_multiple_of(4));
        let wild = self.dice.one_in(3);
        if wild {
            data = data.buffers(8 * self.dice.roll(12));
        }
        for _ in 0..self.dice.roll(4) {
            data = if wild {
                self.object(thread, data)
            } else {
                self.plain_object(thread, data)
            };
        }
        if self.dice.one_in(20) {
            let offset = self.dice.roll(64);
            data = data.offset(offset);
        }
        data
    }

    /// An object that is mostly right.
    fn plain_object(&mut self, thread: Thread, data: Data) -> Data {
        let ptr = 0x10 * (1 + self.dice.roll(5));
        // One node in five asks for its callers' security context.
        let flags = if ptr == 0x50 { 0x1100 } else { 0x100 };
        match self.dice.roll(6) {
            0..=2 => data.binder_with(flags, ptr, ptr),
            3 => data.weak_binder(ptr, ptr),
            4 => {
                let handle = self.handle(thread);
                data.handle(u64::from(handle))
            }
            _ => data.fd(self.dice.roll(4), 0),
        }
    }

    fn object(&mut self, thread: Thread, data: Data) -> Data {
        let ptr = 0x10 * self.dice.roll(5);
        let handle = self.dice.roll(6);
        let index = self.dice.roll(3);
        match self.dice.roll(9) {
            0 | 1 => data.binder_with(0x100 | (0x1000 * self.dice.roll(2) as u32), ptr, ptr),
            2 => data.weak_binder(ptr, ptr),
            3 | 4 => data.handle(handle),
            5 => data.weak_handle(handle),
            6 => data.fd(self.dice.roll(5), 0),
            7 => {
                let length = 8 * self.dice.roll(4);
                let buffer = self.w.place(thread, &[1, 0, 0, 0].repeat(8));
                data.object(&BufferObject {
                    kind: BINDER_TYPE_PTR,
                    flags: BINDER_BUFFER_FLAG_HAS_PARENT * self.dice.roll(2) as u32,
                    buffer,
                    length,
                    parent: index,
                    parent_offset: 8 * self.dice.roll(3),
                })
            }
            _ => data.object(&FdArrayObject {
                kind: BINDER_TYPE_FDA,
                pad: 0,
                num_fds: self.dice.roll(3),
                parent: index,
                parent_offset: 4 * self.dice.roll(4),
            }),
        }
    }
}

#[test]
fn random_conversations_keep_the_invariants() {
    let mut seen = BTreeMap::new();
    for seed in 1..=60 {
        let mut play = Play::new(seed);
        for _ in 0..400 {
            play.step();
        }
        for (name, count) in &play.seen {
            *seen.entry(*name).or_insert(0) += count;
        }
        play.w.finish();
    }
    // All but ERROR, which needs a shortage of memory, and SPAM_SUSPECT, which nobody here asks for.
    assert_eq!(seen.len(), 18, "{seen:?}");
}
