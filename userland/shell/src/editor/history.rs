//! The lines entered before.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// How many lines are kept.
const LIMIT: usize = 200;

/// Lines entered before, and where in them the user is.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    lines: Vec<String>,
    /// Steps back from the newest; 0 is the line being written.
    back: usize,
    /// The line being written, while an older one is shown.
    draft: String,
}

impl History {
    /// Remembers a line, unless it repeats the last one.
    pub(super) fn add(&mut self, line: &str) {
        self.back = 0;
        self.draft.clear();
        if !line.trim().is_empty() && self.lines.last().is_none_or(|last| last != line) {
            if self.lines.len() == LIMIT {
                self.lines.remove(0);
            }
            self.lines.push(line.to_string());
        }
    }

    /// The line before the one shown, which is `current`.
    pub(super) fn older(&mut self, current: &str) -> Option<&str> {
        if self.back == self.lines.len() {
            return None;
        }
        if self.back == 0 {
            self.draft = current.to_string();
        }
        self.back += 1;
        self.shown()
    }

    /// The line after the one shown.
    pub(super) fn newer(&mut self) -> Option<&str> {
        self.back = self.back.checked_sub(1)?;
        self.shown()
    }

    fn shown(&self) -> Option<&str> {
        match self.back {
            0 => Some(&self.draft),
            back => self.lines.get(self.lines.len() - back).map(String::as_str),
        }
    }
}
