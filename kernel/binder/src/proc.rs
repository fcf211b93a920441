//! Procs: one per open of a device.
//!
//! A proc is the unit that owns: nodes, handles, threads and the region that it receives in. A process that opens a
//! device twice is two procs, which may even call each other.

use crate::context::Context;
use crate::count::Count;
use crate::due::DueNotices;
use crate::freeze_notification::WatcherChain;
use crate::handles::Handles;
use crate::hash::IdIndex;
use crate::list::{Chain, Links, List};
use crate::machine::Pid;
use crate::node::{LingeringChain, OwnedChain};
use crate::region::{Mapping, Region};
use crate::sorted::Sorted;
use crate::stats::CommandStats;
use crate::table::{Element, NodeId, ProcId, RefId, ThreadId};
use crate::thread::{PollingChain, SiblingChain, WaitingChain};
use crate::work::WorkList;
use bitflags::bitflags;

/// Whether a proc is frozen, and what came to it since it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frozen {
    /// Synchronous calls are refused, one-way calls are marked as pending.
    pub(crate) frozen: bool,
    /// A synchronous call was refused.
    pub(crate) sync_received: bool,
    /// A one-way call was queued.
    pub(crate) oneway_received: bool,
}

/// How many threads the pool has, wants and may have.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pool {
    /// The most that the driver may ask for.
    pub(crate) max: u32,
    /// Asked for, not yet registered: 0 or 1.
    pub(crate) requested: u32,
    /// Registered after being asked for. Never goes down.
    pub(crate) started: u32,
}

bitflags! {
    /// What there is to look at in a call of a proc, or in one to it, gathered where one question answers for all.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Caution: u8 {
        /// It is frozen, or is to be.
        const FROZEN = 0x01;
        /// It may have more threads than it has.
        const LOOPERS = 0x02;
        /// A part of its region is unmapped.
        const CLOSED = 0x04;
        /// The process that opened it has ended.
        const LEFT = 0x08;
    }
}

/// How many threads of a proc wait for the answer to a call of their own, or will.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenCalls(pub(crate) u32);

impl OpenCalls {
    /// A thread has sent a call.
    #[inline(always)]
    pub(crate) fn begin(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }

    /// It is answered, has failed, or nobody waits for it any more.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        self.0 = self.0.wrapping_sub(1);
    }
}

/// One open of a device.
#[derive(Debug)]
pub(crate) struct Proc {
    pub(crate) pid: Pid,
    /// The effective user that its opener ended as. A child that has the file may go on with it.
    pub(crate) ended_as: Option<u32>,
    pub(crate) context: Context,
    /// The opener's nice value, which threads wait for work at.
    pub(crate) default_nice: i8,
    /// Its threads.
    pub(crate) threads: List<SiblingChain>,
    pub(crate) threads_by_task: IdIndex<ThreadId>,
    /// What any thread may read.
    pub(crate) todo: WorkList,
    /// Threads blocked in a read that may take from `todo`, the latest first.
    pub(crate) waiting: List<WaitingChain>,
    /// Threads that have asked with poll.
    pub(crate) polling: List<PollingChain>,
    pub(crate) pool: Pool,
    /// The nodes it owns.
    pub(crate) nodes: List<OwnedChain>,
    pub(crate) nodes_by_ptr: IdIndex<NodeId>,
    /// The pointers of its nodes in order, but for those of the last ones, which nobody has asked for yet.
    pub(crate) sorted_ptrs: Sorted,
    /// Those of its nodes that only messages refer to, while the owner believes more and has nothing to read about it.
    pub(crate) lingering: List<LingeringChain>,
    /// Who asked to hear when it is frozen or thawed.
    pub(crate) watchers: List<WatcherChain>,
    pub(crate) handles: Handles,
    pub(crate) refs_by_node: IdIndex<RefId>,
    /// Death notifications read but not acknowledged.
    pub(crate) due_deaths: DueNotices,
    /// Freeze notifications read but not acknowledged.
    pub(crate) due_freezes: DueNotices,
    /// Transactions queued to it or being handled by it, and replies it has not read.
    pub(crate) outstanding: Count,
    /// Its own calls that are not answered yet.
    pub(crate) calls: OpenCalls,
    pub(crate) frozen: Frozen,
    /// What is [cautious](Self::weigh) about it.
    pub(crate) caution: Caution,
    /// Threads that wait for it to have no outstanding transactions.
    pub(crate) freezers: List<WaitingChain>,
    /// Whether it wants to know that its one-way calls flood a receiver.
    pub(crate) spam_detection: bool,
    pub(crate) region: Option<Region>,
    pub(crate) stats: CommandStats,
    siblings: Links<ProcId>,
    pub(crate) fellows: Links<ProcId>,
    /// Whether the debug file of its process is there as long as it is.
    pub(crate) carries_file: bool,
}

