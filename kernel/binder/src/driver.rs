//! The driver: all objects of all contexts, in one value.

use crate::context::{Context, Managers};
use crate::death::Death;
use crate::debug_id::DebugIds;
use crate::direct::{FreeAndSend, StepBack};
use crate::effects::{Effects, Outcome};
use crate::freeze::FreezeWait;
use crate::freeze_notification::Freeze;
use crate::group::Groups;
use crate::list::List;
use crate::log::Log;
use crate::machine::Machine;
use crate::node::Node;
use crate::proc::{Proc, ProcChain};
use crate::reference::Reference;
use crate::region::Buffer;
use crate::stats::Stats;
use crate::table::{
    BufferId, DeathId, FreezeId, FreezeWaitId, NodeId, ProcId, RefId, Table, ThreadId, TransactionId, WorkId,
};
use crate::thread::Thread;
use crate::transaction::Transaction;
use crate::work::WorkItem;
use abi::Errno;

/// Whether a read may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocking {
    /// It waits until there is something.
    Allowed,
    /// It answers EAGAIN instead: the file was opened with `O_NONBLOCK`.
    Refused,
}

/// The driver. Its entry points change it and return what the kernel has to do; see the crate's documentation.
#[derive(Debug)]
pub struct Driver {
    pub(crate) procs: Table<Proc, ProcId>,
    pub(crate) threads: Table<Thread, ThreadId>,
    pub(crate) nodes: Table<Node, NodeId>,
    pub(crate) refs: Table<Reference, RefId>,
    pub(crate) transactions: Table<Transaction, TransactionId>,
    pub(crate) buffers: Table<Buffer, BufferId>,
    pub(crate) works: Table<WorkItem, WorkId>,
    pub(crate) deaths: Table<Death, DeathId>,
    pub(crate) freezes: Table<Freeze, FreezeId>,
    pub(crate) freeze_waits: Table<FreezeWait, FreezeWaitId>,
    pub(crate) managers: Managers,
    /// All procs, the newest first.
    pub(crate) order: List<ProcChain>,
    /// The procs of each process, by its number.
    pub(crate) openers: Groups,
    /// One-way calls that newer ones may replace while they wait.
    pub(crate) updates: Groups,
    /// The commands of the call that goes the [direct](crate::direct) way. Here they need not be moved.
    pub(crate) incoming: FreeAndSend,
    /// Bytes of these commands that were carried out.
    pub(crate) consumed: u64,
    /// Where the general way begins, if the direct one is not taken.
    pub(crate) step_back: StepBack,
    /// What the current call means for the kernel. Empty between calls.
    pub(crate) effects: Effects,
    /// How the last call that went the general way went on.
    pub(crate) outcome: Outcome,
    pub(crate) stats: Stats,
    pub(crate) log: Log,
    pub(crate) failed_log: Log,
    pub(crate) debug_ids: DebugIds,
    #[cfg(feature = "defects")]
    pub(crate) defect: Option<crate::Defect>,
}

impl Default for Driver {
    fn default() -> Self {
        Self::new()
    }
}

impl Driver {
    /// A driver without procs. Does not allocate.
    pub fn new() -> Self {
        Self {
            procs: Table::new(),
            threads: Table::new(),
            nodes: Table::new(),
            refs: Table::new(),
            transactions: Table::new(),
            buffers: Table::new(),
            works: Table::new(),
            deaths: Table::new(),
            freezes: Table::new(),
            freeze_waits: Table::new(),
            managers: Managers::default(),
            order: List::new(),
            openers: Groups::new(),
            updates: Groups::new(),
            incoming: FreeAndSend::EMPTY,
            consumed: 0,
            step_back: StepBack::Read,
            effects: Effects::default(),
            outcome: Outcome::Done(Ok(0)),
            stats: Stats::new(),
            log: Log::new(),
            failed_log: Log::new(),
            debug_ids: DebugIds::default(),
            #[cfg(feature = "defects")]
            defect: None,
        }
    }

    /// open(2): makes one proc, for the calling process.
    ///
    /// # Errors
    ///
    /// ENOMEM.
    pub fn open(&mut self, context: Context, machine: &dyn Machine) -> Result<ProcId, Errno> {
        let id = self.procs.insert_vacant().map_err(|_| Errno::ENOMEM)?;
        let proc = &mut self.procs[id];
        proc.pid = machine.pid();
        proc.context = context;
        proc.default_nice = machine.nice();
        if self.join_fellows(id).is_err() {
            self.procs.discard(id);
            return Err(Errno::ENOMEM);
        }
        self.order.push_front(&mut self.procs, id);
        self.stats.objects.procs.made();
        Ok(id)
    }

    /// A number for an object or a transaction, as the debug files and extended errors show it.
    #[inline(always)]
    pub(crate) fn next_id(&mut self) -> u32 {
        self.debug_ids.next()
    }
}
