//! Invented `BINDER_WRITE_READ`s: commands, room for returns, and now and then a header that is not quite right.

use super::dice::Dice;
use super::message;
use crate::stage::Stage;
use alloc::string::String;
use core::fmt::Write;

/// Handles, the likely ones several times.
const HANDLES: [&str; 14] = [
    "0", "0", "0", "0", "1", "1", "1", "1", "2", "2", "2", "3", "4", "9",
];

/// Words that are no commands, or not whole ones.
const RAW: [&str; 6] = [
    "0b630000",
    "00000000",
    "0c72000000",
    "0b63",
    "0563044001",
    "ffffffff0b630000",
];

/// One exchange of a thread.
pub(super) fn invent(stage: &mut Stage, dice: &mut Dice, actor: char, thread: u8) -> String {
    let mut out = String::from("wr");
    if stage.owes_acknowledgement(actor, thread) && !dice.one_in(3) {
        out.push_str(" ack ;");
    }
    if let Some((command, cookie)) = stage.take_notice(actor, thread).filter(|_| !dice.one_in(4)) {
        let _ = write!(out, " {command} {cookie:#x} ;");
    }
    if stage.owes_reply(actor, thread) && dice.one_in(2) {
        out.push_str(dice.pick(&[" free ; ", " "]));
        if dice.one_in(8) {
            out.push_str("reply-sg");
            message::scattered(&mut out, dice);
        } else {
            out.push_str("reply");
            message::plain(&mut out, dice);
        }
        out.push_str(" ;");
    }
    let commands = dice.pick(&["", "x", "x", "x", "xx", "xxx"]).len();
    for _ in 0..commands {
        out.push(' ');
        command(&mut out, dice);
        out.push_str(" ;");
    }
    if stage.has_waiting_freeze() {
        end_with_reply(&mut out);
    }
    if dice.one_in(60) {
        let field = dice.pick(&["wc 4", "wc 8", "write-size 4", "write-size 10", "write-at 8"]);
        let _ = write!(out, " {field}");
    }
    // Which of two threads that could take it gets something is chance on Linux. One that sends reads what came of that.
    let sends = out
        .split(' ')
        .any(|word| word.starts_with("call") || word.starts_with("reply"));
    if sends || !stage.has_waiting_beside(actor, thread) {
        read(&mut out, dice);
    }
    out
}

/// Leaves out what follows a reply. That may be the last that a freeze waits for, and whether this is told before the next
/// command begins something new is chance on Linux.
fn end_with_reply(out: &mut String) {
    let mut end = 0;
    for command in out.split_inclusive(" ;") {
        end += command.len();
        if command.split(' ').any(|word| word.starts_with("reply")) {
            break;
        }
    }
    out.truncate(end);
}

/// Room for returns: mostly enough.
fn read(out: &mut String, dice: &mut Dice) {
    match dice.below(12) {
        0 => {}
        1 => {
            let _ = write!(out, " read {}", dice.below(200));
        }
        2 if dice.one_in(3) => {
            let _ = write!(out, " read 512 rc {}", 4 * dice.below(8));
        }
        3 if dice.one_in(8) => out.push_str(" read 512 read-at 8"),
        _ => out.push_str(" read 512"),
    }
}

fn command(out: &mut String, dice: &mut Dice) {
    let handle = dice.pick(&HANDLES);
    let cookie = 0x70 + dice.below(4);
    let ptr = 0x10 + dice.below(4);
    let _ = match dice.below(74) {
        0..24 => return call(out, dice, handle),
        24..32 => write!(out, "free"),
        32 => write!(out, "free @{}-{}", dice.below(3), dice.below(3)),
        33 => write!(out, "free +{:#x}", 8 * dice.below(20)),
        34..38 => write!(out, "acquire {handle}"),
        38..41 => write!(out, "increfs {handle}"),
        41..44 => write!(out, "release {handle}"),
        44..46 => write!(out, "decrefs {handle}"),
        46..51 => write!(out, "ack"),
        51..55 => write!(out, "death {handle} {cookie:#x}"),
        55..57 => write!(out, "clear-death {handle} {cookie:#x}"),
        57 => write!(out, "dead-done {cookie:#x}"),
        58..60 => write!(out, "watch-freeze {handle} {cookie:#x}"),
        60 => write!(out, "clear-freeze {handle} {cookie:#x}"),
        61 => write!(out, "freeze-done {cookie:#x}"),
        62 => write!(out, "enter"),
        63 => write!(out, "register"),
        64 => write!(out, "exit"),
        65 => write!(out, "acquire-done {ptr:#x} {:#x}", ptr + 0x10),
        66 => write!(out, "increfs-done {ptr:#x} {:#x}", 0x20 + dice.below(4)),
        67 if dice.one_in(3) => write!(out, "acquire-result 1"),
        67 if dice.one_in(2) => write!(out, "attempt-acquire 1 {handle}"),
        67 => write!(out, "raw {}", dice.pick(&RAW)),
        68 => {
            out.push_str("reply-sg");
            return message::scattered(out, dice);
        }
        _ => {
            out.push_str("reply");
            return message::plain(out, dice);
        }
    };
}

fn call(out: &mut String, dice: &mut Dice, handle: &str) {
    let oneway = if dice.one_in(2) { " oneway" } else { "" };
    if dice.one_in(10) {
        let _ = write!(out, "call-sg {handle}{oneway}");
        return message::scattered(out, dice);
    }
    let _ = write!(out, "call {handle}{oneway}");
    message::plain(out, dice);
}
