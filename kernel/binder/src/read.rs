//! The read half of `BINDER_WRITE_READ`: work becomes returns.
//!
//! A read first settles whether it may take the proc's work: only a thread with nothing of its own, that is not inside
//! a transaction, may. Then it waits for something, then it takes item after item until there is no more, the room
//! could not hold the largest return, or an item ends the read by its nature.

use crate::driver::Driver;
use crate::effects::Outcome;
use crate::machine::{Machine, Trace, UserAddress, UserPlace};
use crate::returns::Returns;
use crate::table::{ProcId, ThreadId};
use crate::thread::{Blocked, Looper, Unread};
use crate::trace::Event;
use crate::work::{Completion, Queue, Work};
use crate::{Blocking, Resumption};
use abi::Errno;
use abi::binder::TransactionDataSecctx;
use abi::binder::ioctl::WriteRead;
use abi::binder::reply::{BR_NOOP, BR_SPAWN_LOOPER};

/// A read takes one more item only if so many bytes are free: a code and the largest payload.
const ROOM: u64 = (size_of::<u32>() + size_of::<TransactionDataSecctx>()) as u64;
/// Bytes of a code without payload.
pub(crate) const WORD: u64 = size_of::<u32>() as u64;

/// Where a read may take work from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// The thread's own queue.
    #[default]
    Own,
    /// That, and then the proc's.
    OwnThenProc,
}

/// A read that waits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ReadCall {
    /// Where the caller's structure is.
    pub(crate) argument: UserPlace,
    /// The structure.
    pub(crate) write_read: WriteRead,
    /// How far the read buffer is filled.
    position: u64,
    source: Source,
}

/// What an item of work means for the read that took it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It may take another.
    GoOn,
    /// It ends here.
    Stop,
}

impl ReadCall {
    /// Begins with an empty buffer, into which nothing but the code for nothing was written.
    #[inline(always)]
    pub(crate) fn begin(&mut self, source: Source) {
        self.position = WORD;
        self.source = source;
    }

    /// Whether nothing but the code for nothing was written yet.
    #[inline]
    pub(crate) const fn is_fresh(&self) -> bool {
        self.position == WORD
    }
}

impl Driver {
    /// Begins a read.
    pub(crate) fn begin_read(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        write_read: WriteRead,
        blocking: Blocking,
        machine: &mut dyn Machine,
    ) -> Outcome {
        let Some(place) = UserPlace::new(argument) else {
            return Outcome::Done(Err(Errno::EFAULT));
        };
        let mut call = ReadCall {
            argument: place,
            write_read,
            position: write_read.read_consumed,
            source: Source::Own,
        };
        if write_read.read_consumed == 0 {
            let noop = BR_NOOP.to_le_bytes();
            if machine.write_user(write_read.read_buffer, &noop).is_err() {
                return self.end_read(caller, &call, Err(Errno::EFAULT), machine);
            }
            let task = self.threads[caller].task;
            machine.trace(|| Event::Return { task, code: BR_NOOP });
            call.position = WORD;
        }
        self.look_for_work(caller, call, blocking, machine)
    }

    /// Goes on with a read that waited.
    pub(crate) fn resume_read(
        &mut self,
        caller: ThreadId,
        call: ReadCall,
        why: Resumption,
        machine: &mut dyn Machine,
    ) -> Outcome {
        self.stop_waiting(caller);
        if why == Resumption::Interrupted {
            return self.end_read(caller, &call, Err(Errno::EINTR), machine);
        }
        if !self.has_work(caller, call.source) {
            return self.wait(caller, call);
        }
        self.take_work(caller, call, machine)
    }

    /// Whether a read from this source has something to return.
    #[inline]
    pub(crate) fn has_work(&self, caller: ThreadId, source: Source) -> bool {
        let thread = &self.threads[caller];
        thread.process_todo
            || thread.need_return
            || source == Source::OwnThenProc && !self.procs[thread.proc].todo.is_empty()
    }

    fn look_for_work(
        &mut self,
        caller: ThreadId,
        mut call: ReadCall,
        blocking: Blocking,
        machine: &mut dyn Machine,
    ) -> Outcome {
        let thread = &self.threads[caller];
        call.source = Source::Own;
        if thread.may_take_proc_work() {
            call.source = Source::OwnThenProc;
            machine.set_nice(self.procs[thread.proc].default_nice);
        }
        if self.has_work(caller, call.source) {
            return self.take_work_or_wait(caller, call, blocking, machine);
        }
        match blocking {
            Blocking::Refused => self.end_read(caller, &call, Err(Errno::EAGAIN), machine),
            Blocking::Allowed => self.wait(caller, call),
        }
    }

    fn wait(&mut self, caller: ThreadId, call: ReadCall) -> Outcome {
        let thread = &mut self.threads[caller];
        thread.blocked = if call.is_plain() {
            Blocked::PlainRead
        } else {
            Blocked::Read
        };
        thread.read = call;
        if call.source == Source::OwnThenProc {
            let proc = thread.proc;
            self.procs[proc].waiting.push_front(&mut self.threads, caller);
        }
        Outcome::Blocked { timeout: None }
    }

