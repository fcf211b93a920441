//! From trap to trap: what happened is taken in, then somebody runs.

use super::exchange::Exchange;
use super::flow::Cause;
use super::scheduler::{Pick, SLICE};
use super::thread::State;
use super::{Channel, Flow, Kernel, QuickCall, TaskId};
use crate::arch::{self, Irq, LateLock, Trap, time};
use crate::binder;
use crate::object;
use abi::Errno;
use abi::syscall::IOCTL;
use abi::trace::Event;
use binder_driver::Resumption;

/// The one lock of the kernel, taken once per trap. Its state is there after the start: so there is nothing of it in the
/// file that is loaded.
static KERNEL: LateLock<Kernel> = LateLock::new();

/// No time slice is running.
pub(super) const NO_SLICE: u64 = u64::MAX;

/// Somebody runs, or nobody can.
enum Next {
    /// The current context is the one to return to.
    Thread,
    /// All threads wait.
    Nobody,
}

/// Handles `BINDER_WRITE_READ` on a descriptor. Afterwards the context to return to is current.
#[inline(always)]
pub(crate) fn handle_write_read(descriptor: i32, argument: u64) {
    let mut kernel = KERNEL.lock();
    let next = match kernel.exchange(descriptor, argument) {
        Exchange::Over => return,
        Exchange::TakenIn => kernel.choose(),
        Exchange::Unknown => {
            kernel.thread_mut().context.set_number(IOCTL);
            kernel.make_call()
        }
    };
    if matches!(next, Next::Thread) {
        return;
    }
    drop(kernel);
    wait_for_work();
}

/// Handles any other system call. Afterwards the context to return to is current.
#[inline(always)]
pub(crate) fn handle_system_call() {
    let mut kernel = KERNEL.lock();
    if matches!(kernel.make_call(), Next::Thread) {
        return;
    }
    drop(kernel);
    wait_for_work();
}

/// Makes a system call that is over at once and touches nothing but the caller's memory; gives its result. Nothing if it
/// is not such a call: then nothing is done.
///
/// Nothing is looked at afterwards. A thread that runs has no signal to take and the kernel's objects have no work, and
/// such a call changes neither.
#[inline(always)]
pub(crate) fn handle_quickly(number: u64, arguments: [u64; 3], call: impl QuickCall) -> Option<i64> {
    let mut kernel = KERNEL.lock();
    match call(&mut kernel, number, arguments) {
        None if kernel.missed == Some((kernel.current, number)) => Some(Errno::to_result(Err(Errno::ENOSYS))),
        result => result.map(Errno::to_result),
    }
}

/// Handles any other trap from ring 3. Afterwards the context to return to is current.
pub(crate) fn handle(trap: Trap) {
    let mut kernel = KERNEL.lock();
    kernel.wake_partner();
    kernel.take_in(trap);
    if matches!(kernel.choose(), Next::Thread) {
        return;
    }
    drop(kernel);
    wait_for_work();
}

/// Makes the kernel's state and gives it its first thread, which becomes current.
pub(super) fn begin(kernel: Kernel) {
    let mut kernel = KERNEL.fill(kernel);
    if matches!(kernel.choose(), Next::Thread) {
        return;
    }
    drop(kernel);
    wait_for_work();
}

/// Halts, again and again, until an interrupt makes a thread runnable.
#[cold]
fn wait_for_work() {
    loop {
        let Some(trap) = arch::idle() else {
            continue;
        };
        let mut kernel = KERNEL.lock();
        kernel.take_in(trap);
        if matches!(kernel.choose(), Next::Thread) {
            return;
        }
    }
}

impl Kernel {
    /// Changes the state by what happened.
    #[inline(always)]
    fn take_in(&mut self, trap: Trap) {
        match trap {
            Trap::Fault(fault) => self.fault(&fault),
            Trap::Timer => self.tick(),
            Trap::Interrupt(Irq::Serial) => self.console_input(),
        }
    }

    /// Makes the current thread's system call, and makes the thread that is to run then current.
    #[inline(never)]
    fn make_call(&mut self) -> Next {
        self.wake_partner();
        let result = (self.calls.make)(self);
        if self.answer_at_once(result) {
            return Next::Thread;
        }
        self.finish(result);
        self.choose()
    }

