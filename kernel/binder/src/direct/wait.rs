//! A read that finds nothing, and the ends of reads.

use super::Unusual;
use super::sender::Sender;
use crate::driver::Driver;
use crate::effects::{Handoff, Outcome, Passage};
use crate::machine::Machine;
use crate::proc::Proc;
use crate::read::{ReadCall, Source};
use crate::table::ThreadId;
use crate::thread::{Blocked, Looper, Thread};
use abi::Errno;
use abi::binder::reply::BR_NOOP;

impl Proc {
    /// Whether a read of this thread ends without a look at others: there is nothing for them to be woken for, and no
    /// need of more of them.
    #[inline(always)]
    pub(super) fn is_quiet(&self, reader: &Thread) -> bool {
        let wants_looper = self.pool.requested == 0
            && self.pool.started < self.pool.max
            && self.waiting.is_empty()
            && reader.looper.intersects(Looper::IN_POOL);
        self.todo.is_empty() && !wants_looper
    }
}

impl Driver {
    /// Lets a thread that takes part in no call wait for work of its proc.
    #[inline(always)]
    pub(super) fn wait_directly(
        &mut self,
        caller: ThreadId,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let thread = self.threads.get_mut(caller).ok_or(Unusual)?;
        let proc = &mut self.procs[thread.proc];
        if thread.need_return || !thread.may_take_proc_work() || !proc.todo.is_empty() {
            return Err(Unusual);
        }
        machine
            .write_user(thread.read.write_read.read_buffer, &BR_NOOP.to_le_bytes())
            .map_err(|_| Unusual)?;
        machine.set_nice(proc.default_nice);
        thread.blocked = Blocked::Read;
        thread.read.begin(Source::OwnThenProc);
        thread.looper.insert(Looper::WAITING);
        proc.waiting.push_front(&mut self.threads, caller);
        Ok(Passage::Blocked(None))
    }

    /// Ends a read whose structure could not be written back.
    #[cold]
    pub(super) fn end_faulting(&mut self, caller: ThreadId, handoff: Option<Handoff>) -> Passage {
        self.effects.handoff = handoff;
        self.end_generally(caller, Outcome::Done(Err(Errno::EFAULT)))
    }

    /// Ends the read of a reply's sender when others of its proc have to be looked at.
    #[inline(never)]
    pub(super) fn end_reply(&mut self, sender: &Sender, machine: &mut impl Machine) -> Passage {
        self.look_at_freezers(sender.proc);
        let call = self.threads[sender.thread].read;
        self.end_read_generally(sender.thread, &call, machine)
    }

    /// Ends a read when others of the proc have to be looked at.
    #[inline(never)]
    pub(super) fn end_read_generally(
        &mut self,
        caller: ThreadId,
        call: &ReadCall,
        machine: &mut impl Machine,
    ) -> Passage {
        let outcome = self.finish_read(caller, call, machine);
        self.end_generally(caller, outcome)
    }
}
