//! A call and the thread that it was handed to, found already.

use super::{StepBack, Unusual};
use crate::effects::{Effects, Handoff};
use crate::machine::Machine;
use crate::node::Node;
use crate::proc::Proc;
use crate::region::Buffer;
use crate::stats::ObjectStats;
use crate::table::TransactionId;
use crate::thread::{Blocked, Thread};
use crate::transaction::Transaction;

/// A call that was sent, and its reader, which waits.
///
/// Whoever can let the reader run at once [delivers](Self::deliver) the call, in the reader's memory. Whoever cannot
/// [leaves](Self::leave) it with the reader, who then reads it when its turn comes.
#[derive(Debug)]
#[must_use = "a call that is neither delivered nor left is lost"]
pub struct Handed<'driver> {
    pub(super) to: Handoff,
    pub(super) call: TransactionId,
    pub(super) reader: &'driver mut Thread,
    pub(super) proc: &'driver mut Proc,
    pub(super) node: &'driver Node,
    pub(super) transaction: &'driver mut Transaction,
    pub(super) buffer: &'driver mut Buffer,
    pub(super) objects: &'driver mut ObjectStats,
    pub(super) effects: &'driver mut Effects,
    pub(super) step_back: &'driver mut StepBack,
}

impl Handed<'_> {
    /// The reader.
    #[inline(always)]
    pub fn to(&self) -> Handoff {
        self.to
    }

    /// Puts the call where the reader finds it, and makes the hand-over [known](crate::Driver::take_handoff).
    #[inline]
    pub fn leave(self) {
        self.reader.ahead.handed = Some(self.call);
        self.reader.process_todo = true;
        self.effects.handoff = Some(self.to);
    }

    /// Ends the reader's read with the call. The reader is the caller now, and its memory the one at hand.
    ///
    /// # Errors
    ///
    /// [`Unusual`]: [`deliver_generally`](crate::Driver::deliver_generally) knows what is left to do.
    #[inline(always)]
    pub fn deliver(self, machine: &mut impl Machine) -> Result<(), Unusual> {
        let Self {
            to: (_, reader_id),
            call,
            reader,
            proc,
            node,
            transaction,
            buffer,
            objects,
            step_back,
            ..
        } = self;
        let (read, accepted) = (&reader.read, reader.ahead.accepted);
        let written = if reader.blocked == Blocked::PlainRead {
            read.write_message(accepted, transaction, machine)
        } else {
            Err(Unusual)
        };
        let Ok(filled) = written else {
            reader.ahead.handed = Some(call);
            reader.process_todo = true;
            return Err(Unusual);
        };

        // The reader has it: from here on everything succeeds.
        reader.take_handed(filled, buffer, proc, objects);
        reader.begin_to_handle(reader_id, call, transaction, (proc, node), machine);
        let ended = reader.end_read(proc, machine);
        ended.map_err(|to| {
            *step_back = to;
            Unusual
        })
    }
}
