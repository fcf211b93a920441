//! ioctl(2) on a binder device.

use crate::direct::{StepBack, Unusual};
use crate::driver::{Blocking, Driver};
use crate::effects::{Effects, Handoff, Outcome, Passage, Resumption, Step};
use crate::freeze::{FreezeStep, FreezeWait};
use crate::machine::{Machine, NoMemory, UserAddress};
use crate::table::ThreadId;
use crate::thread::{Blocked, NO_ERROR};
use abi::Errno;
use abi::binder::PROTOCOL_VERSION;
use abi::binder::ioctl::{
    BINDER_ENABLE_ONEWAY_SPAM_DETECTION, BINDER_FREEZE, BINDER_GET_EXTENDED_ERROR, BINDER_GET_FROZEN_INFO,
    BINDER_GET_NODE_DEBUG_INFO, BINDER_GET_NODE_INFO_FOR_REF, BINDER_SET_CONTEXT_MGR,
    BINDER_SET_CONTEXT_MGR_EXT, BINDER_SET_MAX_THREADS, BINDER_THREAD_EXIT, BINDER_VERSION,
    BINDER_WRITE_READ, FreezeInfo, FrozenStatusInfo, NodeDebugInfo, NodeInfoForRef, WriteRead,
};
use abi::binder::object::FlatBinderObject;
use core::mem;
use zerocopy::{FromBytes, IntoBytes};

/// Reads an ioctl's argument.
#[inline]
fn read<T: FromBytes + IntoBytes>(machine: &mut dyn Machine, from: UserAddress) -> Result<T, Errno> {
    let mut value = T::new_zeroed();
    read_bytes(machine, from, value.as_mut_bytes())?;
    Ok(value)
}

#[inline(never)]
fn read_bytes(machine: &mut dyn Machine, from: UserAddress, into: &mut [u8]) -> Result<(), Errno> {
    machine.read_user(from, into).map_err(|_| Errno::EFAULT)
}

/// Writes an ioctl's result.
fn write(
    machine: &mut dyn Machine,
    to: UserAddress,
    value: &(impl IntoBytes + zerocopy::Immutable),
) -> Result<i32, Errno> {
    write_bytes(machine, to, value.as_bytes())
}

#[inline(never)]
fn write_bytes(machine: &mut dyn Machine, to: UserAddress, bytes: &[u8]) -> Result<i32, Errno> {
    machine.write_user(to, bytes).map_err(|_| Errno::EFAULT)?;
    Ok(0)
}

/// Some older requests answer an unreadable argument so.
fn invalid(_: Errno) -> Errno {
    Errno::EINVAL
}