    /// The thread is not blocked in a read any more.
    #[inline]
    pub(crate) fn stop_waiting(&mut self, caller: ThreadId) {
        let thread = &self.threads[caller];
        if thread.is_waiting() {
            let proc = thread.proc;
            self.procs[proc].waiting.remove(&mut self.threads, caller);
        }
    }

    fn take_work(&mut self, caller: ThreadId, call: ReadCall, machine: &mut dyn Machine) -> Outcome {
        self.take_work_or_wait(caller, call, Blocking::Allowed, machine)
    }

    fn take_work_or_wait(
        &mut self,
        caller: ThreadId,
        mut call: ReadCall,
        blocking: Blocking,
        machine: &mut dyn Machine,
    ) -> Outcome {
        let proc = self.threads[caller].proc;
        let size = call.write_read.read_size;
        let mut returns = Returns::new(call.write_read.read_buffer, call.position);
        loop {
            let queue = if !self.threads[caller].has_nothing() {
                Queue::Thread(caller)
            } else if call.source == Source::OwnThenProc && !self.procs[proc].todo.is_empty() {
                Queue::Proc(proc)
            } else {
                if returns.position() == WORD && !self.threads[caller].need_return {
                    // All that was there had become pointless.
                    return self.look_for_work(caller, call, blocking, machine);
                }
                break;
            };
            // As on Linux, a room smaller than what it holds already counts as endless.
            if size.wrapping_sub(returns.position()) < ROOM {
                break;
            }
            match self.return_first(caller, proc, queue, &mut returns, machine) {
                Ok(Next::GoOn) => {}
                Ok(Next::Stop) => break,
                Err(_) => return self.end_read(caller, &call, Err(Errno::EFAULT), machine),
            }
        }
        if returns.flush(machine).is_err() {
            return self.end_read(caller, &call, Err(Errno::EFAULT), machine);
        }
        call.write_read.read_consumed = returns.position();
        self.finish_read(caller, &call, machine)
    }

    /// Ends a read that has returned something.
    #[inline]
    pub(crate) fn finish_read(
        &mut self,
        caller: ThreadId,
        call: &ReadCall,
        machine: &mut (impl Machine + ?Sized),
    ) -> Outcome {
        let result = self.ask_for_looper(caller, call, machine);
        self.end_read(caller, call, result, machine)
    }

    /// Takes the first item of a queue and returns what it says.
    #[inline]
    fn return_first(
        &mut self,
        caller: ThreadId,
        proc: ProcId,
        queue: Queue,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, crate::Fault> {
        if queue == Queue::Thread(caller)
            && let Some(unread) = self.take_apart(caller)
        {
            return match unread {
                Unread::Work(Work::Transaction(transaction)) => {
                    self.return_transaction(caller, transaction, returns, machine)
                }
                Unread::Work(_) => self.return_acceptance(caller, Completion::Usual, returns, machine),
                Unread::Error(kind) => self.return_error(caller, kind, returns, machine),
            };
        }
        let Some(id) = self.take_first(queue) else {
            return Ok(Next::Stop);
        };
        match self.works[id].work {
            Work::Transaction(transaction) => self.return_transaction(caller, transaction, returns, machine),
            Work::Complete(completion) => {
                self.works.discard(id);
                self.return_acceptance(caller, completion, returns, machine)
            }
            Work::Node(node) => self.return_node(caller, node, returns, machine),
            Work::Death(death) => self.return_death(caller, proc, death, returns, machine),
            Work::Freeze(freeze) => self.return_freeze(caller, proc, freeze, returns, machine),
        }
    }

    /// If all threads of the pool are busy and it may grow, asks this one to start another.
    #[inline]
    fn ask_for_looper(
        &mut self,
        caller: ThreadId,
        call: &ReadCall,
        machine: &mut (impl Machine + ?Sized),
    ) -> Result<i32, Errno> {
        let thread = &self.threads[caller];
        let proc = &mut self.procs[thread.proc];
        if proc.pool.requested == 0
            && proc.waiting.is_empty()
            && proc.pool.started < proc.pool.max
            && thread.looper.intersects(Looper::IN_POOL)
        {
            proc.pool.requested = 1;
            let spawn = BR_SPAWN_LOOPER.to_le_bytes();
            if machine.write_user(call.write_read.read_buffer, &spawn).is_err() {
                return Err(Errno::EFAULT);
            }
            self.count_return(caller, BR_SPAWN_LOOPER, machine);
        }
        Ok(0)
    }

    /// Ends a read: another thread is woken if there is more, and the caller's structure is written back.
    #[inline]
    fn end_read(
        &mut self,
        caller: ThreadId,
        call: &ReadCall,
        result: Result<i32, Errno>,
        machine: &mut (impl Machine + ?Sized),
    ) -> Outcome {
        let proc = self.threads[caller].proc;
        if !self.procs[proc].todo.is_empty() {
            self.wake_proc(proc);
        }
        self.end_write_read(call.argument.address(), &call.write_read, result, machine)
    }
}
