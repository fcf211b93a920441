//! Processes, opens and threads, and what they do.

use super::answer::Answer;
use super::commands::Bc;
use super::machine::{Fake, Process, ticks};
use super::memory::Window;
use abi::Errno;
use abi::binder::ioctl as io;
use abi::binder::ioctl::WriteRead;
use binder_driver::{
    Blocking, Context, Driver, Effect, Effects, MapAccess, Now, Outcome, Pid, ProcId, Resumption, Step,
    TaskId, ThreadId, WindowId,
};
use std::collections::{HashMap, HashSet};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Where each region appears in its process.
pub(crate) const REGION: u64 = 0x7000_0000_0000;
/// How large a region is unless a test says otherwise.
pub(crate) const REGION_SIZE: usize = 1 << 20;
/// The room of a read unless a test says otherwise.
pub(super) const READ_SIZE: u64 = 256;

/// One open of a device by one process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Opened {
    pub(crate) pid: u32,
    pub(crate) proc: ProcId,
}

/// A thread of an open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Thread {
    pub(crate) open: Opened,
    pub(crate) task: u32,
}

impl Opened {
    /// The number-th thread of the process.
    pub(crate) fn thread(self, number: u32) -> Thread {
        Thread {
            open: self,
            task: self.pid + number,
        }
    }
}

/// The driver and its surroundings.
pub(crate) struct World {
    pub(crate) driver: Driver,
    pub(crate) fake: Fake,
    pub(super) opens: Vec<Opened>,
    pub(super) windows: HashMap<ProcId, WindowId>,
    /// Blocked threads: where the structure and the read buffer are.
    pub(super) blocked: HashMap<Thread, Blocked>,
    pub(super) runnable: HashSet<ThreadId>,
    /// The task that the last call handed over to.
    pub(crate) handoff: Option<TaskId>,
    /// How many calls took the general way.
    pub(crate) generally: usize,
    next_pid: u32,
    next_window: u32,
}

