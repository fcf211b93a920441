//! The machine that the driver runs on in these tests.

use super::memory::{Memory, Window};
use abi::Errno;
use binder_driver::{Event, Fault, FileId, Machine, NoMemory, Pid, TaskId, Ticks, UserAddress, WindowId};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// A process.
#[derive(Default)]
pub(crate) struct Process {
    pub(crate) memory: Memory,
    pub(crate) descriptors: BTreeMap<i32, String>,
    pub(crate) euid: u32,
}

/// Everything outside the driver.
pub(crate) struct Fake {
    pub(crate) processes: HashMap<Pid, Process>,
    pub(crate) windows: HashMap<WindowId, Window>,
    pub(crate) held: HashMap<FileId, String>,
    pub(crate) nice: HashMap<TaskId, i8>,
    pub(crate) caller: (Pid, TaskId),
    pub(crate) caller_euid: Option<u32>,
    pub(crate) descriptor_limit: Option<usize>,
    pub(crate) frames_left: Option<usize>,
    pub(crate) now: u64,
    /// Whether the driver is to tell everything, and so never to take its direct way.
    pub(crate) traces: bool,
    /// How often the driver asked for that. Its direct way asks once in a call, the general one before each event.
    pub(crate) asked: Cell<u32>,
    pub(crate) events: Vec<Event>,
    /// What was read of users' memory, if a test wants to know.
    pub(crate) reads: Option<Vec<Range<u64>>>,
    files: u32,
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self {
            processes: HashMap::new(),
            windows: HashMap::new(),
            held: HashMap::new(),
            nice: HashMap::new(),
            caller: (Pid(0), TaskId(0)),
            caller_euid: None,
            descriptor_limit: None,
            frames_left: None,
            now: 0,
            traces: false,
            asked: Cell::new(0),
            events: Vec::new(),
            reads: None,
            files: 0,
        }
    }

    pub(crate) fn process(&mut self) -> &mut Process {
        self.processes
            .get_mut(&self.caller.0)
            .expect("the caller is alive")
    }
}

/// A time as a clock shows it.
pub(super) fn ticks(now: u64) -> Ticks {
    Ticks {
        low: now as u32,
        high: (now >> u32::BITS) as u32,
    }
}

impl Machine for Fake {
    fn read_user(&mut self, from: UserAddress, into: &mut [u8]) -> Result<(), Fault> {
        if let Some(reads) = &mut self.reads {
            reads.push(from..from + into.len() as u64);
        }
        self.process().memory.read(from, into)
    }

    fn write_user(&mut self, to: UserAddress, bytes: &[u8]) -> Result<(), Fault> {
        self.process().memory.write(to, bytes)
    }

    fn map_pages(&mut self, window: WindowId, pages: Range<usize>) -> Result<(), NoMemory> {
        if let Some(left) = &mut self.frames_left {
            *left = left.checked_sub(pages.len()).ok_or(NoMemory)?;
        }
        for backed in &mut self.windows.get_mut(&window).expect("a window").backed[pages] {
            assert!(!*backed, "a page is backed once");
            *backed = true;
        }
        Ok(())
    }

    fn copy_to_window(
        &mut self,
        window: WindowId,
        to: usize,
        from: UserAddress,
        length: usize,
    ) -> Result<(), Fault> {
        let mut bytes = vec![0; length];
        self.read_user(from, &mut bytes)?;
        self.write_window(window, to, &bytes);
        Ok(())
    }

    fn write_window(&mut self, window: WindowId, to: usize, bytes: &[u8]) {
        let window = self.windows.get_mut(&window).expect("a window");
        window.slice_mut(to, bytes.len()).copy_from_slice(bytes);
    }

    fn zero_window(&mut self, window: WindowId, range: Range<usize>) {
        let window = self.windows.get_mut(&window).expect("a window");
        window.slice_mut(range.start, range.len()).fill(0);
    }

    fn pin_file(&mut self, descriptor: i32) -> Result<FileId, Errno> {
        let file = self
            .process()
            .descriptors
            .get(&descriptor)
            .cloned()
            .ok_or(Errno::EBADF)?;
        self.files += 1;
        self.held.insert(FileId(self.files), file);
        Ok(FileId(self.files))
    }

    fn take_file(&mut self, descriptor: i32) -> Option<FileId> {
        let file = self.pin_file(descriptor).ok()?;
        self.process().descriptors.remove(&descriptor);
        Some(file)
    }

    fn install_file(&mut self, file: FileId) -> Result<i32, Errno> {
        let limit = self.descriptor_limit;
        let descriptors = &self.process().descriptors;
        if limit.is_some_and(|limit| descriptors.len() >= limit) {
            return Err(Errno::EMFILE);
        }
        let number = (0..)
            .find(|number| !descriptors.contains_key(number))
            .expect("a free number");
        let name = self.held.remove(&file).expect("a held file");
        self.process().descriptors.insert(number, name);
        Ok(number)
    }

    fn pid(&self) -> Pid {
        self.caller.0
    }

    fn euid(&self) -> u32 {
        self.caller_euid.unwrap_or(self.euid_of(self.caller.0))
    }

    fn euid_of(&self, pid: Pid) -> u32 {
        self.processes.get(&pid).map_or(0, |process| process.euid)
    }

    fn security_context(&self, _pid: Pid) -> &'static str {
        "bindery:program"
    }

    fn nice(&self) -> i8 {
        self.nice.get(&self.caller.1).copied().unwrap_or(0)
    }

    fn set_nice(&mut self, nice: i8) {
        self.nice.insert(self.caller.1, nice);
    }

    fn now(&self) -> u64 {
        self.now
    }

    fn ticks(&self) -> Ticks {
        ticks(self.now)
    }

    fn traces(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.traces
    }

    fn record(&mut self, event: Event) {
        self.events.push(event);
    }
}
