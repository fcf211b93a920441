//! Makes round trips of one kind, for counting instructions: `valgrind --tool=callgrind` on this program, once with
//! 1,000 and once with 2,000 round trips, and the difference by 1,000.
//!
//! The machine is as cheap as a machine can be: one flat memory for everybody, where addresses are offsets.

use abi::Errno;
use abi::binder::command::{BC_FREE_BUFFER, BC_REPLY, BC_TRANSACTION};
use abi::binder::ioctl::{BINDER_SET_CONTEXT_MGR, BINDER_VERSION, BINDER_WRITE_READ, WriteRead};
use abi::binder::{TransactionData, TransactionFlags};
use binder_driver::{
    Blocking, Context, Driver, Event, Fault, FileId, Machine, MapAccess, NoMemory, Outcome, Pid, Resumption,
    Step, TaskId, ThreadId, Ticks, UserAddress, WindowId,
};
use core::ops::Range;
use zerocopy::{FromBytes, IntoBytes};

/// Where the server's region appears in the flat memory, and the client's.
const REGIONS: [u64; 2] = [1 << 20, 2 << 20];

struct Flat {
    memory: Vec<u8>,
    pid: u32,
}

impl Flat {
    fn part(&mut self, at: u64, length: usize) -> Result<&mut [u8], Fault> {
        let at = at as usize;
        self.memory.get_mut(at..at + length).ok_or(Fault)
    }
}

impl Machine for Flat {
    #[inline]
    fn read_user(&mut self, from: UserAddress, into: &mut [u8]) -> Result<(), Fault> {
        into.copy_from_slice(self.part(from, into.len())?);
        Ok(())
    }

    #[inline]
    fn write_user(&mut self, to: UserAddress, bytes: &[u8]) -> Result<(), Fault> {
        self.part(to, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    fn map_pages(&mut self, _window: WindowId, _pages: Range<usize>) -> Result<(), NoMemory> {
        Ok(())
    }

    #[inline]
    fn copy_to_window(
        &mut self,
        window: WindowId,
        to: usize,
        from: UserAddress,
        length: usize,
    ) -> Result<(), Fault> {
        let from = from as usize;
        let to = REGIONS[window.0 as usize] as usize + to;
        self.memory.copy_within(from..from + length, to);
        Ok(())
    }

    fn write_window(&mut self, _window: WindowId, _to: usize, _bytes: &[u8]) {}

    fn zero_window(&mut self, _window: WindowId, _range: Range<usize>) {}

    fn take_file(&mut self, _descriptor: i32) -> Option<FileId> {
        None
    }

    fn pin_file(&mut self, _descriptor: i32) -> Result<FileId, Errno> {
        Err(Errno::EBADF)
    }

    fn install_file(&mut self, _file: FileId) -> Result<i32, Errno> {
        Err(Errno::EMFILE)
    }

    #[inline]
    fn pid(&self) -> Pid {
        Pid(self.pid)
    }

    fn euid(&self) -> u32 {
        0
    }

    #[inline]
    fn euid_of(&self, _pid: Pid) -> u32 {
        0
    }

    fn security_context(&self, _pid: Pid) -> &'static str {
        ""
    }

    #[inline]
    fn nice(&self) -> i8 {
        0
    }

    #[inline]
    fn set_nice(&mut self, _nice: i8) {}

    #[inline]
    fn now(&self) -> u64 {
        0
    }

    fn ticks(&self) -> Ticks {
        Ticks::default()
    }

    #[inline]
    fn traces(&self) -> bool {
        false
    }

    #[inline]
    fn record(&mut self, _event: Event) {}
}

/// A process with one thread, and where its structures lie.
struct Side {
    thread: ThreadId,
    argument: u64,
    commands: u64,
    returns: u64,
}

struct Play {
    driver: Driver,
    flat: Flat,
}

impl Play {
    fn side(&mut self, number: usize) -> Side {
        self.flat.pid = number as u32 + 1;
        let proc = self.driver.open(Context::Binder, &self.flat).expect("memory");
        let (pid, window) = (self.flat.pid(), WindowId(number as u32));
        self.driver
            .mmap(proc, pid, window, REGIONS[number], 1 << 20, MapAccess::ReadOnly)
            .expect("memory");
        let thread = self.driver.thread(proc, TaskId(self.flat.pid)).expect("memory");
        let base = 4096 * (number as u64 + 1);
        let side = Side {
            thread,
            argument: base,
            commands: base + 256,
            returns: base + 1024,
        };
        let step = self.ioctl(&side, BINDER_VERSION, Blocking::Allowed);
        assert!(matches!(step.outcome, Outcome::Done(Ok(0))));
        side
    }

