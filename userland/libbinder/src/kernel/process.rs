//! Starting programs, and having them in hand.

use super::ask;
use crate::binder::IBinder;
use crate::parcel::{FileDescriptor, Parcel};
use crate::status::{Result, StatusCode};
use abi::kernel_objects::{process, process_manager};
use alloc::string::String;
use alloc::vec::Vec;

/// Starts programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessManager(IBinder);

/// A program that runs somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its number.
    pub pid: i32,
    /// The program's name.
    pub program: String,
}

impl crate::FromParcel for Running {
    fn read_from(parcel: &Parcel) -> core::result::Result<Self, StatusCode> {
        Ok(Self {
            pid: parcel.read()?,
            program: parcel.read()?,
        })
    }
}

impl ProcessManager {
    /// The object, known to be of this kind.
    pub const fn new(binder: IBinder) -> Self {
        Self(binder)
    }

    /// The object, to pass it on.
    pub const fn as_binder(&self) -> &IBinder {
        &self.0
    }

    /// All processes.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn list(&self) -> Result<Vec<Running>> {
        ask(
            &self.0,
            process_manager::DESCRIPTOR,
            process_manager::LIST,
            |_| Ok(()),
        )
    }

    /// Starts a program.
    ///
    /// # Errors
    ///
    /// A service-specific exception with the errno when it cannot be started.
    pub fn spawn(&self, program: &Spawn<'_>) -> Result<Process> {
        let (binder, pid) = ask(
            &self.0,
            process_manager::DESCRIPTOR,
            process_manager::SPAWN,
            |data| program.write(data),
        )?;
        Ok(Process { binder, pid })
    }
}

/// A program to start, and all that it is given.
#[derive(Clone, Debug)]
pub struct Spawn<'a> {
    path: &'a str,
    arguments: Vec<&'a str>,
    environment: Vec<String>,
    files: Vec<(i32, i32)>,
    handles: Vec<(&'a str, &'a IBinder)>,
}

impl<'a> Spawn<'a> {
    /// A program that is called by its path, and has no further arguments, no environment, files or handles.
    pub fn new(path: &'a str) -> Self {
        Self {
            path,
            arguments: [path].into(),
            environment: Vec::new(),
            files: Vec::new(),
            handles: Vec::new(),
        }
    }

    /// With these arguments; the first one is the name that the program is called by.
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments = arguments.into_iter().collect();
        self
    }

    /// With a variable in its environment.
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push([name, value].join("="));
        self
    }

    /// With a copy of this process's environment, except what is about this process's own handles.
    pub fn inherit_environment(mut self) -> Self {
        let own = [
            process_manager::DEVICE_VARIABLE,
            process_manager::HANDLES_VARIABLE,
        ];
        let inherited = rt::environment::variables().filter(|(name, _)| !own.contains(name));
        self.environment
            .extend(inherited.map(|(name, value)| [name, value].join("=")));
        self
    }

    /// With the open file `fd` of this process as its descriptor `number`.
    pub fn file(mut self, number: i32, fd: i32) -> Self {
        self.files.push((number, fd));
        self
    }

    /// With standard input, output and error of this process.
    pub fn standard_files(self) -> Self {
        self.file(0, 0).file(1, 1).file(2, 2)
    }

    /// With an object that it finds as [`granted`](super::granted) under this name.
    pub fn handle(mut self, name: &'a str, object: &'a IBinder) -> Self {
        self.handles.push((name, object));
        self
    }

    fn write(&self, data: &mut Parcel) -> core::result::Result<(), StatusCode> {
        data.write(self.path)?;
        data.write(&self.arguments)?;
        data.write(&self.environment)?;
        data.writer().write_length(self.files.len());
        for &(number, fd) in &self.files {
            data.write(&number)?;
            data.write_file(FileDescriptor::duplicate_of(fd)?);
        }
        data.writer().write_length(self.handles.len());
        for &(name, object) in &self.handles {
            data.write(name)?;
            data.write(object)?;
        }
        Ok(())
    }
}

/// A program that was started. Whoever holds it may end it; its death notification is the program's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    binder: IBinder,
    pid: i32,
}

impl Process {
    /// An `IProcess` object that somebody passed on.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn from_binder(binder: IBinder) -> Result<Self> {
        let pid = ask(&binder, process::DESCRIPTOR, process::PID, |_| Ok(()))?;
        Ok(Self { binder, pid })
    }

    /// The object, to pass it on or to link to its death.
    pub const fn as_binder(&self) -> &IBinder {
        &self.binder
    }

    /// The process's number.
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// Sends it a signal. One that has ended already is no error.
    ///
    /// # Errors
    ///
    /// Why the kernel refused.
    pub fn kill(&self, signal: i32) -> Result<()> {
        ask(&self.binder, process::DESCRIPTOR, process::KILL, |data| {
            data.write(&signal)
        })
    }

    /// Waits for its end. Gives its status as shells count it: 128 and the signal if one ended it.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn wait(&self) -> Result<i32> {
        ask(&self.binder, process::DESCRIPTOR, process::WAIT, |_| Ok(()))
    }

    /// Its status, if it has ended.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn status(&self) -> Result<Option<i32>> {
        let (running, status): (bool, i32) =
            ask(&self.binder, process::DESCRIPTOR, process::STATUS, |_| Ok(()))?;
        Ok((!running).then_some(status))
    }
}
