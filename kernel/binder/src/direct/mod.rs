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
mod sender;
mod wait;

pub(crate) use ahead::Ahead;

use crate::driver::{Blocking, Driver};
use crate::effects::Passage;
use crate::machine::{Machine, UserAddress};
use crate::table::ThreadId;
use abi::binder::TransactionDataSecctx;
use abi::binder::command::{BC_REPLY, BC_TRANSACTION};
use commands::{FreeAndSend, WITH_FREE, WITHOUT_FREE};
use sender::Sender;
use zerocopy::IntoBytes;

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

impl Driver {
    /// Does the work of a whole `BINDER_WRITE_READ` if it is of the usual shape.
    #[inline(always)]
    pub(crate) fn write_read_directly(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Result<Passage, StepBack> {
        if blocking == Blocking::Refused || machine.traces() {
            return Err(StepBack::Untouched);
        }
        let thread = self.threads.get_mut(caller).ok_or(StepBack::Untouched)?;
        let read = &mut thread.read;
        read.argument = argument;
        let write_read = &mut read.write_read;
        machine
            .read_user(argument, write_read.as_mut_bytes())
            .map_err(|_| StepBack::Untouched)?;
        if (write_read.write_consumed | write_read.read_consumed) != 0 || write_read.read_size < ROOM {
            return Err(StepBack::Read);
        }
        let result = match write_read.write_size {
            0 => self.wait_directly(caller, machine),
            size @ (WITH_FREE | WITHOUT_FREE) => {
                match FreeAndSend::read(write_read.write_buffer, size, machine) {
                    Ok(commands) => {
                        let sender = Sender::new(caller, thread, &self.procs[thread.proc]);
                        self.exchange_directly(&sender, &commands, machine)
                    }
                    Err(unusual) => Err(unusual),
                }
            }
            _ => Err(Unusual),
        };
        result.map_err(|Unusual| StepBack::Read)
    }

    /// A message, perhaps after a free, and a read.
    #[inline(always)]
    fn exchange_directly(
        &mut self,
        sender: &Sender,
        commands: &FreeAndSend,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        if !sender.may_send {
            return Err(Unusual);
        }
        let frees = commands.frees();
        if frees {
            self.free_directly(sender, commands.address)?;
        }
        let result = match commands.code {
            BC_TRANSACTION => self.call_directly(sender, &commands.message, machine),
            BC_REPLY => self.reply_directly(sender, &commands.message, machine),
            _ => Err(Unusual),
        };
        if frees && result.is_err() {
            // The general way goes on behind the free.
            self.threads[sender.thread].read.write_read.write_consumed = WITH_FREE - WITHOUT_FREE;
        }
        result
    }
}