    #[inline(never)]
    fn ioctl(&mut self, side: &Side, request: u32, blocking: Blocking) -> Step {
        self.driver
            .ioctl(side.thread, request, side.argument, blocking, &mut self.flat)
    }

    #[inline(never)]
    fn resume(&mut self, side: &Side) -> Step {
        self.driver.resume(side.thread, Resumption::Woken, &mut self.flat)
    }

    fn write_read(&mut self, side: &Side, commands: &[u8]) -> Step {
        self.flat.write_user(side.commands, commands).expect("memory");
        let argument = WriteRead {
            write_size: commands.len() as u64,
            write_buffer: side.commands,
            read_size: 256,
            read_buffer: side.returns,
            ..WriteRead::default()
        };
        self.flat
            .write_user(side.argument, argument.as_bytes())
            .expect("memory");
        self.ioctl(side, BINDER_WRITE_READ, Blocking::Allowed)
    }

    fn buffer(&mut self, side: &Side, at: u64) -> u64 {
        let data = self.flat.part(side.returns + at, 64).expect("memory");
        TransactionData::read_from_bytes(data)
            .expect("a transaction")
            .buffer
    }
}

fn command(code: u32, payload: &[u8]) -> Vec<u8> {
    [&code.to_le_bytes(), payload].concat()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: u32 = arguments
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1000);
    let size: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let oneway = arguments.next().is_some_and(|text| text == "oneway");
    let flat = Flat {
        memory: vec![0; 4 << 20],
        pid: 0,
    };
    let mut play = Play {
        driver: Driver::new(),
        flat,
    };
    let server = play.side(0);
    let client = play.side(1);
    let step = play.ioctl(&server, BINDER_SET_CONTEXT_MGR, Blocking::Allowed);
    assert!(matches!(step.outcome, Outcome::Done(Ok(0))));
    let blocked = play.write_read(&server, &[]);
    assert!(matches!(blocked.outcome, Outcome::Blocked { .. }));
    let data = TransactionData {
        data_size: size,
        buffer: 512 << 10,
        flags: if oneway {
            TransactionFlags::ONE_WAY.bits()
        } else {
            0
        },
        ..TransactionData::default()
    };
    let (call, reply) = (
        command(BC_TRANSACTION, data.as_bytes()),
        command(BC_REPLY, data.as_bytes()),
    );
    let mut last = None;
    for _ in 0..rounds {
        let mut commands = Vec::new();
        if let Some(buffer) = last.replace(0_u64) {
            commands = command(BC_FREE_BUFFER, buffer.as_bytes());
        }
        if oneway {
            let _ = play.write_read(&client, &call);
            let got = play.resume(&server);
            assert!(matches!(got.outcome, Outcome::Done(Ok(0))));
            let buffer = play.buffer(&server, 8);
            let free = command(BC_FREE_BUFFER, buffer.as_bytes());
            let waits = play.write_read(&server, &free);
            assert!(matches!(waits.outcome, Outcome::Blocked { .. }));
            continue;
        }
        commands.extend_from_slice(&call);
        let waits = play.write_read(&client, &commands);
        assert!(matches!(waits.outcome, Outcome::Blocked { .. }));
        let _ = play.resume(&server);
        let buffer = play.buffer(&server, 8);
        let mut answer = command(BC_FREE_BUFFER, buffer.as_bytes());
        answer.extend_from_slice(&reply);
        let _ = play.write_read(&server, &answer);
        let waits = play.write_read(&server, &[]);
        assert!(matches!(waits.outcome, Outcome::Blocked { .. }));
        let _ = play.resume(&client);
        last = Some(play.buffer(&client, 12));
    }
    play.driver.check();
}
