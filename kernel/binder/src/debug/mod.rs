//! The debug files, in the formats of Linux's driver, so that tools written for it read them.
//!
//! Where Linux prints a pointer, these files print the object's number, sixteen hexadecimal digits long.

mod logs;
mod proc;
mod stats;
mod work;

use crate::driver::Driver;
use crate::effects::Effects;
use crate::machine::Pid;
use crate::machine::Ticks;
use crate::sort_by_key;
use crate::table::{Id, NodeId, ProcId};
use alloc::vec::Vec;
use core::fmt::{Result, Write};
use core::num::NonZeroU64;

/// A file under `/sys/kernel/debug/binder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebugFile {
    /// `state`: everything.
    State,
    /// `stats`: counters.
    Stats,
    /// `transactions`: procs, threads and nodes with transactions under way.
    Transactions,
    /// `transaction_log`: the last calls and replies.
    TransactionLog,
    /// `failed_transaction_log`: the last of them that failed.
    FailedTransactionLog,
    /// `proc/PID`: everything of one process.
    Proc(Pid),
}

/// The moment for which ages are shown.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The machine's [ticks](crate::Machine::ticks).
    pub ticks: Ticks,
    /// How many milliseconds there are in some ticks.
    pub milliseconds: fn(u64) -> u64,
}

impl Now {
    /// How many milliseconds ago something was.
    fn since(self, then: Ticks) -> u64 {
        (self.milliseconds)(self.ticks.get().saturating_sub(then.get()))
    }
}

/// How much of a proc is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// All.
    Everything,
    /// What takes part in a transaction.
    Busy,
}

/// Objects in the order of their keys. Whatever they are, they are gathered and sorted by the same code.
fn in_order(items: &mut dyn Iterator<Item = (u64, NonZeroU64)>) -> Vec<(u64, NonZeroU64)> {
    let mut row: Vec<_> = items.collect();
    sort_by_key(&mut row, |&(key, _)| key);
    row
}

impl Driver {
    /// Does what a look at a debug file does, which is to be called before it is written. As on Linux, a node that is shown
    /// and that only messages refer to comes to its owner's attention. The kernel's own nodes do not.
    pub fn look(&mut self, file: DebugFile) -> Effects {
        let shown: Vec<ProcId> = match file {
            DebugFile::State | DebugFile::Transactions => self.order.iter(&self.procs).collect(),
            DebugFile::Proc(pid) => self.procs_of(pid).collect(),
            DebugFile::Stats | DebugFile::TransactionLog | DebugFile::FailedTransactionLog => Vec::new(),
        };
        for id in shown {
            let proc = &mut self.procs[id];
            if proc.pid == Pid(0) {
                continue;
            }
            proc.lingering.sort(&mut self.nodes, |node| (node.name.ptr, 0));
            let mut next = proc.lingering.front();
            while let Some(node) = next {
                next = self.procs[id].lingering.next(&self.nodes, node);
                if file != DebugFile::Transactions || self.nodes[node].oneway_active {
                    self.settle_node(node);
                }
            }
        }
        self.take_effects()
    }

    /// Writes a debug file.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_debug(&self, file: DebugFile, now: Now, out: &mut impl Write) -> Result {
        match file {
            DebugFile::State => self.write_state(now, out),
            DebugFile::Stats => self.write_stats(out),
            DebugFile::Transactions => {
                out.write_str("binder transactions:\n")?;
                for proc in self.order.iter(&self.procs) {
                    self.write_proc(proc, Detail::Busy, now, out)?;
                }
                Ok(())
            }
            DebugFile::TransactionLog => self.write_log(&self.log, out),
            DebugFile::FailedTransactionLog => self.write_log(&self.failed_log, out),
            DebugFile::Proc(pid) => {
                for proc in self.procs_of(pid) {
                    out.write_str("binder proc state:\n")?;
                    self.write_proc(proc, Detail::Everything, now, out)?;
                }
                Ok(())
            }
        }
    }

    fn write_state(&self, now: Now, out: &mut impl Write) -> Result {
        out.write_str("binder state:\n")?;
        let dead = self.nodes.iter().filter(|(_, node)| node.owner.is_none());
        // The latest first.
        let dead = in_order(&mut dead.map(|(id, node)| (u64::MAX ^ u64::from(node.died), id.to_number())));
        if !dead.is_empty() {
            out.write_str("dead nodes:\n")?;
        }
        for (_, node) in dead {
            self.write_node(NodeId::from_number(node), now, out)?;
        }
        for proc in self.order.iter(&self.procs) {
            self.write_proc(proc, Detail::Everything, now, out)?;
        }
        Ok(())
    }
}
