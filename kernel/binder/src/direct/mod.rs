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
mod objects;
mod oneway;
mod otherwise;
mod reply;
mod take;
mod wait;

pub(crate) use ahead::Ahead;
pub(crate) use commands::FreeAndSend;
pub use handed::Handed;

use crate::driver::{Blocking, Driver};
use crate::effects::{Effect, Outcome, Passage};
use crate::list::List;
use crate::machine::{Machine, UserAddress, UserPlace};
use crate::table::{ProcId, ThreadId, TransactionId};
use crate::thread::WaitingChain;
use abi::binder::TransactionDataSecctx;
use abi::binder::command::{BC_REPLY, BC_TRANSACTION};
use commands::{FREE, FREE_AND_SEND, SEND};

/// The least room that a read must offer: a code for nothing, one for the news of acceptance, and the largest return.
const ROOM: u64 = (3 * size_of::<u32>() + size_of::<TransactionDataSecctx>()) as u64;

/// Something is not as usual: [another way](Driver::write_read_otherwise) is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusual;

/// What a usual `BINDER_WRITE_READ` asks for.
#[derive(Clone, Copy, Debug)]
pub enum Errand {
    /// A [call](Driver::call_directly), and to wait for its reply.
    Call(Sender),
    /// A [call with objects](Driver::call_with_objects), and to wait for its reply.
    CallWithObjects(Sender),
    /// A [reply](Driver::reply_directly), and what it comes to.
    Reply(Sender),
    /// To wait for something to read. The thread is made to wait already.
    Wait,
    /// To [take](Driver::take_directly) what is in the proc's queue, if that is usual.
    Take(Sender),
    /// A [one-way call](Driver::send_oneway), and to be told that it was accepted.
    OneWay(Sender),
    /// Nothing. It is over.
    Nothing,
}

/// Whose errand it is, as far as it is known before anything else is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    thread: ThreadId,
    proc: ProcId,
    /// The innermost transaction that the thread takes part in.
    stack: Option<TransactionId>,
}

