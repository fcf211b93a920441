//! Sending signals.

use super::QueueFull;
use crate::task::thread::State;
use crate::task::{Kernel, Pid, TaskId};
use abi::Errno;
use abi::signal::{SI_KERNEL, Signal, SignalInfo, SignalSet};
use binder_driver::Resumption;

/// Who is to take a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Any thread of the process.
    Process(Pid),
    /// This thread.
    Thread(TaskId),
}

impl Kernel {
    /// Sends a signal. It takes effect when the thread that gets it returns to its program.
    ///
    /// # Errors
    ///
    /// ESRCH if there is no such target, EAGAIN if its queue is full.
    pub(crate) fn send_signal(
        &mut self,
        target: Target,
        signal: Signal,
        info: SignalInfo,
    ) -> Result<(), Errno> {
        let pid = match target {
            Target::Process(pid) => pid,
            Target::Thread(task) => self.threads.get(task.0).ok_or(Errno::ESRCH)?.process,
        };
        let process = self.processes.get_mut(pid.0).ok_or(Errno::ESRCH)?;
        let ignored = process.signals.ignores(signal);
        let full = |_: QueueFull| Errno::EAGAIN;
        match target {
            Target::Process(_) => {
                let taker = self.taker(pid, signal);
                if ignored && !self.wants_though_ignored(pid, signal) {
                    return Ok(());
                }
                if let Some(process) = self.processes.get_mut(pid.0) {
                    process.signals.pending.add(signal, info).map_err(full)?;
                }
                if let Some(taker) = taker {
                    self.notify(taker, signal);
                }
            }
            Target::Thread(task) => {
                let Some(thread) = self.threads.get_mut(task.0) else {
                    return Err(Errno::ESRCH);
                };
                let held_back = thread.signals.mask.with(thread.signals.awaited).contains(signal);
                if ignored && !held_back {
                    return Ok(());
                }
                thread.signals.pending.add(signal, info).map_err(full)?;
                self.notify(task, signal);
            }
        }
        Ok(())
    }

    /// Sends a signal from the kernel itself to the thread whose call this is, such as SIGPIPE.
    pub(crate) fn raise(&mut self, signal: Signal) {
        let info = SignalInfo::sent(signal, SI_KERNEL, 0, 0);
        // The current thread exists, and a kernel's signal is a standard one.
        let _sent = self.send_signal(Target::Thread(self.current), signal, info);
    }

    /// The thread of the process that is to take a signal: one that waits for it, else one that does not block it.
    fn taker(&self, pid: Pid, signal: Signal) -> Option<TaskId> {
        let process = self.processes.get(pid.0)?;
        let threads = || process.threads.iter().filter_map(|task| self.threads.get(task.0));
        threads()
            .find(|thread| thread.signals.awaited.contains(signal))
            .or_else(|| threads().find(|thread| !thread.signals.mask.contains(signal)))
            .map(|thread| thread.id)
    }

    /// An ignored signal is kept all the same where a thread blocks it or waits for it.
    fn wants_though_ignored(&self, pid: Pid, signal: Signal) -> bool {
        let Some(process) = self.processes.get(pid.0) else {
            return false;
        };
        let mut threads = process.threads.iter().filter_map(|task| self.threads.get(task.0));
        threads.any(|thread| thread.signals.mask.with(thread.signals.awaited).contains(signal))
    }

    /// Tells a thread that a signal is there, and ends its wait if it is one that it takes.
    fn notify(&mut self, task: TaskId, signal: Signal) {
        let Some(thread) = self.threads.get_mut(task.0) else {
            return;
        };
        let takes = !thread.signals.mask.contains(signal);
        if takes {
            thread.signals.attention = true;
        }
        let awaits = thread.signals.awaited.contains(signal);
        if (takes || awaits) && thread.state == State::Blocked {
            self.make_ready(
                task,
                if takes {
                    Resumption::Interrupted
                } else {
                    Resumption::Woken
                },
            );
        }
    }

    /// Finds out anew whether the thread has signals to take; needed whenever its mask or its signals changed.
    pub(crate) fn refresh_attention(&mut self, task: TaskId) {
        let Self {
            threads, processes, ..
        } = self;
        let Some(thread) = threads.get_mut(task.0) else {
            return;
        };
        let shared = processes
            .get(thread.process.0)
            .map_or(SignalSet::EMPTY, |process| process.signals.pending.set());
        let waiting = thread.signals.pending.set().with(shared);
        thread.signals.attention = !waiting.without(thread.signals.mask).is_empty();
    }

    /// After a mask was widened, another thread may have to take what this one leaves.
    pub(crate) fn set_signal_mask(&mut self, task: TaskId, mask: SignalSet) {
        let Some(thread) = self.threads.get_mut(task.0) else {
            return;
        };
        let newly_blocked = mask.without(thread.signals.mask);
        thread.signals.mask = mask.without(SignalSet::UNSTOPPABLE);
        let pid = thread.process;
        self.refresh_attention(task);
        let Some(process) = self.processes.get(pid.0) else {
            return;
        };
        let mut left = process.signals.pending.set().and(newly_blocked);
        while let Some(signal) = left.first() {
            left = left.without(SignalSet::of(signal));
            if let Some(taker) = self.taker(pid, signal) {
                self.notify(taker, signal);
            }
        }
    }
}
