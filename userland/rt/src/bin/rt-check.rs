//! Checks that the runtime does what programs rely on. One line for each check; the status says whether all held.
//!
//! It prints the same on every kernel that the runtime stands on.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::hint::black_box;
use core::sync::atomic::{AtomicU32, Ordering};
use rt::sync::{Condvar, Mutex, Once, Woken};
use rt::syscall::{self, DescriptorFlags};
use rt::thread::{self, Local};

rt::program!(main);

/// What is expected, and whether it is so.
type Check = (&'static str, fn() -> bool);

const CHECKS: &[Check] = &[
    (
        "copies of every length and distance keep their bytes",
        copies_keep_their_bytes,
    ),
    (
        "comparisons of every length find the first difference",
        comparisons_find_differences,
    ),
    (
        "the heap gives distinct memory and takes it back",
        heap_gives_distinct_memory,
    ),
    (
        "threads run side by side and can be waited for",
        threads_can_be_waited_for,
    ),
    (
        "threads that nobody waits for take their stacks with them",
        threads_take_their_stacks,
    ),
    (
        "each thread has its own values and drops them",
        threads_have_their_own_values,
    ),
    (
        "threads that take turns keep their vector registers",
        threads_keep_their_registers,
    ),
    ("a lock lets one thread in", lock_lets_one_in),
    ("a notification wakes who waits", notification_wakes),
    ("a wait ends with the time", wait_ends_with_the_time),
    ("a value is made once", value_is_made_once),
    ("a pipe carries bytes to poll and read", pipe_carries_bytes),
    ("shared memory is shared", shared_memory_is_shared),
    ("clocks go on while a thread sleeps", clocks_go_on),
];

fn main(_arguments: rt::Arguments) -> i32 {
    let mut failed = 0;
    for (name, check) in CHECKS {
        let held = check();
        rt::println!("{} {name}", if held { "ok  " } else { "FAIL" });
        failed += i32::from(!held);
    }
    failed
}

/// Bytes that all differ from their neighbours.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 + index / 256) as u8).collect()
}

fn copies_keep_their_bytes() -> bool {
    let lengths = (0..80).chain([255, 4096, 4097, 70_000]);
    lengths.into_iter().all(|length| {
        (0..20).all(|distance| {
            let source = pattern(length + distance);
            let mut forwards = source.clone();
            forwards.copy_within(black_box(distance)..distance + length, 0);
            let mut backwards = source.clone();
            backwards.copy_within(..black_box(length), distance);
            let mut filled = vec![1_u8; length + 2];
            filled[1..=length].fill(black_box(0xa5));
            let zipped = |copy: &[u8], original: &[u8]| copy.iter().zip(original).all(|(a, b)| a == b);
            zipped(&forwards[..length], &source[distance..])
                && zipped(&forwards[length..], &source[length..])
                && zipped(&backwards[distance..], &source)
                && zipped(&backwards[..distance.min(length)], &source)
                && filled[0] == 1
                && filled[length + 1] == 1
                && filled[1..=length].iter().all(|&byte| byte == 0xa5)
        })
    })
}

fn comparisons_find_differences() -> bool {
    (0..70).all(|length| {
        let one = pattern(length);
        let same = black_box(one.clone()) == one;
        same && (0..length).all(|place| {
            let mut larger = vec![0_u8; length];
            let smaller = larger.clone();
            larger[place] = 0x80;
            black_box(&larger) > black_box(&smaller) && black_box(&larger) != black_box(&smaller)
        })
    })
}

fn heap_gives_distinct_memory() -> bool {
    (0..20).all(|round| {
        let mut blocks: Vec<Vec<u8>> = (0..200_u8)
            .map(|index| vec![index; 1 + usize::from(index) * (round + 1)])
            .collect();
        blocks.retain(|block| block.len() % 3 != 0);
        blocks
            .iter_mut()
            .for_each(|block| block.extend_from_within(..block.len() / 2));
        let large = vec![round as u8; 3 << 20];
        large[large.len() - 1] == round as u8
            && blocks
                .iter()
                .all(|block| block.iter().all(|&byte| byte == block[0]))
    })
}

fn threads_can_be_waited_for() -> bool {
    let threads: Option<Vec<_>> = (0..16_u64)
        .map(|index| thread::spawn(thread::STACK, move || index * index).ok())
        .collect();
    threads.is_some_and(|threads| threads.into_iter().map(thread::JoinHandle::join).sum::<u64>() == 1240)
}

fn threads_take_their_stacks() -> bool {
    // A thousand stacks of 1 MiB do not fit side by side into a small machine; a few at a time do.
    let running = Arc::new(AtomicU32::new(0));
    (0..1000).all(|_| {
        let theirs = Arc::clone(&running);
        running.fetch_add(1, Ordering::Relaxed);
        let started = thread::spawn(1 << 20, move || {
            theirs.fetch_sub(1, Ordering::Relaxed);
        });
        while running.load(Ordering::Relaxed) > 8 {
            syscall::yield_now();
        }
        started.is_ok()
    })
}

