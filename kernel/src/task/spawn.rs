//! Starting a program in a process of its own.

use super::exit::EndedChild;
use super::signal::ProcessSignals;
use super::{Channel, Credentials, Kernel, Limits, Pid, Process, Reach, TaskId, Thread};
use crate::arch::{Context, time};
use crate::exec::{self, Image};
use crate::file::FileTable;
use abi::Errno;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

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
    /// Whose it is.
    pub(crate) credentials: Credentials,
    /// What it can name.
    pub(crate) reach: Reach,
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
            credentials,
            reach,
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
        let process = Box::new(Process {
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
            limits: Limits::INITIAL,
            umask: 0o022,
            directory: alloc::vec![b'/'],
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
        });
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

    fn first_thread(pid: Pid, image: &Image, credentials: Credentials) -> Result<Box<Thread>, Errno> {
        let context = Context::new(image.entry, image.stack_pointer)?;
        let space = Arc::clone(&image.space);
        let mut thread = Thread::new(TaskId(pid.0), context, space, credentials);
        thread.name = Thread::name_of(&image.path);
        Ok(thread)
    }

    /// Puts a new thread, and its process if that is new, into the tables, ready to run.
    pub(super) fn add(&mut self, process: Option<Box<Process>>, thread: Box<Thread>) -> Result<(), Errno> {
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
}