/// Where the general way begins, when the direct one steps back.
///
/// It stands in the driver and not in a result, so that all the questions of the direct way have the same way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepBack {
    /// At the start.
    Untouched,
    /// With the caller's structure, which was read into its thread, behind the commands that were carried out.
    Read,
    /// The same, but the commands could not be read.
    Unread,
    /// All is done and read; only others of the caller's proc have to be looked at.
    Ends,
    /// All is done and read; only the caller's structure could not be written back.
    Faults,
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
        match self.try_directly(caller, argument, blocking, machine) {
            Ok(passage) => passage,
            Err(Unusual) => self.write_read_otherwise(caller, argument, blocking, machine),
        }
    }

    fn try_directly(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Result<Passage, Unusual> {
        match self.begin_directly(caller, argument, blocking, machine)? {
            Errand::Call(sender) => {
                self.call_directly(sender, machine)?.leave();
                Ok(Passage::Blocked)
            }
            Errand::CallWithObjects(sender) => {
                if let Some(call) = self.call_with_objects(sender, machine)? {
                    call.leave();
                }
                Ok(Passage::Blocked)
            }
            Errand::Reply(sender) => {
                let handoff = self.reply_directly(sender, machine)?;
                self.effects.handoff = Some(handoff);
                Ok(Passage::Done)
            }
            Errand::Wait => Ok(Passage::Blocked),
            Errand::Take(sender) => {
                self.take_directly(sender, machine)?;
                Ok(Passage::Done)
            }
            Errand::OneWay(sender) => match self.send_oneway(sender, machine)? {
                None => Ok(Passage::Done),
                Some((task, reader)) => {
                    self.effects.rest.push(Effect::Wake(task, reader));
                    self.outcome = Outcome::Done(Ok(0));
                    Ok(Passage::Other)
                }
            },
            Errand::Nothing => Ok(Passage::Done),
        }
    }

    /// Begins a `BINDER_WRITE_READ` if it is of a usual shape: reads its commands, and frees the buffer that they free.
    ///
    /// # Errors
    ///
    /// [`Unusual`], as from all that may follow.
    #[inline(always)]
    pub fn begin_directly(
        &mut self,
        caller: ThreadId,
        argument: UserAddress,
        blocking: Blocking,
        machine: &mut impl Machine,
    ) -> Result<Errand, Unusual> {
        self.consumed = 0;
        let Some(thread) = self.threads.get_mut(caller) else {
            return Err(self.step_back(StepBack::Untouched));
        };
        let read = &mut thread.read;
        let Some(place) = UserPlace::new(argument) else {
            return Err(self.step_back(StepBack::Untouched));
        };
        read.argument = place;
        let write_read = &mut read.write_read;
        if blocking == Blocking::Refused
            || machine.traces()
            || machine.read_user_into(argument, write_read).is_err()
        {
            return Err(self.step_back(StepBack::Untouched));
        }
        let progress = write_read.write_consumed | write_read.read_consumed;
        let (size, room) = (write_read.write_size, write_read.read_size);
        let commands = write_read.write_buffer;
        let caution = progress | thread.pending();
        // The most frequent shape is told by the same test as that nothing is unusual.
        let is_frequent = caution | (size ^ FREE_AND_SEND) == 0;
        if room < ROOM || !is_frequent && caution != 0 {
            if size == FREE && room | progress | thread.errors.keep_commands_back() == 0 {
                if machine.read_user_into(commands, &mut self.incoming.free).is_err() {
                    return Err(self.step_back(StepBack::Unread));
                }
                let proc = thread.proc;
                self.free_apart::<()>(caller, proc, self.incoming.free.address()?)?;
            } else if size | room != 0 {
                return Err(Unusual);
            }
            // Without room for returns there is nothing else to do.
            let thread = &mut self.threads[caller];
            thread.need_return = false;
            let read = &mut thread.read;
            read.write_read.write_consumed |= size;
            return match machine.write_user_place(place, &read.write_read) {
                Ok(()) => Ok(Errand::Nothing),
                Err(_) => Err(self.step_back(StepBack::Faults)),
            };
        }
        let sender = Sender {
            thread: caller,
            proc: thread.proc,
            stack: thread.stack,
        };
        let incoming = &mut self.incoming;
        match size {
            _ if is_frequent => {
                if machine.read_user_into(commands, incoming).is_err() {
                    return Err(self.step_back(StepBack::Unread));
                }
                self.free_incoming(sender)?;
            }
            SEND => {
                if machine.read_user_into(commands, &mut incoming.send).is_err() {
                    return Err(self.step_back(StepBack::Unread));
                }
            }
            0 => {
                return Ok(match thread.wait(sender, &mut self.procs[sender.proc], machine) {
                    Ok(behind) => {
                        List::<WaitingChain>::stand_behind(&mut self.threads, behind, caller);
                        Errand::Wait
                    }
                    Err(Unusual) => Errand::Take(sender),
                });
            }
            FREE => {
                if machine.read_user_into(commands, &mut incoming.free).is_err() {
                    return Err(self.step_back(StepBack::Unread));
                }
                self.free_incoming(sender)?;
                let thread = &mut self.threads[caller];
                thread.read.write_read.write_consumed = FREE;
                return Ok(match thread.wait(sender, &mut self.procs[sender.proc], machine) {
                    Ok(behind) => {
                        List::<WaitingChain>::stand_behind(&mut self.threads, behind, caller);
                        Errand::Wait
                    }
                    Err(Unusual) => Errand::Take(sender),
                });
            }
            _ => return Err(Unusual),
        }
        match self.incoming.send.code {
            BC_TRANSACTION if self.incoming.send.message.is_plain_call() => Ok(Errand::Call(sender)),
            BC_REPLY => Ok(Errand::Reply(sender)),
            BC_TRANSACTION if self.incoming.send.message.is_plain_oneway() => Ok(Errand::OneWay(sender)),
            BC_TRANSACTION if !self.incoming.send.message.is_oneway() => Ok(Errand::CallWithObjects(sender)),
            _ => Err(Unusual),
        }
    }

    /// Frees the buffer that is to be freed before anything else.
    #[inline(always)]
    fn free_incoming(&mut self, sender: Sender) -> Result<(), Unusual> {
        let address = self.incoming.free.address()?;
        self.free_directly(sender.thread, sender.proc, address)?;
        self.consumed = FREE;
        Ok(())
    }

    /// Notes where the general way has to begin.
    #[cold]
    fn step_back(&mut self, to: StepBack) -> Unusual {
        self.step_back = to;
        Unusual
    }
}
