//! The quick way through the kernel for binder's calls.
//!
//! `BINDER_WRITE_READ` on a descriptor that the thread used before goes to the driver at once. If the driver says that
//! the thread waits and another one has something to read, that thread becomes current without having been in any queue,
//! and its own blocked call is carried on, up to its return to ring 3. Whatever is not so plain is left to the general
//! way ([`run`](super::run)): then this has done a part of its work, and no more than that.

use super::run::NO_SLICE;
use super::thread::State;
use super::wait::On;
use super::{Flow, Kernel, KnownDescriptor, TaskId, Wait};
use crate::arch;
use crate::binder::{self, Caller};
use crate::file::changes;
use crate::object;
use abi::binder::ioctl::BINDER_WRITE_READ;
use abi::syscall::IOCTL;
use binder_driver::{Handoff, Passage, Resumption, ThreadId};

/// How far the quick way led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Exchange {
    /// The current thread can return to ring 3.
    Over,
    /// The call is taken in; who runs next is still to be chosen.
    TakenIn,
    /// Nothing is done: it is another call, or not a known descriptor.
    Unknown,
}

/// What a thread that is to run next is blocked in.
#[derive(Clone, Copy)]
struct Partner {
    task: TaskId,
    binder: ThreadId,
}

impl Kernel {
    /// Makes the current thread's call if it is the plain one.
    #[inline(always)]
    pub(super) fn exchange(&mut self) -> Exchange {
        let Self {
            threads,
            processes,
            windows,
            held,
            driver,
            ..
        } = self;
        let Some(thread) = threads.get_mut(self.current.0) else {
            return Exchange::Unknown;
        };
        let registers = thread.context.registers();
        if registers.rax != IOCTL || registers.rsi as u32 != BINDER_WRITE_READ {
            return Exchange::Unknown;
        }
        let (number, argument) = (registers.rdi as i32, registers.rdx);
        let Some(KnownDescriptor {
            changes,
            number: known,
            blocking,
            thread: binder,
        }) = thread.known
        else {
            return Exchange::Unknown;
        };
        if number != known || changes != changes::count() || self.tracer.is_on() {
            return Exchange::Unknown;
        }
        let mut caller = Caller::silent(thread, processes, windows, held);
        let passage = driver.write_read(binder, argument, blocking, &mut caller);
        self.follow(passage, binder)
    }

    /// Goes from thread to thread as long as it is plain which one is next.
    #[inline(always)]
    fn follow(&mut self, mut passage: Passage, mut binder: ThreadId) -> Exchange {
        loop {
            let handoff = match passage {
                Passage::General(step) => {
                    let result = binder::complete(self, binder, step);
                    self.finish(result);
                    return Exchange::TakenIn;
                }
                Passage::Done(handoff) => return self.end_exchange(handoff),
                Passage::Blocked(handoff) => handoff,
            };
            let Some(partner) = self.wait_for_partner(binder, handoff) else {
                return Exchange::TakenIn;
            };
            self.current = partner.task;
            binder = partner.binder;
            let Self {
                threads,
                processes,
                windows,
                held,
                driver,
                ..
            } = self;
            let Some(thread) = threads.get_mut(partner.task.0) else {
                return Exchange::TakenIn;
            };
            thread.state = State::Running;
            thread.wait = None;
            arch::resume(&thread.context, &thread.space);
            let mut caller = Caller::silent(thread, processes, windows, held);
            passage = driver.go_on(binder, Resumption::Woken, &mut caller);
        }
    }

    /// The current thread's call is over and answers 0.
    #[inline(always)]
    fn end_exchange(&mut self, handoff: Option<Handoff>) -> Exchange {
        self.hand_off_or_notify(handoff);
        if !self.leaving.is_empty() {
            binder::release_left(self);
        }
        let must_look = self.objects.has_work();
        let thread = self.thread_mut();
        thread.context.set_result(0);
        if must_look || thread.signals.attention {
            return Exchange::TakenIn;
        }
        Exchange::Over
    }

    /// Lets the current thread wait for the driver. Gives the thread that runs next, if that is plain; if not, both are
    /// where the general way expects them.
    #[inline(always)]
    fn wait_for_partner(&mut self, binder: ThreadId, handoff: Option<Handoff>) -> Option<Partner> {
        let thread = self.thread_mut();
        if thread.signals.attention {
            self.hand_off_or_notify(handoff);
            self.finish(Ok(Flow::Block(Wait::for_driver(binder, None))));
            return None;
        }
        thread.state = State::Blocked;
        thread.wait = Some(Wait::for_driver(binder, None));
        if self.slice_end == NO_SLICE || self.objects.has_work() {
            self.hand_off_or_notify(handoff);
            return None;
        }
        let Some((task, reader)) = handoff else {
            return self.take_partner();
        };
        if !self.scheduler.has_partner()
            && let Some(thread) = self.threads.get(task.0)
            && thread.state == State::Blocked
            && thread.waits_plainly_in(reader)
        {
            return Some(Partner { task, binder: reader });
        }
        self.hand_off_or_notify(handoff);
        None
    }

    /// The thread that was handed something before, if it waits in the driver plainly.
    #[inline(always)]
    fn take_partner(&mut self) -> Option<Partner> {
        let task = self.scheduler.partner()?;
        let thread = self.threads.get(task.0)?;
        let Some(Wait {
            on: On::Binder(binder),
            deadline: None,
        }) = &thread.wait
        else {
            return None;
        };
        let binder = *binder;
        if thread.resumption != Resumption::Woken {
            return None;
        }
        self.scheduler.take_partner();
        Some(Partner { task, binder })
    }

    /// The driver has something for a thread, which may be one of the kernel's own.
    #[inline(always)]
    fn hand_off_or_notify(&mut self, handoff: Option<Handoff>) {
        match handoff {
            None => {}
            Some((task, binder)) if object::is_kernel(task) => self.objects.notify(binder),
            Some((task, binder)) => self.hand_off(task, binder),
        }
    }
}
