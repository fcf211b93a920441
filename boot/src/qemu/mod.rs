//! One run of QEMU: its command line, its two serial ports, its end.
//!
//! The first serial port is QEMU's standard output and carries what programs write. The second is a file, the kernel
//! log, in which the guest's last words tell how it ended.

mod log;
mod stream;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::terminal::Terminal;
pub(crate) use log::KernelLog;
use stream::{Collected, after, collect, copy_to_stdout};

/// The emulator.
const EMULATOR: &str = "qemu-system-x86_64";

/// Starts a program so that it does not outlive this tool.
const LEASH: &str = "/usr/bin/setpriv";

/// How often a running guest is looked after.
const BEAT: Duration = Duration::from_millis(10);

/// QEMU's status after a guest wrote 0x10 to the debug exit: it switched off.
const SWITCHED_OFF: i32 = 33;

/// QEMU's status after a guest wrote 0x32 to the debug exit: its kernel panicked.
const PANICKED: i32 = 101;

/// The note that QEMU makes of a triple fault.
const TRIPLE_FAULT: &str = "Triple fault";

/// Where the first serial port leads.
pub(crate) enum Programs<'a> {
    /// To and from this tool's terminal.
    Terminal,
    /// From this tool's stdin and to its stdout, as bytes come.
    Piped,
    /// To this tool's stdout, as bytes come; there is no input.
    Stdout,
    /// Into memory; there is no input.
    Captured(&'a mut Vec<u8>),
}

/// How a guest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It switched off and told the status of its line.
    Status(u8),
    /// Its kernel panicked.
    Panicked,
    /// It wants to be started again.
    Rebooting,
    /// It did not end in time and was stopped.
    TimedOut,
    /// A fault while handling a fault while handling a fault reset the machine.
    TripleFault,
    /// The machine is off, but the guest told no status: perhaps the user stopped it.
    Silent,
}

/// A machine to be run.
pub(crate) struct Machine {
    arguments: Vec<OsString>,
    log: KernelLog,
    timeout: Option<Duration>,
    processor: &'static str,
    /// Shows the log while the machine runs.
    follow: bool,
    /// What separates the firmware's output from the programs'.
    mark: Option<&'static [u8]>,
    /// Where the emulator notes what becomes of the CPU.
    notes: PathBuf,
}

impl Machine {
    /// A machine with one CPU, two serial ports and nothing else.
    pub(crate) fn new(log: PathBuf, timeout: Option<Duration>) -> Self {
        let notes = log.with_extension("notes");
        let log = KernelLog::new(log);
        Self {
            arguments: Vec::new(),
            log,
            timeout,
            processor: "max",
            follow: false,
            mark: None,
            notes,
        }
    }

    /// Adds to the command line.
    pub(crate) fn argument(&mut self, argument: impl AsRef<OsStr>) -> &mut Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Copies the kernel log to stderr while the guest runs.
    pub(crate) fn show_log(&mut self) {
        self.follow = true;
    }

    /// Drops what comes on the first serial port before `mark`.
    pub(crate) fn begin_after(&mut self, mark: &'static [u8]) {
        self.mark = Some(mark);
    }

    /// Makes the run deterministic: the clock counts instructions.
    ///
    /// The CPU model loses its fast string instructions, because the emulator would count each byte they move.
    pub(crate) fn count_instructions(&mut self) {
        self.processor = "max,-erms,-fsrm";
        self.argument("-icount").argument("shift=0,sleep=off");
    }

    /// Lets the emulator note each instruction in a range of addresses, one at a time, in a file or a pipe.
    pub(crate) fn note_instructions(&mut self, range: &Range<u64>, file: &Path) {
        let length = range.end - range.start;
        self.argument("-singlestep")
            .argument("-d")
            .argument("exec,nochain");
        self.argument("-dfilter")
            .argument(format!("{:#x}+{length:#x}", range.start));
        file.clone_into(&mut self.notes);
    }

    /// Lets the guest's memory be a file, in which it can be read when the machine is off.
    pub(crate) fn memory_in_file(&mut self, mebibytes: u32, file: &Path) {
        let path = option_path(file);
        self.argument("-object").argument(format!(
            "memory-backend-file,id=memory,size={mebibytes}M,share=on,mem-path={path}"
        ));
        self.argument("-machine").argument("memory-backend=memory");
    }

    /// The kernel log of the last run.
    pub(crate) fn log(&self) -> &KernelLog {
        &self.log
    }