fn threads_have_their_own_values() -> bool {
    static DROPPED: AtomicU32 = AtomicU32::new(0);
    static VALUE: Local<Counted> = Local::new(|| Counted(Cell::new(1)));
    struct Counted(Cell<u32>);
    impl Drop for Counted {
        fn drop(&mut self) {
            DROPPED.fetch_add(self.0.get(), Ordering::Relaxed);
        }
    }
    VALUE.with(|value| value.0.set(100));
    let threads: Vec<_> = (0..4)
        .filter_map(|index| {
            thread::spawn(thread::STACK, move || {
                VALUE.with(|value| value.0.set(value.0.get() + index));
            })
            .ok()
        })
        .collect();
    threads.into_iter().for_each(thread::JoinHandle::join);
    VALUE.with(|value| value.0.get()) == 100 && DROPPED.load(Ordering::Relaxed) == 10
}

fn threads_keep_their_registers() -> bool {
    // Each thread is interrupted many times in the middle of this, and there are more of them than have a place for all
    // that the processor stores.
    let orbit = |seed: u32| {
        let mut point = [f64::from(seed), 0.5, 0.25, 0.125];
        for _ in 0..300_000 {
            let turned = [point[1], point[2], point[3], point[0]];
            for (own, other) in point.iter_mut().zip(turned) {
                *own = *own * 0.75 + other * 0.25;
            }
        }
        point.map(f64::to_bits)
    };
    let threads: Vec<_> = (0..12)
        .filter_map(|seed| thread::spawn(thread::STACK, move || orbit(black_box(seed))).ok())
        .collect();
    threads.len() == 12
        && threads
            .into_iter()
            .map(thread::JoinHandle::join)
            .eq((0..12).map(orbit))
}

fn lock_lets_one_in() -> bool {
    let total = Arc::new(Mutex::new(0_u32));
    let threads: Vec<_> = (0..4)
        .filter_map(|_| {
            let total = Arc::clone(&total);
            let add = move || (0..2000).for_each(|_| *total.lock() += 1);
            thread::spawn(thread::STACK, add).ok()
        })
        .collect();
    threads.into_iter().for_each(thread::JoinHandle::join);
    *total.lock() == 8000
}

fn notification_wakes() -> bool {
    let turn = Arc::new((Mutex::new(0_u32), Condvar::new()));
    let theirs = Arc::clone(&turn);
    let other = thread::spawn(thread::STACK, move || {
        for round in 0..100 {
            let mut now = theirs.0.lock();
            theirs.1.wait_while(&mut now, |now| *now != 2 * round + 1);
            *now += 1;
            theirs.1.notify_all();
        }
    });
    for round in 0..100 {
        let mut now = turn.0.lock();
        turn.1.wait_while(&mut now, |now| *now != 2 * round);
        *now += 1;
        turn.1.notify_all();
    }
    other.is_ok_and(|other| {
        other.join();
        *turn.0.lock() == 200
    })
}

fn wait_ends_with_the_time() -> bool {
    let nobody = (Mutex::new(()), Condvar::new());
    let begin = syscall::clock_monotonic_ns();
    let woken = nobody
        .1
        .wait_while_for(&mut nobody.0.lock(), 5_000_000, |()| true);
    woken == Woken::TimedOut && syscall::clock_monotonic_ns() - begin >= 5_000_000
}

fn value_is_made_once() -> bool {
    static MADE: AtomicU32 = AtomicU32::new(0);
    static VALUE: Once<u32> = Once::new();
    let make = || {
        *VALUE.get_or_make(|| {
            syscall::sleep_ns(2_000_000);
            MADE.fetch_add(1, Ordering::Relaxed) + 41
        })
    };
    let threads: Vec<_> = (0..4)
        .filter_map(|_| thread::spawn(thread::STACK, make).ok())
        .collect();
    threads.into_iter().all(|thread| thread.join() == 41) && MADE.load(Ordering::Relaxed) == 1
}

fn pipe_carries_bytes() -> bool {
    let Ok((reader, writer)) = syscall::pipe(DescriptorFlags::CLOEXEC) else {
        return false;
    };
    let mut ready = [syscall::PollFd::readable(reader)];
    let empty = syscall::poll(&mut ready, 0) == Ok(0);
    let written = syscall::write_all(writer, b"through the pipe").is_ok();
    let full = syscall::poll(&mut ready, -1) == Ok(1);
    let mut bytes = [0; 64];
    let read = syscall::read(reader, &mut bytes) == Ok(16) && bytes.starts_with(b"through the pipe");
    let closed = syscall::close(writer).is_ok();
    let end = syscall::read(reader, &mut bytes) == Ok(0);
    empty && written && full && read && closed && end && syscall::close(reader).is_ok()
}

fn shared_memory_is_shared() -> bool {
    let shared = || {
        let fd = syscall::memfd("rt-check")?;
        syscall::truncate(fd, 8192)?;
        let one = rt::memory::Mapping::shared(fd, 8192, rt::memory::Access::ReadWrite)?;
        let two = rt::memory::Mapping::shared(fd, 8192, rt::memory::Access::ReadOnly)?;
        one.write(4090, b"over the page boundary")?;
        let mut bytes = [0; 22];
        two.read(4090, &mut bytes)?;
        syscall::close(fd)?;
        rt::Result::Ok(&bytes == b"over the page boundary" && two.write(0, &[1]).is_err())
    };
    shared() == Ok(true)
}

fn clocks_go_on() -> bool {
    let (begin, date) = (syscall::clock_monotonic_ns(), syscall::clock_realtime_ns());
    syscall::sleep_ns(3_000_000);
    syscall::clock_monotonic_ns() - begin >= 3_000_000 && syscall::clock_realtime_ns() > date
}
