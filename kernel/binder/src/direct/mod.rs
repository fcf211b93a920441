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
//! thread. A kernel that makes the reader current at once gets both sides in [one hand](Handed), and nothing is looked
//! up a second time.

mod ahead;
mod call;
mod commands;
mod deliver;
mod free;
mod handed;
mod message;
mod reply;
mod wait;

pub(crate) use ahead::Ahead;
pub(crate) use commands::FreeAndSend;
pub use handed::Handed;

use crate::driver::{Blocking, Driver};
use crate::effects::Passage;
use crate::list::List;
use crate::machine::{Machine, UserAddress};
use crate::table::{ProcId, ThreadId, TransactionId};
use crate::thread::WaitingChain;
use abi::binder::TransactionDataSecctx;
use abi::binder::command::{BC_REPLY, BC_TRANSACTION};
use abi::binder::reply::BR_OK;
use commands::{FREE, FREE_AND_SEND, SEND};
use zerocopy::IntoBytes;

/// The least room that a read must offer: a code for nothing, one for the news of acceptance, and the largest return.
const ROOM: u64 = (3 * size_of::<u32>() + size_of::<TransactionDataSecctx>()) as u64;

/// Something is not as usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unusual;

/// How a `BINDER_WRITE_READ` went on that took the direct way.
#[derive(Debug)]
#[must_use]
pub enum Direct<'driver> {
    /// It is over and answers 0, perhaps with a [hand-over](Driver::take_handoff).
    Done,
    /// The caller has to wait, and handed nothing over.
    Waits,
    /// The caller has to wait for the thread that it handed a call to.
    Handed(Handed<'driver>),
}

/// The general way is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum StepBack {
    /// From the start.
    Untouched,
    /// The caller's structure has been read into its thread, and so many bytes of its commands were carried out.
    Read {
        /// Bytes of commands.
        consumed: u64,
    },
    /// All is done and read; only others of the caller's proc have to be looked at.
    Ends,
    /// All is done and read; only the caller's structure could not be written back.
    Faults,
}

impl From<Unusual> for StepBack {
    #[inline(always)]
    fn from(_: Unusual) -> Self {
        Self::Read { consumed: 0 }
    }
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
    #[inline]
    pub fn write_read(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Passage {
        let step_back = match self.write_read_directly(caller, argument, blocking, machine) {
            Ok(Direct::Done) => return Passage::Done,
            Ok(Direct::Waits) => return Passage::Blocked,
            Ok(Direct::Handed(handed)) => {
                handed.leave();
                return Passage::Blocked;
            }
            Err(step_back) => step_back,
        };
        self.write_read_generally(caller, argument, step_back, blocking, machine)
    }

    /// `BINDER_WRITE_READ` if all about it is usual.
    ///
    /// # Errors
    ///
    /// What [`Self::write_read_generally`] has still to do.
    #[inline(always)]
    pub fn write_read_directly(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Result<Direct<'_>, StepBack> {
        let thread = self.threads.get_mut(caller).ok_or(StepBack::Untouched)?;
        let read = &mut thread.read;
        read.argument = argument;
        let write_read = &mut read.write_read;
        if blocking == Blocking::Refused
            || machine.traces()
            || machine.read_user(argument, write_read.as_mut_bytes()).is_err()
        {
            return Err(StepBack::Untouched);
        }
        let is_new = (write_read.write_consumed | write_read.read_consumed) == 0;
        let (size, room) = (write_read.write_size, write_read.read_size);
        let commands = write_read.write_buffer;
        if !is_new || room < ROOM || thread.return_error != BR_OK || !thread.has_nothing() {
            if (size | room) == 0 {
                // Neither commands nor room for returns: the structure goes back as it is.
                thread.need_return = false;
                return match machine.write_user(argument, thread.read.write_read.as_bytes()) {
                    Ok(()) => Ok(Direct::Done),
                    Err(_) => Err(StepBack::Faults),
                };
            }
            return Err(Unusual.into());
        }
        let sender = Sender {
            thread: caller,
            proc: thread.proc,
            stack: thread.stack,
        };
        if size == 0 {
            let after = thread.wait_directly(caller, &mut self.procs[sender.proc], machine)?;
            List::<WaitingChain>::stand_behind(&mut self.threads, after, caller);
            return Ok(Direct::Waits);
        }
        self.send_directly(sender, size, commands, machine)
    }

    /// Does the commands of a usual shape, and what the read behind them means.
    #[inline(always)]
    fn send_directly(
        &mut self,
        sender: Sender,
        size: u64,
        commands: UserAddress,
        machine: &mut impl Machine,
    ) -> Result<Direct<'_>, StepBack> {
        let incoming = &mut self.incoming;
        let read = match size {
            FREE_AND_SEND => machine.read_user(commands, incoming.as_mut_bytes()),
            SEND => machine.read_user(commands, incoming.send.as_mut_bytes()),
            FREE => return self.free_and_wait(sender.thread, sender.proc, commands, machine),
            _ => return Err(Unusual.into()),
        };
        read.map_err(|_| Unusual)?;
        let mut consumed = 0;
        if size == FREE_AND_SEND {
            self.free_directly(sender.proc, self.incoming.free.address()?)?;
            consumed = FREE;
        }
        let result = match self.incoming.send.code {
            BC_TRANSACTION => self.call_directly(sender, machine),
            BC_REPLY => self.reply_directly(sender, machine),
            _ => Err(Unusual.into()),
        };
        result.map_err(|step_back| match step_back {
            // The general way goes on behind the free.
            StepBack::Read { .. } => StepBack::Read { consumed },
            other => other,
        })
    }

    /// A free, and a read.
    #[inline(always)]
    fn free_and_wait(
        &mut self,
        caller: ThreadId,
        proc: ProcId,
        commands: UserAddress,
        machine: &mut impl Machine,
    ) -> Result<Direct<'_>, StepBack> {
        let read = machine.read_user(commands, self.incoming.free.as_mut_bytes());
        read.map_err(|_| Unusual)?;
        self.free_directly(proc, self.incoming.free.address()?)?;
        let thread = &mut self.threads[caller];
        thread.read.write_read.write_consumed = FREE;
        let waits = thread.wait_directly(caller, &mut self.procs[proc], machine);
        let after = waits.map_err(|Unusual| StepBack::Read { consumed: FREE })?;
        List::<WaitingChain>::stand_behind(&mut self.threads, after, caller);
        Ok(Direct::Waits)
    }
}
