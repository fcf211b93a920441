//! `maps`: what is where in a process's memory.

use crate::lossy::Lossy;
use crate::mm::{AreaInformation, AreaKind, Backing, Protection};
use crate::task::{Kernel, Pid};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// The column in which names begin.
const NAME_COLUMN: usize = 73;

/// `maps`.
pub(super) fn maps(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    let process = kernel.processes.get(about.0)?;
    let executable = Lossy(&process.executable).to_string();
    let mut text = String::new();
    for area in process.space.areas() {
        let line = text.len();
        let letter = |flag, letter| {
            if area.protection.contains(flag) {
                letter
            } else {
                '-'
            }
        };
        let (sharing, name) = describe(&area, &executable);
        // Writing to a string cannot fail.
        let _written = write!(
            text,
            "{:08x}-{:08x} {}{}{}{sharing} {:08x} 00:00 0",
            area.start,
            area.end,
            letter(Protection::READ, 'r'),
            letter(Protection::WRITE, 'w'),
            letter(Protection::EXECUTE, 'x'),
            area.offset,
        );
        if !name.is_empty() {
            let missing = NAME_COLUMN.saturating_sub(text.len() - line);
            let _written = write!(text, "{:missing$}{name}", "");
        }
        text.push('\n');
    }
    Some(text.into_bytes())
}

/// Whether an area is shared, and its name. Files of the image are shown as the program's own: nothing else maps any.
fn describe<'a>(area: &AreaInformation, executable: &'a str) -> (char, &'a str) {
    match area.kind {
        AreaKind::Private => ('p', ""),
        AreaKind::Break => ('p', "[heap]"),
        AreaKind::Stack => ('p', "[stack]"),
        AreaKind::Image => ('p', executable),
        AreaKind::Shared(_) => ('s', "/memfd: (deleted)"),
        AreaKind::Window(Backing::Private) => ('p', "/dev/binder"),
        AreaKind::Window(Backing::Shared) => ('s', "/dev/binder"),
    }
}
