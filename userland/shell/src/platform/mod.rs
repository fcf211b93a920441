//! The system under the shell: Bindery's kernel objects and files.

mod descriptor;
mod foreground;
mod processes;

use alloc::string::String;
use alloc::vec::Vec;

use abi::Errno;
use rt::sync::Mutex;
use rt::syscall::{self, DescriptorFlags, OpenFlags};
use shell::System;
use shell::execute::Use;
use shell::system::{Files, Launch, OpenMode};

use crate::commands;
pub(crate) use descriptor::Descriptor;
use foreground::Foreground;
pub(crate) use processes::Process;

/// The console's descriptor.
pub(crate) const CONSOLE: i32 = rt::io::INPUT;

/// What the shell runs on.
pub(crate) struct Platform {
    /// The terminal of programs in the foreground, where somebody types.
    foreground: Option<Mutex<Foreground>>,
}

impl Platform {
    /// The system as the shell uses it.
    pub(crate) fn new(usage: Use) -> rt::Result<Self> {
        let foreground = match usage {
            Use::Interactive => Some(Mutex::new(Foreground::new()?)),
            Use::Script => None,
        };
        Ok(Self { foreground })
    }

    /// The files that commands get at first.
    pub(crate) fn files(&self) -> Files<Descriptor> {
        let input = match &self.foreground {
            Some(foreground) => foreground.lock().input.clone(),
            None => Descriptor::inherited(rt::io::INPUT),
        };
        Files {
            input,
            output: Descriptor::inherited(rt::io::OUTPUT),
            errors: Descriptor::inherited(rt::io::ERROR),
        }
    }

    /// Gives the programs of the next line a fresh terminal; what was typed on the old one and not read.
    pub(crate) fn renew_foreground(&self) -> rt::Result<Vec<u8>> {
        let Some(foreground) = &self.foreground else {
            return Ok(Vec::new());
        };
        let mut foreground = foreground.lock();
        let unread = foreground.unread();
        *foreground = Foreground::new()?;
        Ok(unread)
    }
}

/// Opens a file.
pub(crate) fn open(path: &str, mode: OpenMode) -> Result<Descriptor, Errno> {
    let flags = match mode {
        OpenMode::Read => OpenFlags::empty(),
        OpenMode::Write => OpenFlags::WRITE_ONLY | OpenFlags::CREATE | OpenFlags::TRUNCATE,
        OpenMode::Append => OpenFlags::WRITE_ONLY | OpenFlags::CREATE | OpenFlags::APPEND,
    };
    syscall::open(path, flags | OpenFlags::CLOEXEC).map(Descriptor::opened)
}

impl System for Platform {
    type File = Descriptor;
    type Process = Process;

    fn spawn(&self, launch: &Launch<Descriptor>) -> Result<Process, Errno> {
        processes::spawn(launch)
    }

    fn pid(&self, process: &Process) -> i32 {
        process.pid()
    }

    fn wait(&self, process: &Process) -> i32 {
        process.wait()
    }

    fn wait_foreground(&self, processes: &[Process]) -> i32 {
        match &self.foreground {
            Some(foreground) => foreground.lock().wait(processes),
            None => processes.iter().fold(0, |_, process| process.wait()),
        }
    }

    fn status(&self, process: &Process) -> Option<i32> {
        process.status()
    }

    fn kill(&self, process: &Process, signal: i32) -> Result<(), Errno> {
        process.kill(signal)
    }

    fn kill_pid(&self, pid: i32, signal: i32) -> Result<(), Errno> {
        syscall::kill(pid, signal)
    }

    fn open(&self, path: &str, mode: OpenMode) -> Result<Descriptor, Errno> {
        open(path, mode)
    }

    fn pipe(&self) -> Result<(Descriptor, Descriptor), Errno> {
        let (read, write) = syscall::pipe(DescriptorFlags::CLOEXEC)?;
        Ok((Descriptor::opened(read), Descriptor::opened(write)))
    }

    fn write(&self, file: &Descriptor, bytes: &[u8]) -> Result<(), Errno> {
        syscall::write_all(file.number(), bytes)
    }

    fn exists(&self, path: &str) -> bool {
        open(path, OpenMode::Read).is_ok()
    }

    fn programs(&self) -> Vec<String> {
        let mut names: Vec<_> = syscall::entries("/bin")
            .unwrap_or_default()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        names.sort();
        names
    }

    fn sleep(&self, nanoseconds: u64) {
        syscall::sleep_ns(nanoseconds);
    }

    fn commands(&self) -> &'static [(&'static str, &'static str)] {
        commands::NAMES
    }

    fn run_command(&self, index: usize, arguments: &[String], files: &Files<Descriptor>) -> i32 {
        commands::run(index, arguments, files)
    }
}
