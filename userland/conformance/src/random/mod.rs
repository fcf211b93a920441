//! Invents cases from a seed: valid, half-valid and invalid steps of several processes and threads.
//!
//! Steps are made as text, so that a run that differs between two kernels can be cut down line by line and kept as a
//! fixed case. The choice of the next step depends on the seed and on which threads are free, which equal kernels
//! agree about.

mod dice;
mod exchange;
mod message;

use crate::play;
use crate::stage::Stage;
use alloc::format;
use alloc::string::String;
use dice::Dice;

/// The processes of a random case; the first is the context manager.
const ACTORS: [char; 3] = ['M', 'C', 'S'];
/// The same as the script writes them.
const NAMES: [&str; 3] = ["M", "C", "S"];
/// The threads that each uses.
const THREADS: u64 = 3;
/// After so many steps everything begins anew, so that counts and numbers do not drift out of the interesting range.
const STEPS_IN_A_CASE: u64 = 250;

/// What is shown of the driver when a case is over.
const DEBUG_FILES: [&str; 8] = [
    "stats",
    "transaction_log",
    "failed_transaction_log",
    "transactions",
    "state",
    "proc/M",
    "proc/C",
    "proc/S",
];

/// Plays random steps and prints their trace. Always true: every step that is made can be understood.
pub(crate) fn play(seed: u64, steps: u64) -> bool {
    let mut dice = Dice::new(seed);
    let mut played = 0;
    while played < steps {
        let count = STEPS_IN_A_CASE.min(steps - played);
        rt::println!("case R{seed}-{played} random steps");
        let mut stage = Stage::of("random");
        for actor in ACTORS {
            enter(&mut stage, &mut dice, actor);
        }
        for _ in 0..count {
            let line = step(&mut stage, &mut dice);
            play::line(&mut stage, &line);
            if let Some(actor) = line.strip_suffix(".0 die").and_then(|actor| actor.chars().next()) {
                enter(&mut stage, &mut dice, actor);
            }
        }
        // At the end only: on Linux, reading these files can give a process something to look at.
        for file in DEBUG_FILES {
            stage.debug(file);
        }
        stage.clear();
        rt::println!("");
        played += count;
    }
    true
}

/// Lets a process begin: the device open and mapped, some of them twice, or another device too.
fn enter(stage: &mut Stage, dice: &mut Dice, actor: char) {
    let mode = if dice.one_in(4) { "" } else { " nonblocking" };
    let length = dice.pick(&["0x100000", "0x4000", "0x20000"]);
    play::line(stage, &format!("{actor}.0 open{mode}"));
    play::line(stage, &format!("{actor}.0 map {length}"));
    if actor == 'M' {
        let flags = dice.pick(&["0", "0x1ff"]);
        play::line(stage, &format!("M.0 manager-ext 0 0 {flags}"));
    }
    play::line(stage, &format!("{actor}.0 max-threads {}", dice.below(3)));
    if dice.one_in(3) {
        play::line(stage, &format!("{actor}.0:2 open nonblocking"));
        play::line(stage, &format!("{actor}.0:2 map 0x8000"));
    }
    if dice.one_in(8) {
        play::line(stage, &format!("{actor}.0:3 open hwbinder nonblocking"));
        play::line(stage, &format!("{actor}.0:3 map 0x8000"));
    }
}

/// Something that happens to a whole process: it ends, or opens, maps and closes once more.
fn upheaval(stage: &Stage, dice: &mut Dice, actor: char, thread: u8) -> String {
    let what = match dice.below(24) {
        0..2 => return format!("{actor}.0 die"),
        2..5 => " dup 1",
        // Closing wakes all that wait. Which of two goes first is chance on Linux, and the last is asked for more threads.
        5..11 if stage.busy_threads(actor) > 1 => " thread-exit",
        5..9 => ":1 close",
        9..11 => ":2 close",
        11 => ":2 map 0x8000",
        12 => ":2 open nonblocking",
        13 if dice.one_in(3) => " unmap 0x1000",
        13 if dice.one_in(2) => " unmap 0",
        14 => " map 0x4000 writable",
        15 => " make-writable",
        16 => " manager",
        17 => ":2 manager-ext 0x10 0x20 0x1ff",
        18 => ":3 manager",
        _ => " thread-exit",
    };
    format!("{actor}.{thread}{what}")
}

/// A step of a thread that is free.
fn step(stage: &mut Stage, dice: &mut Dice) -> String {
    let mut player = (ACTORS[0], 0);
    // A blocked thread cannot do anything; look for a free one first.
    for _ in 0..12 {
        player = (
            ACTORS[dice.below(ACTORS.len() as u64) as usize],
            dice.below(THREADS) as u8,
        );
        if !stage.is_busy(player.0, player.1) {
            break;
        }
    }
    let (actor, thread) = player;
    let any = dice.below(THREADS) as u8;
    if stage.is_busy(actor, thread) {
        return format!("{actor}.{thread} signal");
    }
    if stage.is_busy(actor, any) && dice.one_in(12) {
        return format!("{actor}.{any} signal");
    }
    if dice.one_in(16) {
        return upheaval(stage, dice, actor, thread);
    }
    let slot = match dice.below(40) {
        0..2 => ":2",
        2 => ":1",
        3 => ":3",
        _ => "",
    };
    let action = match dice.below(100) {
        0 => String::from("thread-exit"),
        1 => String::from("extended-error"),
        2 => format!("node-debug {}", dice.pick(&["0", "0x10", "0x12", "0x100"])),
        3 => format!("node-info {}", dice.pick(&["0", "1", "2", "3", "1 0 1"])),
        4 => format!("max-threads {}", dice.below(4)),
        5 => format!("spam-detection {}", dice.below(2)),
        6..9 => {
            let timeout = dice.pick(&["", "", "", " 10", " 1000000"]);
            format!("freeze {} {}{timeout}", dice.pick(&NAMES), dice.below(2))
        }
        9 => format!("frozen-info {}", dice.pick(&NAMES)),
        10..14 => String::from("poll"),
        14 => String::from("nice"),
        15 => format!("set-nice {}", dice.pick(&["0", "5", "12", "19", "-5"])),
        16 if dice.one_in(2) => String::from(dice.pick(&[
            "ioctl 0x1234 null",
            "ioctl 0xc0306201 null",
            "ioctl 0xc0046209 null",
            "ioctl 0x40046206 at 8",
            "ioctl 0xc00c6211 at 8",
            "version",
        ])),
        _ => exchange::invent(stage, dice, actor, thread),
    };
    format!("{actor}.{thread}{slot} {action}")
}
