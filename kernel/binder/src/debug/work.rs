//! Work and transactions in the debug files.

use super::Now;
use crate::death::DeathState;
use crate::driver::Driver;
use crate::freeze_notification::Notice;
use crate::table::{ProcId, TransactionId};
use crate::work::{Completion, Work};
use core::fmt::{Result, Write};

/// Linux's number of a completion that it has no text for.
const fn untold(completion: Completion) -> Option<u8> {
    match completion {
        Completion::Usual => None,
        Completion::PendingFrozen => Some(3),
        Completion::SpamSuspect => Some(4),
    }
}

impl Driver {
    /// An item of work that waits for a proc or one of its threads.
    pub(super) fn write_work(
        &self,
        proc: ProcId,
        prefix: &str,
        transaction_prefix: &str,
        work: Work,
        now: Now,
        out: &mut impl Write,
    ) -> Result {
        match work {
            Work::Transaction(transaction) => {
                self.write_transaction(proc, transaction_prefix, transaction, now, out)
            }
            Work::Complete(completion) => match untold(completion) {
                None => writeln!(out, "{prefix}transaction complete"),
                Some(number) => writeln!(out, "{prefix}unknown work: type {number}"),
            },
            Work::Node(node) => {
                let node = &self.nodes[node];
                let name = node.name;
                writeln!(
                    out,
                    "{prefix}node work {}: u{:016x} c{:016x}",
                    node.id, name.ptr, name.cookie
                )
            }
            Work::Death(death) => writeln!(
                out,
                "{prefix}{}",
                match self.deaths[death].state {
                    DeathState::Armed | DeathState::Fired => "has dead binder",
                    DeathState::FiredAndCleared => "has cleared dead binder",
                    DeathState::Cleared => "has cleared death notification",
                }
            ),
            Work::Freeze(freeze) => writeln!(
                out,
                "{prefix}{}",
                match self.freezes[freeze].notice {
                    Notice::State => "has frozen binder",
                    Notice::Cleared => "has cleared freeze notification",
                }
            ),
        }
    }

    /// A transaction, as one of the procs that take part in it sees it.
    pub(super) fn write_transaction(
        &self,
        viewer: ProcId,
        prefix: &str,
        id: TransactionId,
        now: Now,
        out: &mut impl Write,
    ) -> Result {
        let transaction = &self.transactions[id];
        let to_proc = transaction.to_proc.map_or(0, |proc| self.procs[proc].pid.0);
        let to_thread = transaction
            .to_thread
            .map_or(0, |thread| self.threads[thread].task.0);
        write!(
            out,
            "{prefix} {}: {:016x} from {}:{} to {to_proc}:{to_thread} code {:x} flags {:x} pri {} r{} elapsed {}ms",
            transaction.id,
            transaction.id,
            transaction.from_pid.0,
            transaction.from_task.0,
            transaction.code(),
            transaction.flags().bits(),
            transaction.priority,
            u8::from(self.needs_reply(transaction)),
            now.since(transaction.started)
        )?;
        if transaction.to_proc != Some(viewer) {
            return out.write_str("\n");
        }
        let Some(buffer) = transaction.buffer else {
            return out.write_str(" buffer free\n");
        };
        let buffer = &self.buffers[buffer];
        if let Some(target) = buffer.target {
            write!(out, " node {}", self.nodes[target].id)?;
        }
        writeln!(
            out,
            " size {}:{} offset {:x}",
            buffer.request.data, buffer.request.offsets, buffer.offset
        )
    }
}