/// A blocked call.
#[derive(Clone, Copy)]
pub(super) struct Blocked {
    pub(super) id: ThreadId,
    pub(super) argument: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            driver: Driver::new(),
            fake: Fake::new(),
            opens: Vec::new(),
            windows: HashMap::new(),
            blocked: HashMap::new(),
            runnable: HashSet::new(),
            handoff: None,
            generally: 0,
            next_pid: 1000,
            next_window: 1,
        }
    }

    /// A process that opened and mapped the device.
    pub(crate) fn process(&mut self) -> Opened {
        let open = self.unmapped_process();
        self.map(open, REGION_SIZE);
        open
    }

    pub(crate) fn unmapped_process(&mut self) -> Opened {
        self.next_pid += 100;
        self.fake.processes.insert(Pid(self.next_pid), Process::default());
        self.open(self.next_pid, Context::Binder)
    }

    /// Another open by a process.
    pub(crate) fn open(&mut self, pid: u32, context: Context) -> Opened {
        self.fake.caller = (Pid(pid), TaskId(pid));
        let proc = self.driver.open(context, &self.fake).expect("memory");
        let open = Opened { pid, proc };
        self.opens.push(open);
        open
    }

    pub(crate) fn map(&mut self, open: Opened, length: usize) {
        let result = self.try_map(open, open.pid, length, MapAccess::ReadOnly);
        result.expect("a mapping");
    }

    pub(crate) fn try_map(
        &mut self,
        open: Opened,
        pid: u32,
        length: usize,
        access: MapAccess,
    ) -> Result<(), Errno> {
        let window = WindowId(self.next_window);
        self.driver
            .mmap(open.proc, Pid(pid), window, REGION, length, access)?;
        self.next_window += 1;
        self.windows.insert(open.proc, window);
        self.fake.windows.insert(window, Window::new(length));
        Ok(())
    }

    /// The manager of the context, a client and a third process, whose first threads have made one ioctl each.
    pub(crate) fn manager_and_client(&mut self) -> (Thread, Thread) {
        let manager = self.process().thread(0);
        let client = self.process().thread(0);
        self.become_manager(manager).expect("the first manager");
        self.settle(client);
        self.write(manager, Bc::new().enter());
        (manager, client)
    }

    /// A further process, whose first thread has made one ioctl.
    pub(crate) fn third(&mut self) -> Thread {
        let thread = self.process().thread(0);
        self.settle(thread);
        thread
    }

    /// The thread makes an ioctl that changes nothing.
    pub(crate) fn settle(&mut self, thread: Thread) {
        self.ioctl(thread, io::BINDER_VERSION, &0_i32).expect("a version");
    }

    pub(super) fn enter(&mut self, thread: Thread) -> ThreadId {
        self.fake.caller = (Pid(thread.open.pid), TaskId(thread.task));
        self.driver
            .thread(thread.open.proc, TaskId(thread.task))
            .expect("a thread")
    }

    pub(super) fn apply(&mut self, effects: Effects) {
        self.handoff = effects.handoff.map(|(task, _)| task);
        if let Some((_, thread)) = effects.handoff {
            self.runnable.insert(thread);
        }
        for effect in effects.rest {
            match effect {
                Effect::Wake(_, thread) => {
                    self.runnable.insert(thread);
                }
                Effect::DropFile(file) | Effect::CloseFile(file) => {
                    self.fake.held.remove(&file).expect("a file is dropped once");
                }
                Effect::UnmapPage(window, page) => {
                    let window = self.fake.windows.get_mut(&window).expect("a window");
                    assert!(std::mem::replace(&mut window.backed[page], false));
                }
            }
        }
        self.driver.check();
    }

    pub(super) fn step(
        &mut self,
        thread: Thread,
        id: ThreadId,
        argument: u64,
        step: Step,
    ) -> Option<Result<i32, Errno>> {
        if self.fake.asked.take() > 1 {
            self.generally += 1;
        }
        self.runnable.remove(&id);
        self.apply(step.effects);
        match step.outcome {
            Outcome::Done(result) => Some(result),
            Outcome::Blocked { .. } => {
                self.blocked.insert(thread, Blocked { id, argument });
                None
            }
        }
    }

    /// An ioctl with a structure that is given back as the driver left it.
    pub(crate) fn ioctl<T: IntoBytes + FromBytes + Immutable>(
        &mut self,
        thread: Thread,
        request: u32,
        argument: &T,
    ) -> Result<T, Errno> {
        let at = self.place(thread, argument.as_bytes());
        match self.ioctl_at(thread, request, at) {
            Some(Ok(_)) => Ok(self.load(thread, at)),
            Some(Err(errno)) => Err(errno),
            None => panic!("the ioctl blocks"),
        }
    }

    /// An ioctl with an address; nothing if it blocks.
    pub(crate) fn ioctl_at(&mut self, thread: Thread, request: u32, at: u64) -> Option<Result<i32, Errno>> {
        let id = self.enter(thread);
        let step = self
            .driver
            .ioctl(id, request, at, Blocking::Allowed, &mut self.fake);
        self.step(thread, id, at, step)
    }

    pub(crate) fn place(&mut self, thread: Thread, bytes: &[u8]) -> u64 {
        let process = self
            .fake
            .processes
            .get_mut(&Pid(thread.open.pid))
            .expect("a process");
        let at = process.memory.allocate(bytes.len());
        process.memory.write(at, bytes).expect("memory");
        at
    }

    pub(crate) fn load<T: FromBytes + IntoBytes>(&self, thread: Thread, at: u64) -> T {
        let mut value = T::new_zeroed();
        let process = &self.fake.processes[&Pid(thread.open.pid)];
        process.memory.read(at, value.as_mut_bytes()).expect("memory");
        value
    }

    /// `BINDER_WRITE_READ` as given; nothing if it blocks.
    pub(crate) fn write_read(
        &mut self,
        thread: Thread,
        write_read: WriteRead,
        blocking: Blocking,
    ) -> Option<Answer> {
        assert!(!self.blocked.contains_key(&thread), "the thread is blocked");
        let argument = self.place(thread, write_read.as_bytes());
        let id = self.enter(thread);
        let step = self
            .driver
            .ioctl(id, io::BINDER_WRITE_READ, argument, blocking, &mut self.fake);
        let result = self.step(thread, id, argument, step)?;
        Some(self.answer_at(thread, argument, result))
    }

    pub(super) fn answer_at(&self, thread: Thread, argument: u64, result: Result<i32, Errno>) -> Answer {
        let write_read: WriteRead = self.load(thread, argument);
        let mut bytes = vec![0; write_read.read_consumed as usize];
        let process = &self.fake.processes[&Pid(thread.open.pid)];
        let start = write_read.read_buffer;
        if process.memory.read(start, &mut bytes).is_err() {
            bytes.clear();
        }
        Answer {
            result,
            write_consumed: write_read.write_consumed,
            read_consumed: write_read.read_consumed,
            items: if result.is_ok() {
                Answer::parse(&bytes)
            } else {
                Vec::new()
            },
        }
    }

    /// The structure for a stream of commands and a room for returns.
    pub(crate) fn prepare(&mut self, thread: Thread, commands: &Bc, read_size: u64) -> WriteRead {
        let stream = commands.encode(|bytes| self.place(thread, bytes));
        let write_buffer = self.place(thread, &stream);
        let room = vec![0; read_size as usize + 256];
        let read_buffer = if read_size > 0 {
            self.place(thread, &room)
        } else {
            0
        };
        WriteRead {
            write_size: stream.len() as u64,
            write_buffer,
            read_size,
            read_buffer,
            ..WriteRead::default()
        }
    }

    /// Writes commands, then reads; nothing if that blocks.
    pub(crate) fn exchange(&mut self, thread: Thread, commands: Bc) -> Option<Answer> {
        let write_read = self.prepare(thread, &commands, READ_SIZE);
        self.write_read(thread, write_read, Blocking::Allowed)
    }

    /// Writes commands, then reads what is there.
    #[track_caller]
    pub(crate) fn run(&mut self, thread: Thread, commands: Bc) -> Answer {
        self.exchange(thread, commands).expect("the thread blocks")
    }

    /// Writes commands, then must block.
    #[track_caller]
    pub(crate) fn block(&mut self, thread: Thread, commands: Bc) {
        if let Some(answer) = self.exchange(thread, commands) {
            panic!("the thread does not block: {answer:?}");
        }
    }

    /// Reads what is there.
    #[track_caller]
    pub(crate) fn read(&mut self, thread: Thread) -> Answer {
        self.run(thread, Bc::new())
    }

    /// Reads into a room of this size.
    #[track_caller]
    pub(crate) fn read_sized(&mut self, thread: Thread, size: u64) -> Answer {
        let write_read = self.prepare(thread, &Bc::new(), size);
        self.write_read(thread, write_read, Blocking::Allowed)
            .expect("the thread blocks")
    }

    /// Reads without waiting.
    pub(crate) fn peek(&mut self, thread: Thread, commands: Bc) -> Answer {
        let write_read = self.prepare(thread, &commands, READ_SIZE);
        self.write_read(thread, write_read, Blocking::Refused)
            .expect("a nonblocking call returns")
    }

    /// Writes commands only.
    pub(crate) fn write(&mut self, thread: Thread, commands: Bc) -> Answer {
        let write_read = self.prepare(thread, &commands, 0);
        self.write_read(thread, write_read, Blocking::Allowed)
            .expect("a write returns")
    }

    /// What a blocked thread got, once it was woken and can go on.
    pub(crate) fn try_answer(&mut self, thread: Thread) -> Option<Answer> {
        let blocked = self.blocked[&thread];
        if !self.runnable.contains(&blocked.id) {
            return None;
        }
        self.resume(thread, Resumption::Woken)
    }

    pub(crate) fn resume(&mut self, thread: Thread, why: Resumption) -> Option<Answer> {
        let Blocked { id, argument } = self.blocked.remove(&thread).expect("a blocked thread");
        self.fake.caller = (Pid(thread.open.pid), TaskId(thread.task));
        let step = self.driver.resume(id, why, &mut self.fake);
        let result = self.step(thread, id, argument, step)?;
        Some(self.answer_at(thread, argument, result))
    }

    pub(crate) fn is_blocked(&self, thread: Thread) -> bool {
        self.blocked.contains_key(&thread)
    }

    /// The moment for the debug files.
    pub(crate) fn now(&self) -> Now {
        Now {
            ticks: ticks(self.fake.now),
            milliseconds: |ticks| ticks,
        }
    }

    /// Whether a blocked thread was woken.
    pub(crate) fn can_go_on(&self, thread: Thread) -> bool {
        let blocked = self.blocked.get(&thread);
        blocked.is_some_and(|blocked| self.runnable.contains(&blocked.id))
    }

    /// Carries on a blocked ioctl that is no `BINDER_WRITE_READ`.
    pub(crate) fn resume_result(&mut self, thread: Thread, why: Resumption) -> Option<Result<i32, Errno>> {
        let Blocked { id, argument } = self.blocked.remove(&thread).expect("a blocked thread");
        self.fake.caller = (Pid(thread.open.pid), TaskId(thread.task));
        let step = self.driver.resume(id, why, &mut self.fake);
        self.step(thread, id, argument, step)
    }

    /// What a blocked thread got.
    #[track_caller]
    pub(crate) fn answer(&mut self, thread: Thread) -> Answer {
        self.try_answer(thread).expect("the thread is still blocked")
    }

    /// A blocked thread must stay so.
    #[track_caller]
    pub(crate) fn assert_blocked(&mut self, thread: Thread) {
        if let Some(answer) = self.try_answer(thread) {
            panic!("the thread does not stay blocked: {answer:?}");
        }
    }
}
