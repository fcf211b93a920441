//! New threads of a process, and processes made from a process.

use super::exit::EndedChild;
use super::{Channel, Credentials, Kernel, Pid, Process, TaskId, Thread};
use crate::arch::time;
use crate::mm::user;
use abi::Errno;
use abi::signal::Signal;
use abi::thread::CloneFlags;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::Resumption;

/// What a thread of a process must share with the others, because here a process *is* what they share.
const SHARED_BY_THREADS: CloneFlags = CloneFlags::VM
    .union(CloneFlags::FS)
    .union(CloneFlags::FILES)
    .union(CloneFlags::SIGHAND);

/// Sharing more than memory between processes, namespaces, and descriptors for processes are not there.
const UNKNOWN: CloneFlags = CloneFlags::PIDFD
    .union(CloneFlags::PTRACE)
    .union(CloneFlags::NEWNS)
    .union(CloneFlags::NEWTIME)
    .union(CloneFlags::NEWCGROUP)
    .union(CloneFlags::NEWUTS)
    .union(CloneFlags::NEWIPC)
    .union(CloneFlags::NEWUSER)
    .union(CloneFlags::NEWPID)
    .union(CloneFlags::NEWNET)
    .union(CloneFlags::INTO_CGROUP);

/// What a clone is to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewTask {
    /// What it shares, and what is stored where.
    pub(crate) flags: CloneFlags,
    /// The signal that tells the parent of the end of a new process.
    pub(crate) exit_signal: Option<Signal>,
    /// Its stack pointer; 0 for the same as the caller's.
    pub(crate) stack: u64,
    /// Where the parent wants the number.
    pub(crate) parent_tid: u64,
    /// Where the child wants the number.
    pub(crate) child_tid: u64,
    /// Its thread pointer.
    pub(crate) thread_pointer: u64,
}

impl NewTask {
    fn check(&self) -> Result<(), Errno> {
        let flags = self.flags;
        let shares = flags.intersection(SHARED_BY_THREADS);
        let sensible = if flags.contains(CloneFlags::THREAD) {
            shares == SHARED_BY_THREADS && !flags.contains(CloneFlags::VFORK)
        } else {
            shares.difference(CloneFlags::VM).is_empty()
        };
        if sensible && !flags.intersects(UNKNOWN) {
            Ok(())
        } else {
            Err(Errno::EINVAL)
        }
    }
}

impl Kernel {
    /// Makes a copy of the current thread: another thread of its process, or the first of a new process.
    ///
    /// # Errors
    ///
    /// EINVAL for a combination of flags that has no meaning or is not there; EPERM for a process that a confined one
    /// wants; ENOMEM, EAGAIN without room.
    pub(crate) fn clone_task(&mut self, new: &NewTask) -> Result<TaskId, Errno> {
        new.check()?;
        let is_thread = new.flags.contains(CloneFlags::THREAD);
        if !is_thread {
            self.may_concern_processes()?;
        }
        let task = TaskId(self.new_number()?);
        let space = if new.flags.contains(CloneFlags::VM) {
            Arc::clone(&self.thread().space)
        } else {
            self.thread().space.duplicate()?
        };
        let parent = self.current;
        let caller = self.thread_mut();
        let mut context = caller.context.duplicate()?;
        context.set_result(0);
        if new.stack != 0 {
            context.registers_mut().rsp = new.stack;
        }
        if new.flags.contains(CloneFlags::SETTLS) {
            context.set_fs_base(new.thread_pointer)?;
        }
        let mut thread = Thread::new(task, context, Arc::clone(&space), caller.credentials);
        if is_thread {
            thread.process = caller.process;
        }
        thread.name = caller.name;
        thread.nice = caller.nice;
        thread.signals.mask = caller.signals.mask;
        if !new.flags.contains(CloneFlags::VM) || new.flags.contains(CloneFlags::VFORK) {
            thread.signals.stack = caller.signals.stack;
        }
        if new.flags.contains(CloneFlags::CHILD_CLEARTID) {
            thread.clear_child_tid = new.child_tid;
        }
        if new.flags.contains(CloneFlags::PARENT_SETTID) {
            user::write_value(new.parent_tid, &task.0)?;
        }
        if new.flags.contains(CloneFlags::CHILD_SETTID) {
            // Linux lets the child fault on it, silently.
            let _stored = space.write(new.child_tid, &task.0.to_ne_bytes());
        }
        if is_thread {
            self.add(None, thread)?;
            self.process_mut().threads.push(task);
        } else {
            let mut process = self.child_process(task, space, new, thread.credentials)?;
            if new.flags.contains(CloneFlags::VFORK) {
                process.vfork_parent = Some(parent);
            }
            self.add(Some(process), thread)?;
        }
        Ok(task)
    }

    /// A copy of the current process, with nothing of what happened to it.
    #[inline(never)]
    fn child_process(
        &self,
        task: TaskId,
        space: Arc<crate::mm::AddressSpace>,
        new: &NewTask,
        credentials: Credentials,
    ) -> Result<Box<Process>, Errno> {
        let parent = self.process();
        let files = parent.files.duplicate()?;
        let mut signals = parent.signals.duplicate();
        if new.flags.contains(CloneFlags::CLEAR_SIGHAND) {
            signals.forget_handlers();
        }
        Ok(Box::new(Process {
            id: Pid(task.0),
            parent: if new.flags.contains(CloneFlags::PARENT) {
                parent.parent
            } else {
                Some(parent.id)
            },
            group: parent.group,
            session: parent.session,
            executed: false,
            threads: alloc::vec![task],
            space,
            files,
            credentials,
            reach: parent.reach,
            limits: parent.limits.clone(),
            umask: parent.umask,
            directory: parent.directory.clone(),
            executable: parent.executable.clone(),
            bias: parent.bias,
            command_line: parent.command_line.clone(),
            auxiliary: parent.auxiliary.clone(),
            signals,
            child_ended: Channel::new(),
            ended_children: Vec::<EndedChild>::new(),
            missing_calls: Vec::new(),
            exit_signal: new.exit_signal,
            parent_death_signal: None,
            vfork_parent: None,
            started: time::now(),
        }))
    }

    /// A process no longer uses the memory of the thread that made it and waits for that.
    pub(crate) fn release_vfork_parent(&mut self, parent: Option<TaskId>) {
        if let Some(parent) = parent {
            self.make_ready(parent, Resumption::Woken);
        }
    }
}
