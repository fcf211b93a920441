//! Invents cases from a seed: valid, half-valid and invalid steps of several processes and threads.
//!
//! Steps are made as text, so that a run that differs between two kernels can be cut down line by line and kept as a
//! fixed case. The choice of the next step depends on the seed and on which threads are free, which equal kernels
//! agree about.

use crate::play;
use crate::stage::Stage;
use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// The processes of a random case; the first is the context manager.
const ACTORS: [char; 3] = ['M', 'C', 'S'];
/// The threads that each uses.
const THREADS: u64 = 3;
/// After so many steps everything begins anew, so that counts and numbers do not drift out of the interesting range.
const STEPS_IN_A_CASE: u64 = 250;

/// A splitmix64 generator: small, and equal everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True in `part` of `whole` throws.
    fn one_in(&mut self, whole: u64) -> bool {
        self.below(whole) == 0
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// Plays random steps and prints their trace. Always true: every step that is made can be understood.
pub(crate) fn play(seed: u64, steps: u64) -> bool {
    let mut dice = Dice(seed);
    let mut played = 0;
    while played < steps {
        let count = STEPS_IN_A_CASE.min(steps - played);
        rt::println!("case R{seed}-{played} random steps");
        let mut stage = Stage::default();
        begin(&mut stage, &mut dice);
        for _ in 0..count {
            let line = step(&stage, &mut dice);
            play::line(&mut stage, &line);
        }
        stage.clear();
        rt::println!("");
        played += count;
    }
    true
}

fn begin(stage: &mut Stage, dice: &mut Dice) {
    let flags = if dice.one_in(2) { "0x1ff" } else { "0" };
    for actor in ACTORS {
        let mode = if dice.one_in(4) { "" } else { " nonblocking" };
        play::line(stage, &format!("{actor}.0 open{mode}"));
        play::line(
            stage,
            &format!("{actor}.0 map {}", dice.pick(&["0x100000", "0x4000", "0x20000"])),
        );
        if actor == 'M' {
            play::line(stage, &format!("M.0 manager-ext 0 0 {flags}"));
        }
        play::line(stage, &format!("{actor}.0 max-threads {}", dice.below(3)));
    }
}

fn step(stage: &Stage, dice: &mut Dice) -> String {
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
    if stage.is_busy(actor, thread) {
        return format!("{actor}.{thread} signal");
    }
    let action = match dice.below(100) {
        0 => String::from("thread-exit"),
        1 => String::from("extended-error"),
        2 => format!("node-debug {}", dice.pick(&["0", "0x10", "0x12"])),
        3 => format!("node-info {}", dice.below(4)),
        4 => format!("max-threads {}", dice.below(4)),
        5 => format!("spam-detection {}", dice.below(2)),
        6 => format!("freeze {} {}", dice.pick(&["M", "C", "S"]), dice.below(2)),
        7 => format!("frozen-info {}", dice.pick(&["M", "C", "S"])),
        8..12 => String::from("poll"),
        12 => String::from("nice"),
        _ => {
            let owes = (
                stage.owes_reply(actor, thread),
                stage.owes_acknowledgement(actor, thread),
            );
            write_read(dice, owes)
        }
    };
    format!("{actor}.{thread} {action}")
}

fn write_read(dice: &mut Dice, (reply, acknowledgement): (bool, bool)) -> String {
    let mut out = String::from("wr");
    if acknowledgement && !dice.one_in(3) {
        out.push_str(" ack ;");
    }
    if reply && dice.one_in(2) {
        out.push_str(dice.pick(&[" free ; reply", " reply"]));
        transaction(&mut out, dice);
        out.push_str(" ;");
    }
    let commands = dice.pick(&["", "x", "x", "x", "xx", "xxx"]).len();
    for _ in 0..commands {
        out.push(' ');
        command(&mut out, dice);
        out.push_str(" ;");
    }
    match dice.below(12) {
        0 => {}
        1 => {
            let _ = write!(out, " read {}", 4 + dice.below(120));
        }
        _ => out.push_str(" read 512"),
    }
    out
}

fn command(out: &mut String, dice: &mut Dice) {
    let handle = dice.pick(&["0", "0", "0", "0", "1", "1", "1", "1", "2", "2", "3", "9"]);
    let cookie = 0x70 + dice.below(4);
    let _ = match dice.below(66) {
        0..24 => {
            let oneway = if dice.one_in(2) { " oneway" } else { "" };
            let _ = write!(out, "call {handle}{oneway}");
            return transaction(out, dice);
        }
        24..32 => write!(out, "free"),
        32 => write!(out, "free @{}-{}", dice.below(THREADS), dice.below(3)),
        33..37 => write!(out, "acquire {handle}"),
        37..39 => write!(out, "increfs {handle}"),
        39..42 => write!(out, "release {handle}"),
        42..44 => write!(out, "decrefs {handle}"),
        44..49 => write!(out, "ack"),
        49..52 => write!(out, "death {handle} {cookie:#x}"),
        52..54 => write!(out, "clear-death {handle} {cookie:#x}"),
        54..56 => write!(out, "dead-done {cookie:#x}"),
        56 => write!(out, "watch-freeze {handle} {cookie:#x}"),
        57 => write!(out, "clear-freeze {handle} {cookie:#x}"),
        58 => write!(out, "freeze-done {cookie:#x}"),
        59 => write!(out, "enter"),
        60 => write!(out, "register"),
        61 => write!(out, "exit"),
        62 => write!(out, "acquire-done 0x10 0x20"),
        63 => write!(out, "raw 0b630000"),
        _ => {
            out.push_str("reply");
            return transaction(out, dice);
        }
    };
}

fn transaction(out: &mut String, dice: &mut Dice) {
    let _ = write!(out, " code {}", dice.below(5));
    if dice.one_in(6) {
        let _ = write!(
            out,
            " flags {}",
            dice.pick(&["0x10", "0x20", "0x40", "0x8", "0x41"])
        );
    }
    out.push_str(" {");
    for _ in 0..dice.below(4) {
        match dice.below(16) {
            0..5 => {
                let _ = write!(out, " u64 {}", dice.below(1000));
            }
            5..9 => {
                let node = dice.below(4);
                let cookie = if dice.one_in(12) { 0x99 } else { 0x20 + node };
                let kind = if dice.one_in(4) { "weak-binder" } else { "binder" };
                let _ = write!(
                    out,
                    " {kind} {:#x} {cookie:#x} {}",
                    0x10 + node,
                    dice.pick(&["0", "0x13", "0x1ff"])
                );
            }
            9 => {
                let kind = if dice.one_in(4) { "weak-handle" } else { "handle" };
                let _ = write!(out, " {kind} {}", dice.below(3));
            }
            12 => {
                let _ = write!(out, " zero {}", 8 * dice.below(100));
            }
            13 if dice.one_in(3) => {
                let _ = write!(out, " fd {}", dice.pick(&["0", "2", "77"]));
            }
            14 if dice.one_in(6) => out.push_str(" object 0x12345678 0 0 0"),
            _ => out.push_str(" u64 7"),
        }
    }
    out.push_str(" }");
    match dice.below(40) {
        0 => {
            let _ = write!(out, " offsets {}", dice.below(40));
        }
        1 => {
            let _ = write!(out, " size {}", dice.below(40_000));
        }
        2 => out.push_str(" offsets-size 12"),
        3 => out.push_str(" offsets 0 0"),
        _ => {}
    }
}