impl Driver {
    /// Any ioctl of a thread. `argument` is an address in the caller's memory.
    #[inline]
    pub fn ioctl(
        &mut self,
        thread: ThreadId,
        request: u32,
        argument: u64,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Step {
        if request == BINDER_WRITE_READ {
            let passage = self.write_read(thread, argument, blocking, machine);
            return self.step_of(passage);
        }
        self.ioctl_generally(thread, request, argument, blocking, machine)
    }

    /// As [`Self::ioctl`], and no request takes a direct way. For callers that are few: the direct way is compiled for each
    /// kind of machine.
    #[inline(never)]
    pub fn ioctl_generally(
        &mut self,
        thread: ThreadId,
        request: u32,
        argument: u64,
        blocking: Blocking,
        machine: &mut dyn Machine,
    ) -> Step {
        let passage = if request == BINDER_WRITE_READ {
            self.step_back = StepBack::Untouched;
            self.write_read_generally(thread, argument, blocking, machine)
        } else {
            let outcome = if self.threads.contains(thread) {
                self.rare_ioctl(thread, request, argument, machine)
            } else {
                Outcome::Done(Err(Errno::EBADF))
            };
            self.end_generally(thread, outcome)
        };
        self.step_of(passage)
    }

    /// What [`Self::ioctl`] answers to `BINDER_VERSION`, as the whole call. Nothing if the thread is no more.
    #[inline]
    pub fn version(&mut self, thread: ThreadId) -> Option<i32> {
        self.threads.get_mut(thread)?.need_return = false;
        Some(PROTOCOL_VERSION)
    }

    /// Carries on a blocked ioctl of a thread, in the thread's own address space.
    #[inline]
    pub fn resume(&mut self, thread: ThreadId, why: Resumption, machine: &mut impl Machine) -> Step {
        let passage = self.go_on(thread, why, machine);
        self.step_of(passage)
    }

    /// What came of a call whose passage was [`Passage::Other`]. To be asked for after each such call.
    #[inline]
    pub fn take_step(&mut self) -> Step {
        Step {
            outcome: self.outcome,
            effects: self.take_effects(),
        }
    }

    /// Whom a call handed over to, if its only effect was that.
    #[inline(always)]
    pub fn take_handoff(&mut self) -> Option<Handoff> {
        self.effects.handoff.take()
    }

    /// Whether there is a [hand-over](Self::take_handoff).
    #[inline(always)]
    pub fn is_handing_over(&self) -> bool {
        self.effects.handoff.is_some()
    }

    fn step_of(&mut self, passage: Passage) -> Step {
        let outcome = match passage {
            Passage::Other => self.outcome,
            Passage::Done => Outcome::Done(Ok(0)),
            Passage::Blocked => Outcome::Blocked { timeout: None },
        };
        Step {
            outcome,
            effects: self.take_effects(),
        }
    }

    fn go_on(&mut self, id: ThreadId, why: Resumption, machine: &mut impl Machine) -> Passage {
        if why != Resumption::Woken {
            return self.go_on_generally(id, why, machine);
        }
        match self.deliver_directly(id, machine) {
            Ok(()) => Passage::Done,
            Err(Unusual) => self.deliver_generally(id, machine),
        }
    }

    /// Carries on a read that is [not usual](Self::deliver_directly).
    #[inline(never)]
    pub fn deliver_generally(&mut self, id: ThreadId, machine: &mut dyn Machine) -> Passage {
        match mem::replace(&mut self.step_back, StepBack::Read) {
            StepBack::Untouched | StepBack::Read | StepBack::Unread => {
                self.go_on_generally(id, Resumption::Woken, machine)
            }
            StepBack::Ends => self.end_read_generally(id, machine),
            StepBack::Faults => self.end_faulting(id),
        }
    }

    fn go_on_generally(&mut self, id: ThreadId, why: Resumption, machine: &mut dyn Machine) -> Passage {
        let Some(thread) = self.threads.get_mut(id) else {
            return self.end_generally(id, Outcome::Done(Err(Errno::EINTR)));
        };
        let outcome = match mem::replace(&mut thread.blocked, Blocked::No) {
            Blocked::PlainRead | Blocked::Read => {
                let call = thread.read;
                self.resume_read(id, call, why, machine)
            }
            Blocked::Freeze => match self.take_freeze(id) {
                Some(wait) => self.resume_freeze(id, wait, why, machine),
                None => Outcome::Done(Err(Errno::EINTR)),
            },
            Blocked::No => Outcome::Done(Err(Errno::EINTR)),
        };
        self.end_generally(id, outcome)
    }

    fn resume_freeze(
        &mut self,
        id: ThreadId,
        wait: FreezeWait,
        why: Resumption,
        machine: &mut dyn Machine,
    ) -> Outcome {
        if why == Resumption::Woken
            && let Some(left) = wait.goes_on(machine)
        {
            return self.freeze_outcome(id, FreezeStep::Wait(wait, left));
        }
        self.leave_freezers(id, &wait);
        if why == Resumption::Interrupted && self.must_wait_to_freeze(&wait) {
            self.give_up_freezing(&wait);
            return Outcome::Done(Err(Errno::EINTR));
        }
        let step = self.go_on_freezing(id, wait, machine);
        self.freeze_outcome(id, step)
    }

    /// Ends a call that went the general way. Once an ioctl is over, the thread need not return again.
    #[inline]
    pub(crate) fn end_generally(&mut self, thread: ThreadId, outcome: Outcome) -> Passage {
        if let Outcome::Done(_) = outcome
            && let Some(thread) = self.threads.get_mut(thread)
        {
            thread.need_return = false;
        }
        let is_plain = self.effects.rest.is_empty();
        match outcome {
            Outcome::Done(Ok(0)) if is_plain => Passage::Done,
            Outcome::Blocked { timeout: None } if is_plain => Passage::Blocked,
            _ => {
                self.outcome = outcome;
                Passage::Other
            }
        }
    }

    /// Hands out the effects gathered so far.
    #[inline]
    pub(crate) fn take_effects(&mut self) -> Effects {
        mem::take(&mut self.effects)
    }

    /// Any commands, then any returns: what the [direct ways](Self::write_read_otherwise) left to do.
    #[inline(never)]
    pub fn write_read_generally(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut dyn Machine,
    ) -> Passage {
        let step_back = mem::replace(&mut self.step_back, StepBack::Read);
        let write_read = match (step_back, self.threads.get(caller)) {
            (StepBack::Ends, _) => return self.end_read_generally(caller, machine),
            (StepBack::Faults, _) => return self.end_faulting(caller),
            (_, None) => Err(Errno::EBADF),
            (StepBack::Untouched, Some(_)) => read(machine, argument),
            (StepBack::Read | StepBack::Unread, Some(thread)) => Ok(WriteRead {
                write_consumed: thread.read.write_read.write_consumed.max(self.consumed),
                ..thread.read.write_read
            }),
        };
        let outcome = match write_read {
            Ok(write_read) => self.write_then_read(caller, argument, write_read, blocking, machine),
            Err(errno) => Outcome::Done(Err(errno)),
        };
        self.end_generally(caller, outcome)
    }

    #[inline]
    fn write_then_read(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        mut write_read: WriteRead,
        blocking: Blocking,
        machine: &mut dyn Machine,
    ) -> Outcome {
        if write_read.write_size > 0
            && let Err(errno) = self.write(caller, &mut write_read, machine)
        {
            write_read.read_consumed = 0;
            return self.end_write_read(argument, &write_read, Err(errno), machine);
        }
        if write_read.read_size > 0 {
            return self.begin_read(caller, argument, write_read, blocking, machine);
        }
        self.end_write_read(argument, &write_read, Ok(0), machine)
    }

    /// Writes the caller's structure back.
    #[inline]
    pub(crate) fn end_write_read(
        &mut self,
        argument: UserAddress,
        write_read: &WriteRead,
        result: Result<i32, Errno>,
        machine: &mut (impl Machine + ?Sized),
    ) -> Outcome {
        Outcome::Done(match machine.write_user(argument, write_read.as_bytes()) {
            Ok(()) => result,
            Err(_) => Err(Errno::EFAULT),
        })
    }

    #[inline(never)]
    fn rare_ioctl(
        &mut self,
        caller: ThreadId,
        request: u32,
        argument: UserAddress,
        machine: &mut dyn Machine,
    ) -> Outcome {
        if request == BINDER_FREEZE {
            let step = match read::<FreezeInfo>(machine, argument) {
                Ok(info) => self.freeze(caller, info, machine),
                Err(errno) => FreezeStep::Done(Err(errno)),
            };
            return self.freeze_outcome(caller, step);
        }
        Outcome::Done(self.immediate_ioctl(caller, request, argument, machine))
    }

    fn freeze_outcome(&mut self, caller: ThreadId, step: FreezeStep) -> Outcome {
        match step {
            FreezeStep::Done(result) => Outcome::Done(result.map(|()| 0)),
            FreezeStep::Wait(wait, left) => match self.freeze_waits.place() {
                Ok(place) => {
                    let thread = &mut self.threads[caller];
                    thread.blocked = Blocked::Freeze;
                    thread.freeze = Some(place.id());
                    place.fill(wait);
                    Outcome::Blocked { timeout: Some(left) }
                }
                Err(NoMemory) => {
                    self.leave_freezers(caller, &wait);
                    self.give_up_freezing(&wait);
                    Outcome::Done(Err(Errno::ENOMEM))
                }
            },
        }
    }

    /// The ioctls that never wait.
    fn immediate_ioctl(
        &mut self,
        caller: ThreadId,
        request: u32,
        argument: UserAddress,
        machine: &mut dyn Machine,
    ) -> Result<i32, Errno> {
        let proc = self.threads[caller].proc;
        match request {
            BINDER_SET_MAX_THREADS => {
                self.procs[proc].pool.max = read(machine, argument).map_err(invalid)?;
                self.procs[proc].take_caution();
                Ok(0)
            }
            BINDER_SET_CONTEXT_MGR => self.become_manager(proc, None, machine),
            BINDER_SET_CONTEXT_MGR_EXT => {
                let object: FlatBinderObject = read(machine, argument).map_err(invalid)?;
                self.become_manager(proc, Some(object), machine)
            }
            BINDER_THREAD_EXIT => {
                self.exit_thread(caller);
                Ok(0)
            }
            BINDER_VERSION => write(machine, argument, &PROTOCOL_VERSION).map_err(invalid),
            BINDER_GET_NODE_DEBUG_INFO => {
                let asked: NodeDebugInfo = read(machine, argument)?;
                write(machine, argument, &self.node_after(proc, asked.ptr))
            }
            BINDER_GET_NODE_INFO_FOR_REF => {
                let asked: NodeInfoForRef = read(machine, argument)?;
                let info = self.node_info(proc, asked)?;
                write(machine, argument, &info)
            }
            BINDER_GET_FROZEN_INFO => {
                let asked: FrozenStatusInfo = read(machine, argument)?;
                let info = self.frozen_info(asked.pid)?;
                write(machine, argument, &info)
            }
            BINDER_ENABLE_ONEWAY_SPAM_DETECTION => {
                let enable: u32 = read(machine, argument)?;
                self.procs[proc].spam_detection = enable != 0;
                Ok(0)
            }
            BINDER_GET_EXTENDED_ERROR => {
                let error = mem::replace(&mut self.threads[caller].extended_error, NO_ERROR);
                write(machine, argument, &error)
            }
            // Among them BINDER_SET_IDLE_TIMEOUT and BINDER_SET_IDLE_PRIORITY, which were never implemented.
            _ => Err(Errno::EINVAL),
        }
    }
}
