//! Starting a program in a process of its own.

use super::exit::EndedChild;
use super::signal::{ProcessSignals, ThreadSignals};
use super::thread::State;
use super::{Channel, Credentials, Kernel, KnownDescriptor, Limits, Pid, Process, Reach, TaskId, Thread};
use crate::arch::{Context, time};
use crate::exec::{self, Image};
use crate::file::FileTable;
use abi::Errno;
use abi::signal::SignalSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::Resumption;

/// The first process. Programs that the kernel starts are groups of its session.
const INIT: Pid = Pid(1);

/// A program to start.
#[derive(Debug)]
pub(crate) struct Spawn {
    /// Its number, as [`Kernel::reserve_pid`] gave it.
    pub(crate) id: Pid,
    /// Its file.
    pub(crate) path: Vec<u8>,
    /// Its arguments, its name first.
    pub(crate) arguments: Vec<Vec<u8>>,
    /// Its environment, as `NAME=value`.
    pub(crate) environment: Vec<Vec<u8>>,
    /// Its descriptors.
    pub(crate) files: FileTable,
    /// Its working directory.
    pub(crate) directory: Vec<u8>,
    /// Whose it is.
    pub(crate) credentials: Credentials,
    /// What it can name.
    pub(crate) reach: Reach,
    /// What it may use.
    pub(crate) limits: Limits,
}

impl Kernel {
    /// Starts a program. It has no parent: who may know of its end is told by the kernel's process object.
    ///
    /// # Errors
    ///
    /// What reading its file gives, ENOEXEC if it is no program, EAGAIN or ENOMEM if there is no room for it.
    pub(crate) fn spawn(&mut self, program: Spawn) -> Result<Pid, Errno> {
        let Spawn {
            id: pid,
            path,
            arguments,
            environment,
            files,
            directory,
            credentials,
            reach,
            limits,
        } = program;
        let image = exec::load(self, &path, &arguments, &environment, credentials);
        let started = image
            .and_then(|image| Self::first_thread(pid, &image, credentials).map(|thread| (image, thread)));
        let (image, thread) = match started {
            Ok(started) => started,
            Err(errno) => {
                self.release_table(files);
                return Err(errno);
            }
        };
        let process = Process {
            id: pid,
            parent: None,
            group: pid,
            session: INIT,
            executed: false,
            threads: alloc::vec![thread.id],
            space: image.space,
            files,
            credentials,
            reach,
            limits,
            umask: 0o022,
            directory,
            executable: image.path,
            bias: image.bias,
            command_line: Process::join_arguments(&arguments),
            auxiliary: image.auxiliary,
            signals: ProcessSignals::new(),
            child_ended: Channel::new(),
            ended_children: Vec::<EndedChild>::new(),
            missing_calls: Vec::new(),
            exit_signal: None,
            parent_death_signal: None,
            vfork_parent: None,
            started: time::now(),
        };
        self.add(Some(process), thread)?;
        Ok(pid)
    }

    /// A number for a process that is about to be started.
    ///
    /// # Errors
    ///
    /// EAGAIN if all are in use.
    pub(crate) fn reserve_pid(&mut self) -> Result<Pid, Errno> {
        self.new_number().map(Pid)
    }

    fn first_thread(pid: Pid, image: &Image, credentials: Credentials) -> Result<Thread, Errno> {
        let name = image.path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        Ok(Thread {
            id: TaskId(pid.0),
            process: pid,
            name: Thread::fit_name(name),
            context: Context::new(image.entry, image.stack_pointer)?,
            space: Arc::clone(&image.space),
            state: State::Ready,
            reading: None,
            wait: None,
            resumption: Resumption::Woken,
            kept_deadline: None,
            credentials,
            nice: 0,
            settled_nice: Thread::UNSETTLED,
            clear_child_tid: 0,
            robust_list: 0,
            signals: ThreadSignals::new(SignalSet::EMPTY),
            binder: None,
            known: KnownDescriptor::NONE,
        })
    }

    /// Puts a new thread, and its process if that is new, into the tables, ready to run.
    pub(super) fn add(&mut self, process: Option<Process>, thread: Thread) -> Result<(), Errno> {
        let task = thread.id;
        self.threads.insert(thread)?;
        if let Some(process) = process
            && let Err(errno) = self.processes.insert(process)
        {
            self.threads.remove(task.0);
            return Err(errno);
        }
        self.scheduler.enqueue(task);
        Ok(())
    }

    /// Closes the descriptors of a table that no process has.
    pub(crate) fn release_table(&mut self, mut files: FileTable) {
        for file in files.take_all() {
            self.release_file(file);
        }
    }
}
