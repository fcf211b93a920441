//! The quick way through the kernel for binder's calls.
//!
//! `BINDER_WRITE_READ` on a descriptor that the thread used before goes to the driver at once. If the driver says that
//! the thread waits and another one has something to read, that thread becomes current without having been in any queue,
//! and its own blocked call is carried on, up to its return to ring 3. Whatever is not so plain is left to the general
//! way ([`run`](super::run)): then this has done a part of its work, and no more than that.
//!
//! While a program runs, its thread has no signal to take, the kernel's own objects have no work, and a time slice has begun:
//! [`run`](super::run) sees to it before it returns to ring 3. Nothing here changes that, so nothing here asks for it, but
//! for signals that another thread may have been sent while it was blocked.
//!
//! The result of such a call is 0, which stands in the thread's registers from the beginning; a call that ends otherwise is
//! given its result by the general way.

use super::scheduler::Scheduler;
use super::thread::State;
use super::{Flow, Kernel, Process, TaskId, TaskTable, Thread};
use crate::arch;
use crate::binder::{self, Caller, HeldFiles, Windows};
use crate::file::changes;
use crate::object;
use binder_driver::{Blocking, Errand, Handed, Handoff, Passage, Resumption, Sender, ThreadId, Unusual};

/// How far the quick way led.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Exchange {
    /// The current thread can return to ring 3.
    Over,
    /// The call is taken in; who runs next is still to be chosen.
    TakenIn,
    /// Nothing is done: it is not a known descriptor.
    Unknown,
}

impl Kernel {
    /// Makes the current thread's `BINDER_WRITE_READ` if it is the plain one, and goes on from thread to thread as long as
    /// it is plain which one is next. The descriptor and the argument are those in the thread's registers.
    #[inline(always)]
    pub(super) fn exchange(&mut self, number: i32, argument: u64) -> Exchange {
        let Self {
            threads,
            processes,
            windows,
            held,
            driver,
            scheduler,
            ..
        } = self;
        let Some(thread) = threads.at_hand(self.current.0) else {
            return Exchange::Unknown;
        };
        let known = thread.binder;
        if known.stamp != changes::stamp(number) {
            return Exchange::Unknown;
        }
        let binder = known.thread;
        let mut caller = Caller::silent(thread, processes, windows, held);
        let is_over = match driver.begin_directly(binder, argument, Blocking::Allowed, &mut caller) {
            Ok(Errand::Call(sender)) => {
                if let Ok(call) = driver.call_directly(sender, &mut caller) {
                    if scheduler.has_partner() {
                        call.leave();
                        return self.go_on::<()>(binder, Passage::Blocked);
                    }
                    thread.block(binder);
                    return match deliver_at_once(call, threads, (processes, windows, held), &mut self.current)
                    {
                        Ok(Attention(false)) if self.leaving.is_empty() => Exchange::Over,
                        Ok(_) => self.end_generally(None),
                        Err(Undelivered::Left) => {
                            let handoff = driver.take_handoff();
                            self.leave_to_general(handoff)
                        }
                        Err(Undelivered::Handed(reader)) => self.deliver_generally(reader),
                    };
                }
                false
            }
            Ok(Errand::CallWithObjects(sender)) => return self.exchange_objects::<()>(binder, sender),
            Ok(Errand::Reply(sender)) => {
                if let Ok(partner) = driver.reply_directly(sender, &mut caller) {
                    if !object::is_kernel(partner.0) && scheduler.hand_off_sleeping(partner) {
                        return Exchange::Over;
                    }
                    return self.end_generally(Some(partner));
                }
                false
            }
            Ok(Errand::Wait) => {
                let Some((task, reader)) = scheduler.sleeping() else {
                    return self.go_on::<()>(binder, Passage::Blocked);
                };
                thread.block(binder);
                scheduler.take_partner();
                let Some(next) = threads.at_hand(task.0).filter(|next| next.is_blocked_at(reader)) else {
                    return self.leave_to_general(Some((task, reader)));
                };
                next.resume();
                self.current = task;
                let mut caller = Caller::silent(next, processes, windows, held);
                if driver.deliver_directly(reader, &mut caller).is_err() {
                    return self.deliver_generally(reader);
                }
                if next.signals.attention || !self.leaving.is_empty() {
                    return self.end_generally(None);
                }
                return Exchange::Over;
            }
            Ok(Errand::Take(sender)) => driver.take_directly(sender, &mut caller).is_ok(),
            Ok(Errand::OneWay(sender)) => match driver.send_oneway(sender, &mut caller) {
                Ok(None) => true,
                Ok(Some(woken)) => {
                    return self.end_waking::<()>(woken);
                }
                Err(Unusual) => false,
            },
            Ok(Errand::Nothing) => true,
            Err(Unusual) => false,
        };
        if !is_over {
            return self.exchange_otherwise::<()>(binder);
        }
        Exchange::Over
    }

