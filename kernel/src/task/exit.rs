//! How threads and processes end, and what they leave: nothing.

use super::futex::Sharing;
use super::signal::Target;
use super::{Ending, Kernel, Pid, TaskId};
use crate::arch;
use crate::binder;
use crate::log;
use crate::mm::user;
use crate::object;
use abi::signal::{CLD_EXITED, CLD_KILLED, SA_NOCLDWAIT, SIG_IGN, Signal, SignalInfo};
use alloc::sync::Arc;
use core::mem;

/// The process whose end is the system's end.
const INIT: Pid = Pid(1);

/// A child that ended, until its parent asks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndedChild {
    /// Its number.
    pub(crate) id: Pid,
    /// Its group.
    pub(crate) group: Pid,
    /// How it ended.
    pub(crate) ending: Ending,
}

impl Kernel {
    /// Ends the current thread, and its process with it if it was the last.
    pub(crate) fn end_thread(&mut self, status: u8) {
        let task = self.current;
        self.give_up_mutexes(task);
        let word = self.thread().clear_child_tid;
        if word != 0
            && user::write_value(word, &0_u32).is_ok()
            && let Ok(key) = self.futex_key(word, Sharing::Possible)
        {
            self.futex_wake(key, 1, u32::MAX);
        }
        let pid = self.thread().process;
        let process = self.process_mut();
        if process.threads.len() == 1 {
            return self.end_process(pid, Ending::Exited(status));
        }
        process.threads.retain(|&other| other != task);
        self.remove_thread(task);
        // Signals that only this thread would have taken are for the others now.
        let others = self
            .processes
            .get(pid.0)
            .map(|process| process.threads.clone())
            .unwrap_or_default();
        for other in others {
            self.refresh_attention(other);
        }
    }

    pub(super) fn remove_thread(&mut self, task: TaskId) {
        self.give_up_mutexes(task);
        self.abandon_wait(task);
        self.scheduler.remove(task);
        self.threads.remove(task.0);
        self.missed = None;
    }

    /// Ends a process, whatever its threads are doing.
    pub(crate) fn end_process(&mut self, pid: Pid, ending: Ending) {
        let Some(process) = self.processes.get_mut(pid.0) else {
            return;
        };
        for task in mem::take(&mut process.threads) {
            self.remove_thread(task);
        }
        // As on Linux, mappings end before files do, unless another process has this memory too.
        if let Some(process) = self.processes.get(pid.0)
            && Arc::strong_count(&process.space) == 1
        {
            let windows = process.space.unmap_windows();
            binder::windows_left(self, &windows);
        }
        self.close_all(pid);
        let Some(process) = self.processes.remove(pid.0) else {
            return;
        };
        self.orphan_children(pid);
        let (vfork_parent, parent, exit_signal) = (process.vfork_parent, process.parent, process.exit_signal);
        let uid = process.credentials.uid;
        self.driver.opener_ended(pid, process.credentials.euid);
        let child = EndedChild {
            id: pid,
            group: process.group,
            ending,
        };
        // The memory goes before anybody hears of the end.
        let windows = process.space.windows();
        drop(process);
        binder::windows_left(self, &windows);
        self.release_vfork_parent(vfork_parent);
        if let Some(parent) = parent {
            self.tell_parent(parent, child, exit_signal, uid);
        }
        if pid == INIT {
            if let Ending::Killed(signal) = ending {
                log!("init was killed by {signal:?}");
            }
            arch::power_off(ending.shell_status());
        }
        object::process_ended(self, pid, ending);
    }

    /// The children of a process that ended have no parent any more.
    #[inline(never)]
    fn orphan_children(&mut self, pid: Pid) {
        let mut bereaved = alloc::vec::Vec::new();
        for child in self
            .processes
            .iter_mut()
            .filter(|child| child.parent == Some(pid))
        {
            child.parent = None;
            if let Some(signal) = child.parent_death_signal {
                bereaved.push((child.id, signal));
            }
        }
        for (child, signal) in bereaved {
            let info = SignalInfo::sent(signal, abi::signal::SI_USER, pid.0, 0);
            // It exists, and a full queue has the signal already.
            let _sent = self.send_signal(Target::Process(child), signal, info);
        }
    }

    #[inline(never)]
    fn tell_parent(&mut self, parent: Pid, child: EndedChild, signal: Option<Signal>, uid: u32) {
        let Some(process) = self.processes.get_mut(parent.0) else {
            return;
        };
        let action = process.signals.action(Signal::SIGCHLD);
        let forgets = action.handler == SIG_IGN || action.flags & SA_NOCLDWAIT != 0;
        if !(signal == Some(Signal::SIGCHLD) && forgets) {
            process.ended_children.push(child);
        }
        let channel = process.child_ended;
        if let Some(signal) = signal {
            let (code, status) = match child.ending {
                Ending::Exited(status) => (CLD_EXITED, i32::from(status)),
                Ending::Killed(signal) => (CLD_KILLED, i32::from(signal.number())),
            };
            let info = SignalInfo {
                signal: i32::from(signal.number()),
                ..SignalInfo::child(code, child.id.0, uid, status)
            };
            // It exists, and a full queue has the signal already.
            let _sent = self.send_signal(Target::Process(parent), signal, info);
        }
        self.wake(channel);
    }
}
