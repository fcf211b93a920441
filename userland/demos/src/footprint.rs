//! What processes and threads cost in memory, and how soon the system answers.
//!
//! The figures are printed as `NAME N mean FIGURE`. The first one counts nanoseconds since the kernel began, which are
//! instructions where the clock counts those.

use alloc::format;
use alloc::vec::Vec;

use libbinder::kernel::{Memory, kernel};
use libbinder::service_manager;
use rt::binder::{MapSharing, RawDevice};
use rt::memory::Access;
use rt::syscall::{self, OpenFlags};
use rt::thread;

use crate::failure::{Failure, ensure};
use crate::program::Program;

/// The device that an idle program opens, and what it maps of it, as Android's libraries do but for two pages.
const DEVICE: &str = "/dev/binder";
const REGION: usize = 1 << 20;

/// How many processes are started.
const PROCESSES: u64 = 32;
/// How many threads wait in a process that is compared with one where none does.
const THREADS: u64 = 256;
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
    let warm = [idle(&memory, 0)?, idle(&memory, THREADS)?];
    let before = Usage::now(&memory)?;
    let mut programs = Vec::new();
    for _ in 0..PROCESSES {
        programs.push(idle(&memory, 0)?);
    }
    let after = Usage::now(&memory)?;
    let frames = before.free_frames.saturating_sub(after.free_frames);
    rt::println!("idle_process_bytes 0 mean {}", frames * FRAME / PROCESSES);

    let without = Usage::now(&memory)?;
    let single = idle(&memory, 0)?;
    let with_one = Usage::now(&memory)?;
    let many = idle(&memory, THREADS)?;
    let with_many = Usage::now(&memory)?;
    let process = with_one.heap.saturating_sub(without.heap);
    let threads = with_many
        .heap
        .saturating_sub(with_one.heap)
        .saturating_sub(process);
    rt::println!("blocked_thread_bytes 0 mean {}", threads / THREADS);
    drop((warm, programs, single, many));
    Ok(())
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

/// A program that has opened binder and waits, with so many more threads that wait.
fn idle(memory: &Memory, threads: u64) -> Result<Program, Failure> {
    let wanted = Usage::now(memory)?.threads + 1 + threads;
    let program = Program::start("/bin/demo", &["demo", "--idle", &format!("{threads}")])?;
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
pub(crate) fn wait(threads: &str) -> Result<(), Failure> {
    let threads: u64 = threads
        .parse()
        .map_err(|_| Failure::new("the number of threads is no number"))?;
    let device = RawDevice::open(DEVICE, OpenFlags::empty())?;
    let _region = device.map(REGION, Access::ReadOnly, MapSharing::Private)?;
    device.version()?;
    let (reader, _writer) = syscall::pipe(syscall::DescriptorFlags::CLOEXEC)?;
    let rest = move || {
        // Nobody writes: it waits until it is killed.
        let _ = syscall::read(reader, &mut [0]);
    };
    for _ in 0..threads {
        let _runs_on = thread::spawn(STACK, rest)?;
    }
    rest();
    Ok(())
}
