//! One run of QEMU: its command line, its two serial ports, its end.
//!
//! The first serial port is QEMU's standard output and carries what programs write. The second is a file, the kernel
//! log, in which the guest's last words tell how it ended.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The emulator.
const EMULATOR: &str = "qemu-system-x86_64";

/// What a guest writes to its log before it switches off.
const STATUS_MARK: &str = "power: off, status ";

/// How often a running guest is looked after.
const BEAT: Duration = Duration::from_millis(10);

/// Where the bytes of the first serial port go.
pub(crate) enum Programs<'a> {
    /// To this tool's stdout, as they come.
    Stdout,
    /// Into memory.
    Captured(&'a mut Vec<u8>),
}

/// How a guest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It switched off and told the status of its line.
    Status(u8),
    /// Its kernel panicked.
    Panicked,
    /// It did not end in time and was stopped.
    TimedOut,
    /// The machine is off, but the guest told no status.
    Silent,
}

/// A machine to be run.
pub(crate) struct Machine {
    arguments: Vec<OsString>,
    log: PathBuf,
    log_shown: bool,
    timeout: Duration,
    processor: &'static str,
}

impl Machine {
    /// A machine with one CPU, two serial ports and nothing else.
    pub(crate) fn new(log: PathBuf, timeout: Duration) -> Self {
        Self {
            arguments: Vec::new(),
            log,
            log_shown: false,
            timeout,
            processor: "max",
        }
    }

    /// Adds to the command line.
    pub(crate) fn argument(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Copies the kernel log to stderr while the guest runs.
    pub(crate) fn show_log(&mut self) {
        self.log_shown = true;
    }

    /// Makes the run deterministic: the clock counts instructions.
    ///
    /// The CPU model loses its fast string instructions, because the emulator would count each byte they move.
    pub(crate) fn count_instructions(&mut self) {
        self.processor = "max,-erms,-fsrm";
        self.argument("-icount").argument("shift=0,sleep=off");
    }

    /// Runs the machine to its end.
    pub(crate) fn run(&self, programs: Programs<'_>) -> Result<Ended> {
        fs::write(&self.log, "").with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut child = self.command().spawn().with_context(|| {
            format!("cannot run {EMULATOR}; Debian has it in the package qemu-system-x86")
        })?;
        let output = copy_output(&mut child, matches!(programs, Programs::Stdout));
        let complaints = collect(child.stderr.take());
        let ended = self.wait(&mut child)?;
        let output = output.join().unwrap_or_default();
        let complaints = complaints.join().unwrap_or_default();
        if let Programs::Captured(bytes) = programs {
            *bytes = output;
        }
        match ended {
            None => Ok(Ended::TimedOut),
            Some(status) => self.judge(status, &complaints),
        }
    }

    /// Copies the kernel log to where it is looked for afterwards.
    pub(crate) fn keep_log(&self, path: &Path) -> Result<()> {
        fs::copy(&self.log, path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }

    /// The last lines of the kernel log.
    pub(crate) fn log_tail(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = text.lines().collect();
        let skipped = lines.len().saturating_sub(15);
        lines[skipped..]
            .iter()
            .map(|line| format!("  {line}\n"))
            .collect()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(EMULATOR);
        command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        command.args(["-cpu", self.processor, "-smp", "1"]);
        command.args([
            "-chardev",
            "stdio,id=programs,signal=off",
            "-serial",
            "chardev:programs",
        ]);
        command.arg("-serial").arg(file_chardev(&self.log));
        command.args(&self.arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Waits until the machine is off; `None` when the time is over first.
    fn wait(&self, child: &mut Child) -> Result<Option<ExitStatus>> {
        let start = Instant::now();
        let mut shown = 0;
        let ended = loop {
            if let Some(status) = child.try_wait().context("cannot wait for QEMU")? {
                break Some(status);
            }
            if start.elapsed() >= self.timeout {
                child.kill().context("cannot stop QEMU")?;
                child.wait().context("cannot wait for QEMU")?;
                break None;
            }
            if self.log_shown {
                shown += self.show_log_from(shown);
            }
            thread::sleep(BEAT);
        };
        if self.log_shown {
            self.show_log_from(shown);
        }
        Ok(ended)
    }

    /// Copies what the log holds from `position` on to stderr.
    fn show_log_from(&self, position: u64) -> u64 {
        let mut news = Vec::new();
        let read = fs::File::open(&self.log).and_then(|mut file| {
            file.seek(SeekFrom::Start(position))?;
            file.read_to_end(&mut news)
        });
        // The log stays in its file; a terminal that is gone loses only this view of it.
        let _ = io::stderr().write_all(&news);
        read.map_or(0, |length| length as u64)
    }

    fn judge(&self, status: ExitStatus, complaints: &[u8]) -> Result<Ended> {
        let log = fs::read(&self.log).with_context(|| format!("cannot read {}", self.log.display()))?;
        if let Some(status) = told_status(&String::from_utf8_lossy(&log)) {
            return Ok(Ended::Status(status));
        }
        if log.is_empty() && !status.success() {
            let complaints = String::from_utf8_lossy(complaints).trim().replace('\n', "; ");
            bail!("QEMU failed ({status}): {complaints}");
        }
        Ok(Ended::Silent)
    }
}

/// The argument of `-serial` for a file of any name.
fn file_chardev(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// The status in the last line of a log that tells one.
fn told_status(log: &str) -> Option<u8> {
    let (_, told) = log.rsplit_once(STATUS_MARK)?;
    let digits = told.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Takes QEMU's output in a thread of its own: to stdout as it comes, or into memory.
fn copy_output(child: &mut Child, to_stdout: bool) -> JoinHandle<Vec<u8>> {
    let Some(mut pipe) = child.stdout.take() else {
        return thread::spawn(Vec::new);
    };
    if !to_stdout {
        return collect(Some(pipe));
    }
    thread::spawn(move || {
        let mut stdout = io::stdout();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            // The guest goes on when nobody reads its output any more: its status still counts.
            let _ = stdout.write_all(&buffer[..length]).and_then(|()| stdout.flush());
        }
        Vec::new()
    })
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // A broken pipe ends the output like a closed one.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::told_status;

    #[test]
    fn the_last_status_in_the_log_counts() {
        assert_eq!(
            told_status("boot\r\npower: off, status 1\r\npower: off, status 42\r\n"),
            Some(42)
        );
        assert_eq!(told_status("[    3.14] power: off, status 0\n"), Some(0));
        assert_eq!(told_status("power: off, status 300"), None);
        assert_eq!(told_status("nothing"), None);
    }
}
