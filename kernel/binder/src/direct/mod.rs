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
use abi::binder::ioctl::WriteRead;
use commands::{FreeAndSend, WITH_FREE, WITHOUT_FREE};

/// The least room that a read must offer: a code for nothing, one for the news of acceptance, and the largest return.
const ROOM: u64 = (3 * size_of::<u32>() + size_of::<TransactionDataSecctx>()) as u64;

/// A step back: the general way is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unusual;

impl Driver {
    /// Does the work of a whole `BINDER_WRITE_READ` if it is of the usual shape. If it is not, `write_read` tells how
    /// far its commands were carried out.
    #[inline(always)]
    pub(crate) fn write_read_directly(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        write_read: &mut WriteRead,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Option<Passage> {
        let unusual = (write_read.write_consumed | write_read.read_consumed) != 0
            || write_read.read_size < ROOM
            || blocking == Blocking::Refused
            || machine.traces();
        if unusual {
            return None;
        }
        match write_read.write_size {
            0 => self.wait_directly(caller, argument, write_read, machine).ok(),
            WITH_FREE | WITHOUT_FREE => self.exchange_directly(caller, argument, write_read, machine).ok(),
            _ => None,
        }
    }

    /// A message, perhaps after a free, and a read.
    #[inline(always)]
    fn exchange_directly(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        write_read: &mut WriteRead,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        let commands = FreeAndSend::read(write_read, machine)?;
        let sender = self.direct_sender(caller)?;
        if write_read.write_size == WITH_FREE {
            self.free_directly(&sender, commands.address)?;
            write_read.write_consumed = WITH_FREE - WITHOUT_FREE;
        }
        match commands.code {
            BC_TRANSACTION => self.call_directly(&sender, argument, write_read, &commands.message, machine),
            BC_REPLY => self.reply_directly(&sender, argument, write_read, &commands.message, machine),
            _ => Err(Unusual),
        }
    }
}
