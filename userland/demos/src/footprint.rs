//! What processes and threads cost in memory, and how soon the system answers.
//!
//! The figures are printed as `NAME N mean FIGURE`. The first one counts nanoseconds since the kernel began, which are
//! instructions where the clock counts those.

use alloc::format;
use alloc::vec::Vec;

use libbinder::kernel::{Memory, kernel};
use libbinder::service_manager;
use rt::binder::{Commands, Device, Returns};
use rt::syscall;
use rt::thread;

use abi::binder::command::BC_ENTER_LOOPER;

use crate::failure::{Failure, ensure};
use crate::program::Program;

/// The device that an idle program opens, and what it maps of it, as Android's libraries do but for two pages.
const DEVICE: &str = "/dev/binder";
const REGION: usize = 1 << 20;

/// How many processes are started.
const PROCESSES: u64 = 32;
/// How many programs with threads that wait are compared with as many where none does, and how many threads each has.
const PROGRAMS: u64 = 6;
const THREADS: u64 = 512;
/// A waiting thread's stack.
const STACK: usize = 16 << 10;

const FRAME: u64 = 4096;
const MILLISECOND: u64 = 1_000_000;
/// How often to look whether programs are idle, a millisecond apart.
const LOOKS: u32 = 10_000;

pub(crate) fn run(_words: &[&str]) -> Result<(), Failure> {
    let services = service_manager()?.list()?;
    let answered = syscall::clock_monotonic_ns();
    ensure!(!services.is_empty(), "servicemanager knows no service");
    rt::println!("start_to_answer 0 mean {answered}");

    let memory = kernel()?.memory()?;
    // The first ones find room for tables that the others only fill.
    let warm = [
        idle(&memory, 0, Place::Pipe)?,
        idle(&memory, THREADS, Place::Pipe)?,
    ];
    let before = Usage::now(&memory)?;
    let mut programs = Vec::new();
    for _ in 0..PROCESSES {
        programs.push(idle(&memory, 0, Place::Pipe)?);
    }
    let after = Usage::now(&memory)?;
    let frames = before.free_frames.saturating_sub(after.free_frames);
    rt::println!("idle_process_bytes 0 mean {}", frames * FRAME / PROCESSES);
    drop((warm, programs));

    for place in [Place::Pipe, Place::Binder] {
        let bytes = blocked(&memory, place)?;
        rt::println!("blocked_in_{}_bytes 0 mean {bytes}", place.name());
    }
    Ok(())
}

/// What a thread that waits takes of the kernel's heap: the difference that threads make, in programs that are the same
/// otherwise. There are enough of both for what tables have in store to be told with them.
fn blocked(memory: &Memory, place: Place) -> Result<u64, Failure> {
    let mut programs = Vec::new();
    let mut heap = Usage::now(memory)?.heap;
    let mut taken = [0, 0];
    for (taken, threads) in taken.iter_mut().zip([0, THREADS]) {
        for _ in 0..PROGRAMS {
            programs.push(idle(memory, threads, place)?);
        }
        let now = Usage::now(memory)?.heap;
        *taken = now.saturating_sub(heap);
        heap = now;
    }
    let [processes, with_threads] = taken;
    Ok(with_threads.saturating_sub(processes) / (THREADS * PROGRAMS))
}

/// What the kernel says is in use.
struct Usage {
    free_frames: u64,
    heap: u64,
    threads: u64,
}

impl Usage {
    fn now(memory: &Memory) -> Result<Self, Failure> {
        let figures = memory.figures()?;
        let figure = |wanted: &str| {
            let found = figures.iter().find(|(name, _)| *name == wanted);
            let value = found.and_then(|(_, value)| u64::try_from(*value).ok());
            value.ok_or_else(|| Failure::new(format!("the kernel tells no {wanted}")))
        };
        Ok(Self {
            free_frames: figure("free frames")?,
            heap: figure("heap bytes used")?,
            threads: figure("threads")?,
        })
    }
}

/// Where a thread waits for what never comes.
#[derive(Clone, Copy)]
enum Place {
    /// In the read of a pipe that nobody writes to.
    Pipe,
    /// In a read of binder, in the pool of a process that nobody calls.
    Binder,
}

impl Place {
    const ALL: [Self; 2] = [Self::Pipe, Self::Binder];

    const fn name(self) -> &'static str {
        match self {
            Self::Pipe => "pipe",
            Self::Binder => "binder",
        }
    }
}

/// A program that has opened binder and waits, with so many more threads that wait.
fn idle(memory: &Memory, threads: u64, place: Place) -> Result<Program, Failure> {
    let wanted = Usage::now(memory)?.threads + 1 + threads;
    let arguments = ["demo", "--idle", &format!("{threads}"), place.name()];
    let program = Program::start("/bin/demo", &arguments)?;
    for _ in 0..LOOKS {
        if Usage::now(memory)?.threads >= wanted {
            // The last one is still on its way to where it waits.
            syscall::sleep_ns(MILLISECOND);
            return Ok(program);
        }
        syscall::sleep_ns(MILLISECOND);
    }
    Err(Failure::new("a program did not become idle"))
}

/// The idle program.
pub(crate) fn wait(threads: &str, place: &str) -> Result<(), Failure> {
    let threads: u64 = threads
        .parse()
        .map_err(|_| Failure::new("the number of threads is no number"))?;
    let place = Place::ALL.into_iter().find(|known| known.name() == place);
    let place = place.ok_or_else(|| Failure::new("threads wait in pipe or binder"))?;
    let device = Device::open(DEVICE, REGION)?;
    let (reader, _writer) = syscall::pipe(syscall::DescriptorFlags::CLOEXEC)?;
    let rest = move || match place {
        Place::Pipe => {
            // Nobody writes: it waits until it is killed.
            let _ = syscall::read(reader, &mut [0]);
        }
        Place::Binder => serve_nobody(device),
    };
    for _ in 0..threads {
        let _runs_on = thread::spawn(STACK, rest)?;
    }
    rest();
    Ok(())
}

/// Waits in the pool of a process that nobody calls, until it is killed.
fn serve_nobody(device: &'static Device) {
    let mut commands = Commands::new();
    commands.plain(BC_ENTER_LOOPER);
    let mut returns = Returns::new();
    // A thread's first read returns at once.
    while device.exchange(&mut commands, Some(&mut returns)).result.is_ok() {}
}
