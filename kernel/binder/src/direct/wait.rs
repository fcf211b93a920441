//! A read that finds nothing, and the ends of reads.

use super::{Sender, Unusual};
use crate::driver::Driver;
use crate::effects::{Outcome, Passage};
use crate::machine::Machine;
use crate::proc::Proc;
use crate::read::Source;
use crate::table::ThreadId;
use crate::thread::{Blocked, Looper, Thread};
use abi::Errno;
use abi::binder::reply::BR_NOOP;

impl Proc {
    /// Whether a read of this thread ends without a look at others: there is nothing for them to be woken for, no need of
    /// more of them, and nobody waits for it to be frozen.
    #[inline(always)]
    pub(super) fn is_quiet(&self, reader: &Thread) -> bool {
        self.todo.is_empty() && (self.caution.is_empty() || self.is_quiet_all_the_same(reader))
    }

    fn is_quiet_all_the_same(&self, reader: &Thread) -> bool {
        let wants_looper = self.pool.started < self.pool.max
            && self.pool.requested == 0
            && self.waiting.is_empty()
            && reader.looper.intersects(Looper::IN_POOL);
        !self.frozen.frozen && !wants_looper
    }
}

impl Thread {
    /// Waits, with nothing to read: for work of its proc, or inside a call for what comes to itself. Which thread has to learn
    /// that this one [stands before it](crate::list::List::stand_behind) now.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: then nothing is done.
    #[inline(always)]
    pub(super) fn wait(
        &mut self,
        sender: Sender,
        proc: &mut Proc,
        machine: &mut impl Machine,
    ) -> Result<Option<ThreadId>, Unusual> {
        let is_inside = sender.stack.is_some();
        if self.need_return || !is_inside && !proc.todo.is_empty() {
            return Err(Unusual);
        }
        self.read.put_first(&BR_NOOP, machine).map_err(|_| Unusual)?;
        self.blocked = Blocked::PlainRead;
        if is_inside {
            self.read.begin(Source::Own);
            return Ok(None);
        }
        self.read.begin(Source::OwnThenProc);
        machine.set_nice(proc.default_nice);
        Ok(proc.waiting.lead(self, sender.thread))
    }
}

impl Driver {
    /// Ends a read whose structure could not be written back.
    #[cold]
    pub(crate) fn end_faulting(&mut self, caller: ThreadId) -> Passage {
        self.end_generally(caller, Outcome::Done(Err(Errno::EFAULT)))
    }

    /// Ends a read when others of the proc have to be looked at.
    pub(crate) fn end_read_generally(&mut self, caller: ThreadId, machine: &mut dyn Machine) -> Passage {
        let thread = &self.threads[caller];
        let (proc, call) = (thread.proc, thread.read);
        self.look_at_freezers(proc);
        let outcome = self.finish_read(caller, &call, machine);
        self.end_generally(caller, outcome)
    }
}