impl Proc {
    /// What calls of it and to it have to look at now.
    pub(crate) fn weigh(&self) -> Caution {
        let is_closed = |region: &Region| region.mapping == Mapping::Closed;
        let mut caution = Caution::empty();
        caution.set(Caution::FROZEN, self.frozen.frozen);
        caution.set(Caution::LOOPERS, self.pool.started < self.pool.max);
        caution.set(Caution::CLOSED, self.region.as_ref().is_some_and(is_closed));
        caution.set(Caution::LEFT, self.ended_as.is_some());
        caution
    }

    /// Freezes or thaws it.
    pub(crate) fn set_frozen(&mut self, frozen: Frozen) {
        self.frozen = frozen;
        self.take_caution();
    }

    /// It is not to be frozen after all. What came meanwhile stays noted.
    pub(crate) fn stop_freezing(&mut self) {
        self.set_frozen(Frozen {
            frozen: false,
            ..self.frozen
        });
    }

    /// Notes a change of what calls have to look at.
    pub(crate) fn take_caution(&mut self) {
        self.caution = self.weigh();
    }

    /// A proc that has done nothing yet, of nobody.
    const fn new() -> Self {
        Self {
            pid: Pid(0),
            ended_as: None,
            context: Context::Binder,
            default_nice: 0,
            threads: List::new(),
            threads_by_task: IdIndex::new(),
            todo: List::new(),
            waiting: List::new(),
            polling: List::new(),
            pool: Pool {
                max: 0,
                requested: 0,
                started: 0,
            },
            nodes: List::new(),
            nodes_by_ptr: IdIndex::new(),
            sorted_ptrs: Sorted::new(),
            lingering: List::new(),
            watchers: List::new(),
            handles: Handles::new(),
            refs_by_node: IdIndex::new(),
            due_deaths: DueNotices::new(),
            due_freezes: DueNotices::new(),
            outstanding: Count::ZERO,
            calls: OpenCalls(0),
            frozen: Frozen {
                frozen: false,
                sync_received: false,
                oneway_received: false,
            },
            caution: Caution::empty(),
            freezers: List::new(),
            spam_detection: false,
            region: None,
            stats: CommandStats::new(),
            siblings: Links::new(),
            fellows: Links::new(),
            carries_file: false,
        }
    }
}

impl Element for Proc {
    fn vacant() -> Self {
        Self::new()
    }

    /// Field by field, since a proc is too large to be made elsewhere and copied.
    fn clear(&mut self) {
        let Self {
            pid,
            ended_as,
            context,
            default_nice,
            threads,
            threads_by_task,
            todo,
            waiting,
            polling,
            pool,
            nodes,
            nodes_by_ptr,
            sorted_ptrs,
            lingering,
            watchers,
            handles,
            refs_by_node,
            due_deaths,
            due_freezes,
            outstanding,
            calls,
            frozen,
            caution,
            freezers,
            spam_detection,
            region,
            stats,
            siblings,
            fellows,
            carries_file,
        } = self;
        *pid = Pid(0);
        *ended_as = None;
        *context = Context::Binder;
        *default_nice = 0;
        *threads = List::new();
        threads_by_task.reset();
        *todo = List::new();
        *waiting = List::new();
        *polling = List::new();
        *pool = Pool::default();
        *nodes = List::new();
        nodes_by_ptr.reset();
        *sorted_ptrs = Sorted::new();
        *lingering = List::new();
        *watchers = List::new();
        handles.reset();
        refs_by_node.reset();
        due_deaths.reset();
        due_freezes.reset();
        *outstanding = Count::ZERO;
        *calls = OpenCalls(0);
        *frozen = Frozen::default();
        *caution = Caution::empty();
        *freezers = List::new();
        *spam_detection = false;
        *region = None;
        stats.reset();
        *siblings = Links::new();
        *fellows = Links::new();
        *carries_file = false;
    }
}

/// Chains all procs.
#[derive(Debug)]
pub(crate) struct ProcChain;

impl Chain for ProcChain {
    type Id = ProcId;
    type Element = Proc;

    fn links(element: &Proc) -> &Links<ProcId> {
        &element.siblings
    }

    fn links_mut(element: &mut Proc) -> &mut Links<ProcId> {
        &mut element.siblings
    }
}
