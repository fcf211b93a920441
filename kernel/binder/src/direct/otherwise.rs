//! The usual shapes besides a plain call and its reply: one-way calls, calls with objects, frees alone, reads that find
//! something.
//!
//! They are looked for when the first shapes are not there, so that those cost no more for them.

use super::commands::{FREE, FREE_AND_SEND, SEND, Send};
use super::{Ahead, ROOM, Sender, StepBack, Unusual};
use crate::driver::{Blocking, Driver};
use crate::effects::Passage;
use crate::machine::{Machine, UserAddress};
use crate::table::ThreadId;
use crate::work::{Completion, Work};
use abi::binder::command::{BC_FREE_BUFFER, BC_REPLY, BC_TRANSACTION};
use abi::binder::reply::BR_OK;
use zerocopy::IntoBytes;

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
        let consumed = write_read.write_consumed.max(self.consumed);
        let mut left = write_read.write_size.wrapping_sub(consumed);
        if write_read.read_consumed != 0 || thread.return_error != BR_OK {
            return Err(Unusual);
        }
        if write_read.read_size == 0 && left == FREE {
            return self.only_free(caller, machine);
        }
        if write_read.read_size < ROOM || !thread.has_nothing() {
            return Err(Unusual);
        }
        let sender = Sender {
            thread: caller,
            proc: thread.proc,
            stack: thread.stack,
        };
        // What has come in are the first commands, unless the caller begins behind some.
        let is_new = write_read.write_consumed == 0;
        if is_new && (left == FREE || left == FREE_AND_SEND) {
            self.free_otherwise(caller, machine)?;
            left = left.wrapping_sub(FREE);
        }
        if left == 0 {
            self.take_directly(sender, machine)?;
            return Ok(Passage::Done);
        }
        if left != SEND || !is_new {
            return Err(Unusual);
        }
        let Send { code, message } = &self.incoming.send;
        match *code {
            BC_TRANSACTION if message.is_oneway() => self.send_oneway(sender, machine),
            BC_TRANSACTION => self.call_with_objects(sender, machine),
            BC_REPLY => self.reply_otherwise(sender, machine),
            _ => Err(Unusual),
        }
    }

    /// A reply behind a free that was not plain, or to a thread that has other things to read before.
    #[inline(never)]
    fn reply_otherwise(&mut self, sender: Sender, machine: &mut impl Machine) -> Result<Passage, Unusual> {
        self.bring_acceptance_ahead(sender);
        let handoff = self.reply_to::<true>(sender, machine)?;
        self.effects.handoff = Some(handoff);
        Ok(Passage::Done)
    }

    /// If whoever waits for this sender's reply has nothing to read but that its call was accepted, this need not be an
    /// item of work any more.
    fn bring_acceptance_ahead(&mut self, sender: Sender) {
        let Some(waiting) = sender.stack.and_then(|call| self.transactions[call].from) else {
            return;
        };
        let thread = &mut self.threads[waiting];
        if thread.todo.len() == 1
            && thread.ahead == Ahead::NOTHING
            && let Some(work) = thread.todo.front()
            && self.works[work].work == Work::Complete(Completion::Usual)
        {
            thread.todo.pop_front(&mut self.works);
            self.works.discard(work);
            thread.ahead.accepted = true;
        }
    }

    /// A free that is not plain. What comes behind it may be.
    #[inline(never)]
    fn free_otherwise(&mut self, caller: ThreadId, machine: &mut impl Machine) -> Result<(), Unusual> {
        let address = self.incoming.free.address()?;
        self.count_command(caller, BC_FREE_BUFFER, machine);
        self.free_by_address(caller, address, machine);
        self.consumed = FREE;
        let thread = &mut self.threads[caller];
        thread.read.write_read.write_consumed = FREE;
        if thread.need_return || !thread.has_nothing() || !self.effects.rest.is_empty() {
            return Err(Unusual);
        }
        Ok(())
    }

    /// A free, and no read.
    #[inline(always)]
    fn only_free(&mut self, caller: ThreadId, machine: &mut impl Machine) -> Result<Passage, Unusual> {
        let read = &self.threads[caller].read;
        let commands = read.write_read.write_buffer;
        let at = commands.wrapping_add(read.write_read.write_consumed);
        let free = self.incoming.free.as_mut_bytes();
        machine.read_user(at, free).map_err(|_| Unusual)?;
        self.free_directly(self.threads[caller].proc, self.incoming.free.address()?)?;
        let thread = &mut self.threads[caller];
        thread.read.write_read.write_consumed = thread.read.write_read.write_size;
        thread.need_return = false;
        let written = machine.write_user_value(thread.read.argument, &thread.read.write_read);
        match written {
            Ok(()) => Ok(Passage::Done),
            Err(_) => Err(self.step_back(StepBack::Faults)),
        }
    }
}