    /// A call with objects.
    ///
    /// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
    #[inline(never)]
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "what is generic is compiled where it is called from"
    )]
    fn exchange_objects<Here>(&mut self, binder: ThreadId, sender: Sender) -> Exchange {
        let Self {
            threads,
            processes,
            windows,
            held,
            driver,
            scheduler,
            ..
        } = self;
        let Some(thread) = threads.at_hand(self.current.0) else {
            return Exchange::Unknown;
        };
        let mut caller = Caller::silent(thread, processes, windows, held);
        match driver.call_with_objects(sender, &mut caller) {
            Ok(Some(call)) => {
                if scheduler.has_partner() {
                    call.leave();
                    return self.go_on::<()>(binder, Passage::Blocked);
                }
                thread.block(binder);
                match deliver_at_once(call, threads, (processes, windows, held), &mut self.current) {
                    Ok(Attention(false)) if self.leaving.is_empty() => Exchange::Over,
                    Ok(_) => self.end_generally(None),
                    Err(Undelivered::Left) => {
                        let handoff = driver.take_handoff();
                        self.leave_to_general(handoff)
                    }
                    Err(Undelivered::Handed(reader)) => self.deliver_generally(reader),
                }
            }
            Ok(None) => self.go_on::<()>(binder, Passage::Blocked),
            Err(Unusual) => self.exchange_otherwise::<()>(binder),
        }
    }

    /// Whatever is not a call, its reply or a wait. The argument is taken from the caller's registers once more: so it need
    /// not be kept at hand meanwhile.
    ///
    /// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
    #[inline(never)]
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "what is generic is compiled where it is called from"
    )]
    fn exchange_otherwise<Here>(&mut self, binder: ThreadId) -> Exchange {
        self.wake_partner();
        let argument = self.thread().context.registers().rdx;
        let (driver, mut caller) = self.driver_and_silent_caller();
        let passage = driver.write_read_otherwise(binder, argument, Blocking::Allowed, &mut caller);
        let handoff = driver.is_handing_over();
        if passage != Passage::Done || handoff {
            return self.go_on::<()>(binder, passage);
        }
        Exchange::Over
    }

    /// The current thread has been handed something that is not to be delivered in the direct way.
    #[inline(never)]
    fn deliver_generally(&mut self, binder: ThreadId) -> Exchange {
        self.wake_partner();
        let (driver, mut caller) = self.driver_and_silent_caller();
        let passage = driver.deliver_generally(binder, &mut caller);
        self.go_on::<()>(binder, passage)
    }

    /// Goes on from thread to thread as long as it is plain which one is next.
    ///
    /// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
    #[inline(never)]
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "what is generic is compiled where it is called from"
    )]
    fn go_on<Here>(&mut self, mut binder: ThreadId, mut passage: Passage) -> Exchange {
        self.wake_partner();
        let Self {
            threads,
            processes,
            windows,
            held,
            driver,
            scheduler,
            ..
        } = self;
        let Some(mut thread) = threads.at_hand(self.current.0) else {
            return Exchange::TakenIn;
        };
        loop {
            let handoff = match passage {
                Passage::Other => return self.conclude(binder),
                Passage::Done => {
                    let attention = thread.signals.attention;
                    let mut handoff = driver.take_handoff();
                    if let Some(partner) = handoff
                        && give_partner(threads, scheduler, partner)
                    {
                        handoff = None;
                    }
                    if handoff.is_none() && !attention && self.leaving.is_empty() {
                        return Exchange::Over;
                    }
                    return self.end_generally(handoff);
                }
                Passage::Blocked => driver.take_handoff(),
            };
            if thread.signals.attention {
                return self.wait_generally(binder, handoff);
            }
            thread.block(binder);
            let ((None, Some((task, _))) | (Some(task), None)) = (scheduler.partner(), handoff) else {
                return self.leave_to_general(handoff);
            };
            let Some(next) = threads.at_hand(task.0) else {
                return self.leave_to_general(handoff);
            };
            let Some(reader) = next.reading else {
                return self.leave_to_general(handoff);
            };
            match handoff {
                Some((_, handed)) if handed != reader || next.state != State::Blocked => {
                    return self.leave_to_general(handoff);
                }
                Some(_) => {}
                None if next.resumption != Resumption::Woken => return Exchange::TakenIn,
                None => scheduler.take_partner(),
            }
            next.resume();
            self.current = task;
            binder = reader;
            thread = next;
            let mut caller = Caller::silent(thread, processes, windows, held);
            passage = match driver.deliver_directly(binder, &mut caller) {
                Ok(()) => Passage::Done,
                Err(Unusual) => driver.deliver_generally(binder, &mut caller),
            };
        }
    }

    /// The call has other effects, or another outcome.
    #[inline(never)]
    fn conclude(&mut self, binder: ThreadId) -> Exchange {
        let step = self.driver.take_step();
        let result = binder::complete(self, binder, step);
        self.finish(result);
        Exchange::TakenIn
    }

    /// The current thread has its answer, and there is more to look at.
    fn end_generally(&mut self, handoff: Option<Handoff>) -> Exchange {
        self.give_generally(handoff);
        if !self.leaving.is_empty() {
            binder::release_left(self);
        }
        Exchange::TakenIn
    }

    /// The current thread has its answer, and another one has something to read.
    ///
    /// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
    #[inline(never)]
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "what is generic is compiled where it is called from"
    )]
    fn end_waking<Here>(&mut self, (task, binder): Handoff) -> Exchange {
        binder::wake(self, task, binder);
        self.end_generally(None)
    }

    /// The current thread would wait, but has a signal to take.
    #[cold]
    fn wait_generally(&mut self, binder: ThreadId, handoff: Option<Handoff>) -> Exchange {
        self.give_generally(handoff);
        self.finish(Err(Flow::read(binder)));
        Exchange::TakenIn
    }

    /// The current thread waits, and it is not plain who runs next.
    #[inline(never)]
    fn leave_to_general(&mut self, handoff: Option<Handoff>) -> Exchange {
        self.give_generally(handoff);
        Exchange::TakenIn
    }

    /// The driver has something for a thread, which may be one of the kernel's own.
    #[inline(never)]
    fn give_generally(&mut self, handoff: Option<Handoff>) {
        self.wake_partner();
        match handoff {
            None => {}
            Some((task, binder)) if object::is_kernel(task) => self.objects.notify(binder),
            Some((task, binder)) => self.hand_off(task, binder),
        }
    }
}

