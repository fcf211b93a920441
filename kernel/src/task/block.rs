//! Blocking, waking, and carrying a blocked call on.

use super::flow::Cause;
use super::thread::State;
use super::wait::{Channel, On};
use super::waiters::Thing;
use super::{Flow, Kernel, TaskId, Wait};
use crate::binder;
use abi::Errno;
use abi::trace::Event;
use binder_driver::{Resumption, ThreadId};

impl Kernel {
    /// Ends or suspends the current thread's system call as the call decided.
    #[inline]
    pub(crate) fn finish(&mut self, result: Result<u64, Flow>) {
        match result {
            Ok(value) => self.thread_mut().context.set_result(value as i64),
            Err(flow) => match flow.cause() {
                Cause::Read(binder) => self.block_in_read(binder),
                Cause::Block => self.block(),
                Cause::Stay => {}
                Cause::Error(errno) => self.thread_mut().context.set_result(Errno::to_result(Err(errno))),
            },
        }
    }

    /// Lets the current thread wait in a read of binder, unless a signal is there already.
    #[inline(always)]
    fn block_in_read(&mut self, binder: ThreadId) {
        let thread = self.thread_mut();
        if thread.signals.attention {
            return self.interrupt_driver(binder);
        }
        // What the stub of the quick way does, which nothing changes until the read is over.
        thread.context.set_result(0);
        thread.state = State::Blocked;
        thread.reading = Some(binder);
    }

    /// What the current thread waits for when its call is over, which has to say this then.
    pub(crate) fn wait_for(&mut self, wait: Wait) -> Flow {
        self.planned = Some(wait);
        Flow::BLOCK
    }

    /// The same, for a channel to be woken.
    pub(crate) fn wait_on(&mut self, channel: Channel) -> Flow {
        self.wait_for(Wait::on(channel))
    }

    /// Lets the current thread wait as planned, unless a signal is there already.
    #[inline(never)]
    fn block(&mut self) {
        let Some(wait) = self.planned.take() else {
            return;
        };
        if self.thread().signals.attention {
            return self.interrupt(wait);
        }
        let task = self.current;
        match &wait.on {
            On::BinderFreeze(_) | On::Vfork => {}
            On::Futex { key, bits } => self.waiters.add(Thing::Futex(*key), task, *bits),
            On::Channels(channels) => {
                for &channel in channels.as_slice() {
                    self.waiters.add(Thing::Channel(channel), task, u32::MAX);
                }
            }
        }
        if let Some(deadline) = wait.deadline {
            self.timers.add(deadline, task);
            self.arm_timer();
        }
        let thread = self.thread_mut();
        thread.state = State::Blocked;
        thread.wait = Some(wait);
    }

    /// Ends the current thread's call of the driver, which would wait, with EINTR if the driver has nothing better.
    fn interrupt_driver(&mut self, binder: ThreadId) {
        let result = binder::resume(self, binder, Resumption::Interrupted);
        self.finish(result);
    }

    /// Ends the current thread's freeze, which would wait. Unlike a read it may be made again after the signal.
    fn interrupt_freeze(&mut self, binder: ThreadId) {
        let number = self.thread().context.registers().rax;
        let result = binder::resume(self, binder, Resumption::Interrupted);
        let is_interrupted = result == Err(Errno::EINTR.into());
        self.finish(result);
        self.note_restart(number, is_interrupted);
    }

    /// Ends the current thread's call, which would wait, with EINTR.
    fn interrupt(&mut self, wait: Wait) {
        let restart = match wait.on {
            On::BinderFreeze(binder) => return self.interrupt_freeze(binder),
            // It has its result, and a signal that came before is taken first.
            On::Vfork => return,
            On::Futex { .. } => wait.deadline.is_none(),
            On::Channels(_) => true,
        };
        let restarts = self.calls.restarts;
        let thread = self.thread_mut();
        let number = thread.context.registers().rax;
        thread.context.set_result(Errno::to_result(Err(Errno::EINTR)));
        self.note_restart(number, restart && restarts(number));
    }

    /// Notes whether the current thread's call of this number, which a signal interrupted, may be made again.
    fn note_restart(&mut self, number: u64, may: bool) {
        let number = u16::try_from(number).ok();
        self.thread_mut().signals.restart = number.filter(|_| may);
    }

    /// Lets every thread that waits on the channel make its call again.
    pub(crate) fn wake(&mut self, channel: Channel) {
        for task in self.waiters.find(Thing::Channel(channel), usize::MAX, u32::MAX) {
            self.make_ready(task, Resumption::Woken);
        }
    }

    /// Ends a blocked thread's wait and queues it for the processor.
    pub(crate) fn make_ready(&mut self, task: TaskId, why: Resumption) {
        if self.end_wait(task, why) {
            self.scheduler.enqueue(task);
        }
    }

