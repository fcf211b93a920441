//! What is nearly usual: replies to threads that have other things to read.
//!
//! They are looked for when the usual shapes are not there, so that those cost no more for them.

use super::commands::SEND;
use super::{Ahead, ROOM, Sender, StepBack, Unusual};
use crate::driver::{Blocking, Driver};
use crate::effects::Passage;
use crate::machine::{Machine, UserAddress};
use crate::table::ThreadId;
use crate::work::{Completion, Work};
use abi::binder::command::BC_REPLY;

impl Driver {
    /// `BINDER_WRITE_READ` that was [begun](Self::begin_directly) and is not an errand for the caller.
    #[inline(always)]
    pub fn write_read_otherwise(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Passage {
        if self.step_back == StepBack::Read
            && let Ok(passage) = self.go_otherwise(caller, machine)
        {
            return passage;
        }
        self.write_read_generally(caller, argument, blocking, machine)
    }

    #[inline(always)]
    fn go_otherwise(&mut self, caller: ThreadId, machine: &mut impl Machine) -> Result<Passage, Unusual> {
        let thread = &self.threads[caller];
        let write_read = &thread.read.write_read;
        let progress = write_read.write_consumed | write_read.read_consumed;
        let left = write_read.write_size.wrapping_sub(self.consumed);
        // Only then it is the first commands that have come in.
        if progress | thread.pending() != 0 || write_read.read_size < ROOM || left != SEND {
            return Err(Unusual);
        }
        let sender = Sender {
            thread: caller,
            proc: thread.proc,
            stack: thread.stack,
        };
        if self.incoming.send.code != BC_REPLY {
            return Err(Unusual);
        }
        self.reply_otherwise(sender, machine)
    }

    /// A reply to a thread that has other things to read before.
    #[inline(never)]
    fn reply_otherwise(&mut self, sender: Sender, machine: &mut impl Machine) -> Result<Passage, Unusual> {
        self.bring_acceptance_ahead(sender.thread);
        let handoff = self.reply_to::<true>(sender, machine)?;
        self.effects.handoff = Some(handoff);
        Ok(Passage::Done)
    }

    /// If whoever waits for this thread's reply has nothing to read but that its call was accepted, this need not be an item
    /// of work any more.
    pub(super) fn bring_acceptance_ahead(&mut self, sender: ThreadId) {
        let Some(call) = self.threads.at(sender).stack else {
            return;
        };
        let Some(waiting) = self.transactions.at(call).from else {
            return;
        };
        let thread = self.threads.at_mut(waiting);
        if thread.todo.has_one()
            && thread.ahead == Ahead::NOTHING
            && thread.errors.queued() == 0
            && let Some(work) = thread.todo.front()
            && self.works.at(work).work == Work::Complete(Completion::Usual)
        {
            thread.todo.pop_front(&mut self.works);
            self.works.discard(work);
            thread.ahead.accepted = true;
        }
    }
}
