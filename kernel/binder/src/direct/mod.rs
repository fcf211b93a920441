//! The direct way: a plain call goes straight to a thread that waits for one, and its reply straight back.
//!
//! Most of what programs say to each other is one shape: free the last buffer, send a message without objects, wait; and
//! on the other side read it, free, reply, wait again. For this shape the general way asks many questions whose answers
//! are known. The direct way asks them all first, and changes nothing until all answers are the usual ones; if one is
//! not, it steps back and the general way does the whole work. So it decides nothing by itself: whatever it does, the
//! general way would have done with the same effect, in the debug files too. The tests hold random conversations both
//! ways and compare.
//!
//! What it spares: items of work, and looking objects up again and again. A transaction that is handed to its reader, and
//! the news that the reader's own call was accepted, stand [ahead](Ahead) of the thread's queue, as two fields of the
//! thread.

mod ahead;
mod call;
mod commands;
mod deliver;
mod free;
mod message;
mod reply;
mod wait;

pub(crate) use ahead::Ahead;

use crate::driver::{Blocking, Driver};
use crate::effects::Passage;
use crate::list::List;
use crate::machine::{Machine, UserAddress};
use crate::table::{ProcId, ThreadId, TransactionId};
use crate::thread::WaitingChain;
use abi::binder::TransactionDataSecctx;
use abi::binder::command::{BC_REPLY, BC_TRANSACTION};
use abi::binder::reply::BR_OK;
use commands::{FREE, FREE_AND_SEND, Free, FreeAndSend, SEND, Send};
use zerocopy::{FromZeros, IntoBytes};

/// The least room that a read must offer: a code for nothing, one for the news of acceptance, and the largest return.
const ROOM: u64 = (3 * size_of::<u32>() + size_of::<TransactionDataSecctx>()) as u64;

/// Something is not as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unusual;

/// The general way is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepBack {
    /// From the start.
    Untouched,
    /// The caller's structure has been read into its thread; it tells how far its commands were carried out.
    Read,
}

/// Who sends, as far as it is known before anything else is looked at.
#[derive(Clone, Copy)]
struct Sender {
    thread: ThreadId,
    proc: ProcId,
    /// The innermost transaction that the thread takes part in.
    stack: Option<TransactionId>,
}

impl Driver {
    /// `BINDER_WRITE_READ`: commands first, then returns.
    #[inline(always)]
    pub fn write_read(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Passage {
        let Some(thread) = self.threads.get_mut(caller) else {
            return self.write_read_generally(caller, argument, StepBack::Untouched, blocking, machine);
        };
        let read = &mut thread.read;
        read.argument = argument;
        let write_read = &mut read.write_read;
        if blocking == Blocking::Refused
            || machine.traces()
            || machine.read_user(argument, write_read.as_mut_bytes()).is_err()
        {
            return self.write_read_generally(caller, argument, StepBack::Untouched, blocking, machine);
        }
        let is_new = (write_read.write_consumed | write_read.read_consumed) == 0;
        let (size, room) = (write_read.write_size, write_read.read_size);
        let commands = write_read.write_buffer;
        if !is_new || room < ROOM || thread.return_error != BR_OK || !thread.has_nothing() {
            if (size | room) == 0 {
                return self.answer_nothing(caller, argument, machine);
            }
            return self.write_read_generally(caller, argument, StepBack::Read, blocking, machine);
        }
        let sender = Sender {
            thread: caller,
            proc: thread.proc,
            stack: thread.stack,
        };
        let result = if size == 0 {
            let waits = thread.wait_directly(caller, &mut self.procs[sender.proc], machine);
            waits.map(|after| {
                List::<WaitingChain>::stand_behind(&mut self.threads, after, Some(caller));
                Passage::Blocked
            })
        } else {
            self.send_directly(sender, size, commands, machine)
        };
        match result {
            Ok(passage) => passage,
            Err(Unusual) => self.write_read_generally(caller, argument, StepBack::Read, blocking, machine),
        }
    }

    /// Neither commands nor room for returns: the structure goes back as it is.
    #[inline(always)]
    fn answer_nothing(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        machine: &mut impl Machine,
    ) -> Passage {
        let thread = &mut self.threads[caller];
        thread.need_return = false;
        match machine.write_user(argument, thread.read.write_read.as_bytes()) {
            Ok(()) => Passage::Done,
            Err(_) => self.end_faulting(caller),
        }
    }

    /// Does the commands of a usual shape, and what the read behind them means.
    #[inline(always)]
    fn send_directly(
        &mut self,
        sender: Sender,
        size: u64,
        commands: UserAddress,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let frees = size == FREE_AND_SEND;
        let commands = match size {
            FREE_AND_SEND => commands::read(commands, machine)?,
            SEND => FreeAndSend {
                free: Free::new_zeroed(),
                send: commands::read::<Send>(commands, machine)?,
            },
            FREE => return self.free_and_wait(sender.thread, sender.proc, commands, machine),
            _ => return Err(Unusual),
        };
        if frees {
            self.free_directly(sender.proc, commands.free.address()?)?;
        }
        let message = &commands.send.message;
        let result = match commands.send.code {
            BC_TRANSACTION => self.call_directly(sender, message, machine),
            BC_REPLY => self.reply_directly(sender, message, machine),
            _ => Err(Unusual),
        };
        if frees && result.is_err() {
            // The general way goes on behind the free.
            self.threads[sender.thread].read.write_read.write_consumed = FREE;
        }
        result
    }

    /// A free, and a read.
    #[inline(never)]
    fn free_and_wait(
        &mut self,
        caller: ThreadId,
        proc: ProcId,
        commands: UserAddress,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let free: Free = commands::read(commands, machine)?;
        self.free_directly(proc, free.address()?)?;
        let thread = &mut self.threads[caller];
        thread.read.write_read.write_consumed = FREE;
        let after = thread.wait_directly(caller, &mut self.procs[proc], machine)?;
        List::<WaitingChain>::stand_behind(&mut self.threads, after, Some(caller));
        Ok(Passage::Blocked)
    }
}
