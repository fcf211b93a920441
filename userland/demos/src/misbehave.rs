//! Does one thing that no program may do.
//!
//! Guest tests start it and look at how it ends: with the signal that the misdeed deserves, while everybody else goes
//! on. Coming back from a misdeed is a failure: status 1.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use core::ops::Range;

use abi::syscall as numbers;
use rt::misuse::{self, First, Privileged, Use, WILD_ARGUMENTS};
use rt::syscall::{OpenFlags, close, duplicate_from, open};

rt::program!(main);

/// Misdeeds with an address: which of the wild addresses, how it is used.
const ADDRESSES: &[(&str, usize, Use)] = &[
    ("null-read", 0, Use::Read),
    ("null-write", 0, Use::Write),
    ("null-jump", 0, Use::Jump),
    ("guard-read", 2, Use::Read),
    ("wild-read", 3, Use::Read),
    ("wild-jump", 3, Use::Jump),
    ("kernel-read", 4, Use::Read),
    ("kernel-write", 4, Use::Write),
    ("kernel-jump", 4, Use::Jump),
    ("top-read", 5, Use::Read),
];

/// A call that Linux allows only in code it placed itself; it kills anybody else.
const URETPROBE: u64 = 335;

/// Calls that end, split or suspend the caller by design.
const NOT_CALLED: &[u64] = &[
    numbers::EXIT,
    numbers::EXIT_GROUP,
    numbers::FORK,
    numbers::VFORK,
    numbers::CLONE,
    numbers::CLONE3,
    numbers::PAUSE,
    numbers::RT_SIGRETURN,
    numbers::RT_SIGSUSPEND,
    URETPROBE,
];

/// One past the highest call that is tried.
const CALLS: u64 = 470;

fn main(arguments: rt::Arguments) -> i32 {
    let Some(misdeed) = arguments.get(1) else {
        list();
        return 2;
    };
    if let Some(&(_, index, how)) = ADDRESSES.iter().find(|(name, ..)| *name == misdeed) {
        misuse::touch(index, how);
    } else if let Some((_, instruction)) = Privileged::ALL.iter().find(|(name, _)| *name == misdeed) {
        instruction.execute();
    } else {
        match misdeed {
            "write-code" => misuse::write_code(),
            "run-stack" => misuse::run_stack(),
            "overflow-stack" => drop(misuse::overflow_stack()),
            "panic" => panic!("asked to"),
            "calls" => return wild_calls(0..CALLS),
            "call" => match arguments.get(2).and_then(|number| number.parse().ok()) {
                Some(number) => return wild_calls(number..number + 1),
                None => {
                    rt::eprintln!("usage: misbehave call NUMBER");
                    return 2;
                }
            },
            _ => {
                rt::eprintln!("misbehave: {misdeed}: no such misdeed");
                return 2;
            }
        }
    }
    rt::println!("{misdeed}: nothing happened");
    1
}

fn list() {
    let addresses = ADDRESSES.iter().map(|(name, ..)| *name);
    let instructions = Privileged::ALL.iter().map(|(name, _)| *name);
    let others = ["write-code", "run-stack", "overflow-stack", "panic", "calls"];
    for name in addresses.chain(instructions).chain(others) {
        rt::println!("{name}");
    }
}

/// Passes wild addresses to these calls; the caller must survive.
fn wild_calls(tried: Range<u64>) -> i32 {
    let (mut refused, mut accepted) = (0, 0);
    for number in tried.filter(|number| !NOT_CALLED.contains(number)) {
        for index in 0..WILD_ARGUMENTS.len() {
            // A fresh file each time, as some calls close it.
            let file = open("/dev/null", OpenFlags::READ_WRITE).and_then(|fd| {
                let high = duplicate_from(fd, 100);
                close(fd)?;
                high.map(First::Descriptor)
            });
            for first in [Some(First::Wild), file.ok()].into_iter().flatten() {
                match misuse::wild_call(number, first, index) {
                    Ok(_) => accepted += 1,
                    Err(_) => refused += 1,
                }
            }
            if let Ok(First::Descriptor(fd)) = file {
                // Already closed where the call was close(2) itself.
                let _ = close(fd);
            }
        }
    }
    rt::println!("calls: {refused} refused, {accepted} had nothing to refuse");
    0
}