    /// Ends a system call that has an answer, if its thread can go on with nothing else to do.
    #[inline(always)]
    fn answer_at_once(&mut self, result: Result<u64, Flow>) -> bool {
        let answer = match result {
            Ok(value) => value.cast_signed(),
            Err(flow) => match flow.cause() {
                Cause::Error(errno) => Errno::to_result(Err(errno)),
                Cause::Block | Cause::Read(_) | Cause::Stay => return false,
            },
        };
        let must_look = self.objects.has_work();
        let Some(thread) = self.threads.get_mut(self.current.0) else {
            return false;
        };
        if must_look || thread.state != State::Running || thread.signals.attention || thread.is_unfinished() {
            return false;
        }
        thread.context.set_result(answer);
        true
    }

    /// Makes the thread that is to run current, with its call carried on and its signals delivered.
    #[inline(never)]
    fn choose(&mut self) -> Next {
        self.wake_partner();
        loop {
            if self.objects.has_work() {
                object::serve(self);
            }
            match self.threads.get(self.current.0) {
                Some(thread) if thread.state == State::Running => {
                    if thread.is_unfinished() {
                        self.carry_on();
                    } else if thread.signals.attention {
                        self.deliver_signals();
                    } else {
                        return Next::Thread;
                    }
                }
                _ => {
                    if !self.switch() {
                        if binder::go_on_releasing(self) {
                            continue;
                        }
                        self.slice_end = NO_SLICE;
                        self.arm_timer();
                        return Next::Nobody;
                    }
                }
            }
        }
    }

    /// Whether the current thread may go on.
    #[inline]
    fn is_running(&self) -> bool {
        match self.threads.get(self.current.0) {
            Some(thread) => thread.state == State::Running,
            None => false,
        }
    }

    /// Makes the next thread current. False if there is none.
    #[inline(always)]
    fn switch(&mut self) -> bool {
        let task = match self.scheduler.pick() {
            None => return false,
            Some(Pick::Partner(task)) if self.slice_end != NO_SLICE => task,
            Some(Pick::Partner(task) | Pick::Next(task)) => {
                self.begin_slice();
                task
            }
        };
        let from = self.current;
        self.current = task;
        if self.tracer.is_on() {
            self.trace(Event::Switch { from: from.0 });
        }
        let thread = self.thread_mut();
        thread.state = State::Running;
        arch::resume(&thread.context, &thread.space);
        true
    }

    fn begin_slice(&mut self) {
        self.slice_end = time::now().saturating_add(SLICE);
        self.arm_timer();
    }

    /// Sets the timer to what comes first: the end of the time slice or a deadline.
    pub(super) fn arm_timer(&mut self) {
        let first = self.timers.first().unwrap_or(u64::MAX).min(self.slice_end);
        if first == self.armed {
            return;
        }
        self.armed = first;
        if first == u64::MAX {
            time::disarm();
        } else {
            time::arm(first);
        }
    }

    /// Wakes a channel at this time, in nanoseconds since boot.
    pub(crate) fn arm(&mut self, at: u64, channel: Channel) {
        self.timers.add_alarm(at, channel);
        self.arm_timer();
    }

    /// Wakes the channel at no time any more.
    pub(crate) fn disarm(&mut self, channel: Channel) {
        self.timers.remove_alarms(channel);
    }

    /// The timer fired: deadlines that passed end waits, and the next thread has its turn.
    fn tick(&mut self) {
        let now = time::now();
        self.armed = u64::MAX;
        while let Some(task) = self.timers.take_due(now) {
            self.make_ready(task, Resumption::TimedOut);
        }
        while let Some(channel) = self.timers.take_alarm(now) {
            self.wake(channel);
        }
        if self.slice_end <= now {
            binder::go_on_releasing(self);
            self.scheduler.end_slice();
            self.give_way();
            self.slice_end = if self.is_running() {
                now.saturating_add(SLICE)
            } else {
                NO_SLICE
            };
        }
        self.arm_timer();
    }

    /// Puts the current thread behind all others, if there are any.
    pub(crate) fn give_way(&mut self) {
        if !self.is_running() || !self.scheduler.has_ready() {
            return;
        }
        let TaskId(number) = self.current;
        if let Some(thread) = self.threads.get_mut(number) {
            thread.state = State::Ready;
        }
        self.scheduler.enqueue(TaskId(number));
    }
}
