//! A read that finds nothing, and the ends of reads.

use super::{Sender, Unusual};
use crate::driver::Driver;
use crate::effects::{Outcome, Passage};
use crate::list::List;
use crate::machine::Machine;
use crate::proc::Proc;
use crate::read::Source;
use crate::table::ThreadId;
use crate::thread::{Blocked, Looper, Thread, WaitingChain};
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

impl Driver {
    /// Lets a thread wait, with nothing to read: for work of its proc, or inside a call for what comes to itself.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: then nothing is done.
    #[inline(always)]
    pub fn wait_directly(&mut self, sender: Sender, machine: &mut impl Machine) -> Result<(), Unusual> {
        let thread = &mut self.threads[sender.thread];
        let proc = &mut self.procs[sender.proc];
        let is_inside = sender.stack.is_some();
        if thread.need_return || !is_inside && !proc.todo.is_empty() {
            return Err(Unusual);
        }
        machine
            .write_user_value(thread.read.write_read.read_buffer, &BR_NOOP)
            .map_err(|_| Unusual)?;
        thread.blocked = Blocked::Read;
        if is_inside {
            thread.read.begin(Source::Own);
            return Ok(());
        }
        thread.read.begin(Source::OwnThenProc);
        machine.set_nice(proc.default_nice);
        let after = proc.waiting.lead(thread, sender.thread);
        List::<WaitingChain>::stand_behind(&mut self.threads, after, sender.thread);
        Ok(())
    }

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