    /// The binder driver has something for the thread, which works for the caller: it runs as soon as the caller
    /// blocks.
    #[inline(always)]
    pub(crate) fn hand_off(&mut self, task: TaskId, binder: ThreadId) {
        if self.waits_for_driver(task, binder) && self.end_wait(task, Resumption::Woken) {
            self.scheduler.hand_off(task);
        }
    }

    /// Ends the wait of a partner that still sleeps. From here on it is in the queue like any other.
    #[inline(always)]
    pub(crate) fn wake_partner(&mut self) {
        if self.scheduler.sleeping().is_some() {
            self.wake_sleeping_partner();
        }
    }

    #[inline(never)]
    fn wake_sleeping_partner(&mut self) {
        if let Some((task, binder)) = self.scheduler.sleeping() {
            self.scheduler.take_partner();
            self.hand_off(task, binder);
        }
    }

    /// The binder driver has something for the thread.
    pub(crate) fn wake_binder(&mut self, task: TaskId, binder: ThreadId) {
        if self.waits_for_driver(task, binder) {
            if self.tracer.is_on() {
                self.trace(Event::Wake { woken: task.0 });
            }
            self.make_ready(task, Resumption::Woken);
        }
    }

    /// Whether the thread is blocked in this binder thread, or in a call that may look at it, such as poll.
    #[inline(always)]
    fn waits_for_driver(&self, task: TaskId, binder: ThreadId) -> bool {
        let Some(thread) = self.threads.get(task.0) else {
            return false;
        };
        match &thread.wait {
            Some(wait) => match wait.on {
                On::BinderFreeze(waiting) => waiting == binder,
                On::Channels(_) => true,
                On::Futex { .. } | On::Vfork => false,
            },
            None => thread.reading == Some(binder),
        }
    }

    /// Takes a blocked thread out of everything it waits in. False if it was not blocked.
    #[inline(always)]
    fn end_wait(&mut self, task: TaskId, why: Resumption) -> bool {
        let Some(thread) = self.threads.get_mut(task.0) else {
            return false;
        };
        if thread.state != State::Blocked {
            return false;
        }
        thread.state = State::Ready;
        thread.resumption = why;
        if thread.wait.is_some() {
            self.leave_queues(task);
        }
        true
    }

    /// Takes a thread out of the lists in which its wait put it.
    #[inline(never)]
    fn leave_queues(&mut self, task: TaskId) {
        let Self {
            threads,
            waiters,
            timers,
            ..
        } = self;
        let Some(wait) = threads.get(task.0).and_then(|thread| thread.wait.as_ref()) else {
            return;
        };
        match &wait.on {
            On::BinderFreeze(_) | On::Vfork => {}
            On::Futex { key, .. } => waiters.remove(Thing::Futex(*key), task),
            On::Channels(channels) => {
                for &channel in channels.as_slice() {
                    waiters.remove(Thing::Channel(channel), task);
                }
            }
        }
        if let Some(deadline) = wait.deadline {
            timers.remove(deadline, task);
        }
    }

    /// Gives up a call that will not go on: its thread ends.
    pub(super) fn abandon_wait(&mut self, task: TaskId) {
        self.leave_queues(task);
        let Some(thread) = self.threads.get_mut(task.0) else {
            return;
        };
        let place = match thread.wait.take() {
            Some(Wait {
                on: On::BinderFreeze(place),
                ..
            }) => Some(place),
            _ => thread.reading.take(),
        };
        if let Some(thread) = place {
            let effects = self.driver.abandon(thread);
            binder::apply(self, effects);
            if !self.leaving.is_empty() {
                binder::release_left(self);
            }
        }
    }

    /// Carries on the current thread's unfinished call, in its own address space.
    #[inline(always)]
    pub(super) fn carry_on(&mut self) {
        let thread = self.thread_mut();
        let why = thread.resumption;
        if let Some(binder) = thread.reading.take() {
            let result = binder::resume(self, binder, why);
            self.finish(result);
        } else if let Some(wait) = thread.wait.take() {
            self.carry_on_otherwise(wait, why);
        }
    }

    /// Carrying on what is not a read of binder.
    #[inline(never)]
    fn carry_on_otherwise(&mut self, wait: Wait, why: Resumption) {
        match wait.on {
            On::BinderFreeze(binder) if why == Resumption::Interrupted => self.interrupt_freeze(binder),
            On::BinderFreeze(binder) => {
                let result = binder::resume(self, binder, why);
                self.finish(result);
            }
            On::Vfork => {}
            On::Futex { .. } => match why {
                Resumption::Woken => self.finish(Ok(0)),
                Resumption::TimedOut => self.finish(Err(Errno::ETIMEDOUT.into())),
                Resumption::Interrupted => self.interrupt(wait),
            },
            On::Channels(_) => {
                self.kept_deadline = wait.deadline;
                let result = (self.calls.make)(self);
                self.kept_deadline = None;
                self.finish(result);
            }
        }
    }
}
