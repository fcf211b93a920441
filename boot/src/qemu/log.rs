//! The kernel log: a file that the guest's second serial port writes, and what it tells.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};

/// What a guest writes before it switches off.
const STATUS_MARK: &str = "power: off, status ";

/// What a guest writes before it resets the machine on purpose.
const REBOOT_MARK: &str = "power: reboot";

/// What the report of a kernel panic begins with.
const PANIC_MARK: &str = "panic: ";

/// How many lines of a log explain an unexpected end.
const TAIL: usize = 15;

/// The log of one run.
pub(crate) struct KernelLog {
    path: PathBuf,
}

impl KernelLog {
    /// A log in that file.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Empties it.
    pub(super) fn clear(&self) -> Result<()> {
        fs::write(&self.path, "").with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// The value of QEMU's `-serial` that fills it.
    pub(super) fn serial_port(&self) -> OsString {
        let mut argument = OsString::from("file:");
        argument.push(&self.path);
        argument
    }

    /// Copies what it holds from `position` on to stderr and tells how much that was.
    pub(super) fn show_from(&self, position: u64) -> u64 {
        let mut news = Vec::new();
        let read = fs::File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(position))?;
            file.read_to_end(&mut news)
        });
        // The log stays in its file; a terminal that is gone loses only this view of it.
        let _ = io::stderr().write_all(&news);
        read.map_or(0, |length| length as u64)
    }

    /// The whole text, without carriage returns.
    pub(crate) fn text(&self) -> String {
        let bytes = fs::read(&self.path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\r', "")
    }

    /// The last lines.
    pub(crate) fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..]
            .iter()
            .map(|line| format!("  {line}\n"))
            .collect()
    }

    /// The report of a panic with its backtrace; the last lines when there is none.
    pub(crate) fn panic_report(&self) -> String {
        panic_report(&self.text()).map_or_else(|| self.tail(), str::to_owned)
    }

    /// The status the guest told, if it told one.
    pub(super) fn told_status(&self) -> Option<u8> {
        told_status(&self.text())
    }

    /// Whether the reset that ended the run was meant.
    pub(super) fn says_reboot(&self) -> bool {
        self.text()
            .trim_end()
            .lines()
            .last()
            .is_some_and(|line| line.ends_with(REBOOT_MARK))
    }
}

/// The status in the last line of a log that tells one.
fn told_status(log: &str) -> Option<u8> {
    let (_, told) = log.rsplit_once(STATUS_MARK)?;
    let digits = told.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The log from the line of the last panic on.
fn panic_report(log: &str) -> Option<&str> {
    let mark = log.rfind(PANIC_MARK)?;
    let start = log[..mark].rfind('\n').map_or(0, |newline| newline + 1);
    Some(&log[start..])
}

#[cfg(test)]
mod tests {
    use super::{panic_report, told_status};

    #[test]
    fn the_last_status_in_the_log_counts() {
        assert_eq!(
            told_status("boot\npower: off, status 1\npower: off, status 42\n"),
            Some(42)
        );
        assert_eq!(told_status("[    3.14] power: off, status 0\n"), Some(0));
        assert_eq!(told_status("power: off, status 300"), None);
        assert_eq!(told_status("nothing"), None);
    }

    #[test]
    fn a_panic_is_reported_with_its_whole_line_and_all_that_follows() {
        let log = "one\n[1.2] panic: no more\n  0: here\n  1: there\n";
        assert_eq!(
            panic_report(log),
            Some("[1.2] panic: no more\n  0: here\n  1: there\n")
        );
        assert_eq!(panic_report("calm\n"), None);
    }
}