    /// Runs the machine to its end.
    pub(crate) fn run(&self, programs: Programs<'_>) -> Result<Ended> {
        self.log.clear()?;
        let terminal = Terminal::save();
        let mut child = self.command(&programs).spawn().with_context(|| {
            format!("cannot run {EMULATOR}, which Debian has in the package qemu-system-x86")
        })?;
        let output = match programs {
            Programs::Captured(_) => collect(child.stdout.take()),
            Programs::Terminal | Programs::Piped | Programs::Stdout => {
                copy_to_stdout(child.stdout.take(), self.mark)
            }
        };
        let complaints = collect(child.stderr.take());
        let ended = self.wait(&mut child);
        terminal.restore();
        let output = output.join().unwrap_or_default();
        let complaints = complaints.join().unwrap_or_default();
        if let Programs::Captured(bytes) = programs {
            let begun = self.mark.and_then(|mark| after(&output, mark));
            *bytes = begun.unwrap_or(&output).to_vec();
        }
        match ended? {
            None => Ok(Ended::TimedOut),
            Some(status) => self.judge(status, &complaints),
        }
    }

    fn command(&self, programs: &Programs<'_>) -> Command {
        let mut command = Command::new(EMULATOR);
        if Path::new(LEASH).exists() {
            command = Command::new(LEASH);
            command.args(["--pdeathsig", "KILL", EMULATOR]);
        }
        command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
        command.args(["-cpu", self.processor, "-smp", "1"]);
        // A multiplexed terminal understands Ctrl-A x, with which a user can stop a guest that is stuck.
        let (mux, input, output) = match programs {
            Programs::Terminal => ("on", Stdio::inherit(), Stdio::inherit()),
            Programs::Piped => ("off", Stdio::inherit(), Stdio::piped()),
            Programs::Stdout | Programs::Captured(_) => ("off", Stdio::null(), Stdio::piped()),
        };
        command
            .arg("-chardev")
            .arg(format!("stdio,id=programs,signal=off,mux={mux}"));
        command.args(["-serial", "chardev:programs"]);
        command.arg("-serial").arg(self.log.serial_port());
        command.args(["-d", "cpu_reset", "-D"]).arg(&self.notes);
        command.args(&self.arguments);
        command.stdin(input).stdout(output).stderr(Stdio::piped());
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
            if self.timeout.is_some_and(|timeout| start.elapsed() >= timeout) {
                child.kill().context("cannot stop QEMU")?;
                child.wait().context("cannot wait for QEMU")?;
                break None;
            }
            if self.follow {
                shown += self.log.show_from(shown);
            }
            thread::sleep(BEAT);
        };
        if self.follow {
            self.log.show_from(shown);
        }
        Ok(ended)
    }

    fn faulted_thrice(&self) -> bool {
        // Not if it is a pipe, which nobody writes to any more.
        self.notes.is_file()
            && fs::read(&self.notes).is_ok_and(|notes| String::from_utf8_lossy(&notes).contains(TRIPLE_FAULT))
    }

    fn judge(&self, status: ExitStatus, complaints: &Collected) -> Result<Ended> {
        let told = self.log.told_status();
        match status.code() {
            Some(PANICKED) => Ok(Ended::Panicked),
            Some(SWITCHED_OFF) => Ok(told.map_or(Ended::Silent, Ended::Status)),
            Some(0) if self.faulted_thrice() => Ok(Ended::TripleFault),
            Some(0) if self.log.says_reboot() => Ok(Ended::Rebooting),
            Some(0) => Ok(told.map_or(Ended::Silent, Ended::Status)),
            Some(_) | None => {
                let complaints = String::from_utf8_lossy(complaints).trim().replace('\n', "; ");
                bail!("QEMU failed ({status}): {complaints}")
            }
        }
    }
}

/// A path as part of a QEMU option, in which a comma is doubled.
pub(crate) fn option_path(path: &Path) -> String {
    path.to_string_lossy().replace(',', ",,")
}

/// Makes `name` another name of the file a run writes, so that it can be read while the guest runs.
pub(crate) fn publish(file: &Path, name: &Path) -> Result<()> {
    let link = file.with_extension("link");
    let made = fs::write(file, "").and_then(|()| fs::hard_link(file, &link));
    made.and_then(|()| fs::rename(&link, name))
        .with_context(|| format!("cannot make {}", name.display()))
}
