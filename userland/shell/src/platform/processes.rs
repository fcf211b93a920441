//! Programs, by the kernel's process manager.

use abi::Errno;
use libbinder::kernel::{self, ProcessManager, Spawn};
use libbinder::{ExceptionKind, Status};
use rt::sync::Once;
use shell::system::Launch;

use super::Descriptor;

/// A started program.
#[derive(Clone)]
pub(crate) struct Process(kernel::Process);

/// Status of a program about which the kernel says nothing any more.
const UNKNOWN: i32 = 255;

/// Starts a program with exactly the three files of `launch`.
pub(crate) fn spawn(launch: &Launch<Descriptor>) -> Result<Process, Errno> {
    static MANAGER: Once<ProcessManager> = Once::new();
    let manager = MANAGER
        .try_get_or_make(|| kernel::kernel()?.process_manager())
        .map_err(errno)?;
    let mut program = Spawn::new(&launch.path)
        .arguments(launch.arguments.iter().map(|argument| argument.as_str()))
        .file(rt::io::INPUT, launch.files.input.number())
        .file(rt::io::OUTPUT, launch.files.output.number())
        .file(rt::io::ERROR, launch.files.errors.number());
    for (name, value) in launch.environment.iter().filter_map(|pair| pair.split_once('=')) {
        program = program.variable(name, value);
    }
    manager.spawn(&program).map(Process).map_err(errno)
}

impl Process {
    /// Its number.
    pub(crate) fn pid(&self) -> i32 {
        self.0.pid()
    }

    /// Waits for its end; its status.
    pub(crate) fn wait(&self) -> i32 {
        self.0.wait().unwrap_or(UNKNOWN)
    }

    /// Its status, if it has ended.
    pub(crate) fn status(&self) -> Option<i32> {
        self.0.status().unwrap_or(Some(UNKNOWN))
    }

    /// Sends it a signal.
    pub(crate) fn kill(&self, signal: i32) -> Result<(), Errno> {
        self.0.kill(signal).map_err(errno)
    }
}

/// The error number that a kernel object meant.
fn errno(status: Status) -> Errno {
    let number = match status {
        Status::Transport(code) => code.code().checked_neg(),
        Status::Exception(exception) => match exception.kind {
            ExceptionKind::ServiceSpecific(number) => Some(number),
            _ => None,
        },
    };
    number
        .and_then(|number| u16::try_from(number).ok())
        .and_then(Errno::from_number)
        .unwrap_or(Errno::EIO)
}
