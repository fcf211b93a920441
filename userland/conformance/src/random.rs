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
        let mut stage = Stage::of("random");
        begin(&mut stage, &mut dice);
        for _ in 0..count {
            let line = step(&stage, &mut dice);
            play::line(&mut stage, &line);
            if let Some(actor) = line.strip_suffix(".0 die").and_then(|actor| actor.chars().next()) {
                enter(&mut stage, &mut dice, actor);
            }
        }
        stage.clear();
        rt::println!("");
        played += count;
    }
    true
}

fn begin(stage: &mut Stage, dice: &mut Dice) {
    for actor in ACTORS {
        enter(stage, dice, actor);
    }
}

/// Lets a process begin: the device open and mapped.
fn enter(stage: &mut Stage, dice: &mut Dice, actor: char) {
    let mode = if dice.one_in(4) { "" } else { " nonblocking" };
    play::line(stage, &format!("{actor}.0 open{mode}"));
    let length = dice.pick(&["0x100000", "0x4000", "0x20000"]);
    play::line(stage, &format!("{actor}.0 map {length}"));
    if actor == 'M' {
        let flags = dice.pick(&["0", "0x1ff"]);
        play::line(stage, &format!("M.0 manager-ext 0 0 {flags}"));
    }
    play::line(stage, &format!("{actor}.0 max-threads {}", dice.below(3)));
}

/// Something that happens to a whole process: it ends, or opens and closes once more.
fn upheaval(dice: &mut Dice, actor: char, thread: u8) -> String {
    match dice.below(10) {
        0 => format!("{actor}.0 die"),
        1..3 => format!("{actor}.{thread} dup 1"),
        3..5 => format!("{actor}.{thread}:1 close"),
        5 => format!("{actor}.{thread}:2 close"),
        6 => format!("{actor}.{thread}:2 map 0x8000"),
        7 => format!("{actor}.{thread}:2 open nonblocking"),
        _ => format!("{actor}.{thread} thread-exit"),
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
    let any = dice.below(THREADS) as u8;
    if stage.is_busy(actor, thread) {
        return format!("{actor}.{thread} signal");
    }
    if stage.is_busy(actor, any) && dice.one_in(12) {
        return format!("{actor}.{any} signal");
    }
    if dice.one_in(16) {
        return upheaval(dice, actor, thread);
    }
    let slot = if dice.one_in(20) { ":2" } else { "" };
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
    format!("{actor}.{thread}{slot} {action}")
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
            let _ = write!(out, " read {}", dice.below(124));
        }
        2 if dice.one_in(3) => {
            let _ = write!(out, " read 512 rc {}", 4 * dice.below(8));
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
            if dice.one_in(10) {
                let _ = write!(out, "call-sg {handle}{oneway}");
                return scattered(out, dice);
            }
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

/// Objects with scattered buffers: mostly in good order, sometimes not.
fn scattered(out: &mut String, dice: &mut Dice) {
    let _ = write!(out, " code {} {{ u64 0", dice.below(5));
    let _ = write!(out, " ptr u32:2,2,{},4,5,6", dice.below(4));
    for _ in 0..dice.below(4) {
        let (parent, offset) = (dice.below(3), 4 * dice.below(6));
        let _ = match dice.below(4) {
            0 => write!(out, " fda {} 0 {offset}", dice.below(3)),
            1 => write!(out, " child 0 {offset} 0102030405060708090a"),
            2 => write!(out, " child {parent} {offset} u32:1,2,3,4"),
            _ => write!(out, " ptr u32:9,8"),
        };
    }
    if dice.one_in(3) {
        out.push_str(" binder 0x11 0x21 0x1ff");
    }
    out.push_str(" }");
    if dice.one_in(8) {
        let _ = write!(out, " buffers-size {}", 4 * dice.below(20));
    }
}

fn transaction(out: &mut String, dice: &mut Dice) {
    let _ = write!(out, " code {}", dice.below(5));
    if dice.one_in(20) {
        // Around the limits of one-way calls and of the mappings.
        let size = dice.pick(&[
            "0x1ff8", "0x2000", "0x2008", "0x3ff8", "0xfff8", "0x10000", "0x10008", "0x80000", "0x100000",
        ]);
        let _ = write!(out, " size {size}");
        return;
    }
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
