//! Invented messages: data with objects, mostly in good order.

use super::dice::Dice;
use alloc::string::String;
use core::fmt::Write;

/// Sizes around the limits of one-way calls and of the mappings.
const SIZES: [&str; 12] = [
    "0x1000", "0x1ff8", "0x2000", "0x2008", "0x3ff8", "0x8000", "0xfff8", "0x10000", "0x10008", "0x40000",
    "0x80000", "0x100000",
];

/// Addresses and sizes that cannot be.
const WRONG: [&str; 6] = [
    "data-at 8",
    "offsets-at 8",
    "size -8",
    "offsets-size -8",
    "offsets-size 12",
    "data-at 0x7fffffffffff",
];

/// Objects with scattered buffers: mostly in good order, sometimes not.
pub(super) fn scattered(out: &mut String, dice: &mut Dice) {
    let _ = write!(out, " code {} {{ u64 0", dice.below(5));
    let _ = write!(out, " ptr u32:2,2,{},4,5,6", dice.below(4));
    for _ in 0..dice.below(5) {
        let (parent, offset) = (dice.below(3), 4 * dice.below(6));
        let _ = match dice.below(6) {
            0 => write!(out, " fda {} 0 {offset}", dice.below(3)),
            1 => write!(out, " fda {} {parent} {}", dice.below(3), 4 * dice.below(3)),
            2 => write!(out, " child 0 {offset} 0102030405060708090a"),
            3 => write!(out, " child {parent} {offset} u32:1,2,3,4"),
            4 if dice.one_in(4) => write!(out, " wild-ptr 8 16"),
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
    if dice.one_in(4) {
        out.push_str(" flags 0x10");
    }
}

/// Objects of all kinds but scattered ones.
pub(super) fn plain(out: &mut String, dice: &mut Dice) {
    let _ = write!(out, " code {}", dice.below(5));
    if dice.one_in(20) {
        let _ = write!(out, " size {}", dice.pick(&SIZES));
        return;
    }
    if dice.one_in(5) {
        let flags = dice.pick(&[
            "0x10",
            "0x10",
            "0x20",
            "0x40",
            "0x40",
            "0x8",
            "0x41",
            "0x80000000",
        ]);
        let _ = write!(out, " flags {flags}");
    }
    out.push_str(" {");
    for _ in 0..dice.below(4) {
        out.push(' ');
        item(out, dice);
    }
    out.push_str(" }");
    let _ = match dice.below(48) {
        0 => write!(out, " offsets {}", dice.below(40)),
        1 => write!(out, " offsets {} {}", 4 * dice.below(12), 4 * dice.below(12)),
        2 => write!(out, " size {}", dice.below(40_000)),
        3 => write!(out, " offsets 0 0"),
        4 | 5 => write!(out, " {}", dice.pick(&WRONG)),
        _ => Ok(()),
    };
}

fn item(out: &mut String, dice: &mut Dice) {
    let _ = match dice.below(18) {
        0..5 => write!(out, "u64 {}", dice.below(1000)),
        5..9 => {
            let node = dice.below(4);
            let cookie = if dice.one_in(12) { 0x99 } else { 0x20 + node };
            let kind = if dice.one_in(4) { "weak-binder" } else { "binder" };
            let flags = dice.pick(&["0", "0x13", "0x100", "0x1ff"]);
            write!(out, "{kind} {:#x} {cookie:#x} {flags}", 0x10 + node)
        }
        9 | 10 => {
            let kind = if dice.one_in(4) { "weak-handle" } else { "handle" };
            write!(out, "{kind} {}", dice.below(4))
        }
        12 => write!(out, "zero {}", 8 * dice.below(100)),
        13 => write!(out, "fd {}", dice.pick(&["0", "2", "2", "77"])),
        14 => write!(out, "fd-full {} 0x7f 0x1234", dice.pick(&["0", "2"])),
        15 if dice.one_in(4) => write!(out, "object 0x12345678 0 0 0"),
        15 if dice.one_in(3) => write!(out, "u32 7"),
        16 if dice.one_in(10) => write!(out, "binders {} 0x100", 1 + dice.below(40)),
        _ => write!(out, "u64 7"),
    };
}
