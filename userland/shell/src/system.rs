//! What the shell asks of the system it runs on.

use abi::Errno;
use alloc::string::String;
use alloc::vec::Vec;

/// How a file is opened for a redirection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// For reading.
    Read,
    /// For writing, made or emptied.
    Write,
    /// For writing at its end, made where it is missing.
    Append,
}

/// The three files every command has.
#[derive(Clone, Debug)]
pub struct Files<F> {
    /// Descriptor 0.
    pub input: F,
    /// Descriptor 1.
    pub output: F,
    /// Descriptor 2.
    pub errors: F,
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct Launch<F> {
    /// The program's file.
    pub path: String,
    /// Its arguments, its name first.
    pub arguments: Vec<String>,
    /// `NAME=VALUE` pairs.
    pub environment: Vec<String>,
    /// Its files.
    pub files: Files<F>,
}

/// What the shell needs to run lines.
///
/// Methods take `&self`: a program keeps what changes behind its own locks, as the console is also read by the
/// thread that waits for Ctrl-C.
pub trait System {
    /// An open file. Dropping the last clone closes it.
    type File: Clone;
    /// A started program. Holding it is the right to end it.
    type Process;

    /// Starts a program.
    fn spawn(&self, launch: &Launch<Self::File>) -> Result<Self::Process, Errno>;
    /// The number a process is known by.
    fn pid(&self, process: &Self::Process) -> i32;
    /// Waits until a process has ended; its status.
    fn wait(&self, process: &Self::Process) -> i32;
    /// Waits for the processes in the foreground, passing them what is typed; the last one's status.
    fn wait_foreground(&self, processes: &[Self::Process]) -> i32;
    /// The status of a process that has ended.
    fn status(&self, process: &Self::Process) -> Option<i32>;
    /// Sends a signal to a process the shell started.
    fn kill(&self, process: &Self::Process, signal: i32) -> Result<(), Errno>;
    /// Sends a signal to any process.
    fn kill_pid(&self, pid: i32, signal: i32) -> Result<(), Errno>;
    /// Opens a file.
    fn open(&self, path: &str, mode: OpenMode) -> Result<Self::File, Errno>;
    /// A pipe: the end to read, the end to write.
    fn pipe(&self) -> Result<(Self::File, Self::File), Errno>;
    /// Writes all of `bytes`.
    fn write(&self, file: &Self::File, bytes: &[u8]) -> Result<(), Errno>;
    /// Whether `path` is there.
    fn exists(&self, path: &str) -> bool;
    /// The names of the programs in `/bin`.
    fn programs(&self) -> Vec<String>;
    /// Sleeps.
    fn sleep(&self, nanoseconds: u64);
    /// The names of the commands that only this system has, each with a line of help.
    fn commands(&self) -> &'static [(&'static str, &'static str)];
    /// Runs one of them, by its place in `commands`.
    fn run_command(&self, index: usize, arguments: &[String], files: &Files<Self::File>) -> i32;
}
