//! Starting programs, and having them in hand.

use super::{ask, kernel};
use crate::binder::IBinder;
use crate::parcel::{FileDescriptor, FromParcel, Parcel};
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

impl FromParcel for Running {
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

    /// A process manager that starts confined programs only: what a confined program may be given.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn confined(&self) -> Result<Self> {
        let binder = ask(
            &self.0,
            process_manager::DESCRIPTOR,
            process_manager::CONFINED,
            |_| Ok(()),
        )?;
        Ok(Self(binder))
    }

    /// Starts a program.
    ///
    /// # Errors
    ///
    /// A security exception when this process manager may not start such a program; a service-specific exception with the errno when it cannot be started.
    pub fn spawn(&self, program: &Spawn<'_>) -> Result<Process> {
        let (binder, pid) = self.ask_to_spawn(process_manager::SPAWN, program)?;
        Ok(Process { binder, pid })
    }

    /// Starts a program that ends with its [lease](Process::lease), which comes with it: when this process lets go of
    /// the lease or ends, at whatever moment, the program is killed.
    ///
    /// # Errors
    ///
    /// As [`ProcessManager::spawn`].
    pub fn spawn_leased(&self, program: &Spawn<'_>) -> Result<(Process, IBinder)> {
        let ((binder, pid), lease) = self.ask_to_spawn(process_manager::SPAWN_LEASED, program)?;
        Ok((Process { binder, pid }, lease))
    }

    fn ask_to_spawn<T: FromParcel>(&self, code: u32, program: &Spawn<'_>) -> Result<T> {
        let handles = self.carry_here(program)?;
        ask(&self.0, process_manager::DESCRIPTOR, code, |data| {
            program.write(data, handles.as_deref())
        })
    }

    /// The program's handles, as the connection knows them that calls to this object go over.
    fn carry_here(&self, program: &Spawn<'_>) -> Result<Option<Vec<IBinder>>> {
        let Some(handles) = &program.handles else {
            return Ok(None);
        };
        let here = self.0.process();
        let carried = handles.iter().map(|&(_, object)| match (here, object.process()) {
            (Some(here), Some(other)) if !core::ptr::eq(here, other) => kernel()?.carry(object, here),
            _ => Ok(object.clone()),
        });
        carried.collect::<Result<_>>().map(Some)
    }
}

/// A program to start, and all that it is given.
#[derive(Clone, Debug)]
pub struct Spawn<'a> {
    path: &'a str,
    arguments: Vec<&'a str>,
    environment: Vec<String>,
    files: Vec<(i32, i32)>,
    /// The handles that it is confined to; an ordinary program has no such list.
    handles: Option<Vec<(&'a str, &'a IBinder)>>,
}

impl<'a> Spawn<'a> {
    /// An ordinary program that is called by its path, and has no further arguments, no environment and no files.
    pub fn new(path: &'a str) -> Self {
        Self {
            path,
            arguments: [path].into(),
            environment: Vec::new(),
            files: Vec::new(),
            handles: None,
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

    /// Confined to what it is given: to it, nothing else has a name, be it a file, a device or a process.
    pub fn confined(mut self) -> Self {
        self.handles.get_or_insert_default();
        self
    }

    /// [Confined](Self::confined), and with an object that it finds as [`granted`](super::granted) under this name.
    pub fn handle(mut self, name: &'a str, object: &'a IBinder) -> Self {
        self.handles.get_or_insert_default().push((name, object));
        self
    }

    fn write(&self, data: &mut Parcel, carried: Option<&[IBinder]>) -> core::result::Result<(), StatusCode> {
        data.write(self.path)?;
        data.write(&self.arguments)?;
        data.write(&self.environment)?;
        data.writer().write_length(self.files.len());
        for &(number, fd) in &self.files {
            data.write(&number)?;
            data.write_file(FileDescriptor::duplicate_of(fd)?);
        }
        let (Some(handles), Some(carried)) = (&self.handles, carried) else {
            return data.write(&process_manager::NULL_LIST);
        };
        data.writer().write_length(handles.len());
        for ((name, _), object) in handles.iter().zip(carried) {
            data.write(*name)?;
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

    /// An object that keeps it running: when all holders have let go of it or ended, the program is killed.
    ///
    /// # Errors
    ///
    /// An exception when it has ended already, or why the kernel did not answer.
    pub fn lease(&self) -> Result<IBinder> {
        ask(&self.binder, process::DESCRIPTOR, process::LEASE, |_| Ok(()))
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