impl Thread {
    /// It waits in the driver.
    #[inline(always)]
    fn block(&mut self, binder: ThreadId) {
        debug_assert!(!self.is_unfinished(), "a thread that made a call did not wait");
        self.state = State::Blocked;
        self.reading = Some(binder);
    }

    /// Whether it waits in a read at this place in the driver, and nobody has woken it.
    #[inline(always)]
    fn is_blocked_at(&self, binder: ThreadId) -> bool {
        self.state == State::Blocked && self.reading == Some(binder)
    }

    /// Runs on the processor, after a read in the driver.
    #[inline(always)]
    fn resume(&mut self) {
        self.state = State::Running;
        self.reading = None;
        arch::resume(&self.context, &self.space);
    }
}

/// Whether a thread that could return to ring 3 has to look at signals first.
struct Attention(bool);

/// What became of a call that its reader has not read at once.
enum Undelivered {
    /// Its reader is not plainly blocked, and finds it later.
    Left,
    /// Its reader is current, and reads it in the general way.
    Handed(ThreadId),
}

/// Makes the reader of a call current and lets it read the call.
#[inline(always)]
fn deliver_at_once(
    call: Handed<'_>,
    threads: &mut TaskTable<Thread>,
    (processes, windows, held): (&mut TaskTable<Process>, &mut Windows, &mut HeldFiles),
    current: &mut TaskId,
) -> Result<Attention, Undelivered> {
    let (task, reader) = call.to();
    let Some(next) = threads.at_hand(task.0).filter(|next| next.is_blocked_at(reader)) else {
        call.leave();
        return Err(Undelivered::Left);
    };
    next.resume();
    *current = task;
    let mut caller = Caller::silent(next, processes, windows, held);
    if call.deliver(&mut caller).is_err() {
        return Err(Undelivered::Handed(reader));
    }
    Ok(Attention(next.signals.attention))
}

/// Makes the thread that the caller works with its partner: it runs as soon as the caller blocks. False if that is not
/// plain, and nothing is done.
#[inline(always)]
fn give_partner(threads: &mut TaskTable<Thread>, scheduler: &mut Scheduler, (task, reader): Handoff) -> bool {
    if !scheduler.has_partner()
        && let Some(thread) = threads.at_hand(task.0)
        && thread.is_blocked_at(reader)
    {
        thread.state = State::Ready;
        thread.resumption = Resumption::Woken;
        scheduler.hand_off(task);
        return true;
    }
    false
}
