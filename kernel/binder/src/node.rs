//! Nodes: objects that procs offer.
//!
//! A node is known to its owner by a pointer and a cookie, to others by handles. The driver counts what refers to it
//! and tells the owner only of the edges: the first reference and the last, strong and weak. What it told must be
//! acknowledged before the opposite can be told, because a pool of threads may handle returns in any order.

use crate::count::{Count, Strength};
use crate::driver::Driver;
use crate::list::{Chain, Links, List};
use crate::machine::NoMemory;
use crate::reference::ReferrerChain;
use crate::table::{Element, Id, NodeId, ProcId, ThreadId, WorkId};
use crate::work::{Work, WorkList};
use abi::binder::PtrCookie;
use abi::binder::object::{
    FLAT_BINDER_FLAG_ACCEPTS_FDS, FLAT_BINDER_FLAG_PRIORITY_MASK, FLAT_BINDER_FLAG_TXN_SECURITY_CTX,
};

/// How far the owner of a node has been told about references of one strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The owner holds nothing for others.
    NoRef,
    /// The owner was told of the first reference and has not acknowledged. Until then the driver holds one itself.
    WaitingAck,
    /// The owner keeps the object for others.
    HasRef,
}

/// Where a reference to a node is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Another proc, by its handle.
    Remote,
    /// The driver: a buffer on its way or unfreed, or an acknowledgement that is due.
    Local,
}

/// A node.
#[derive(Debug)]
pub(crate) struct Node {
    /// Its number in the debug files.
    pub(crate) id: u32,
    /// Who offers it. Nobody once the owner is gone: the node is dead, but keeps its name while it is referred to.
    pub(crate) owner: Option<ProcId>,
    /// The owner, if calls need not bring a security context: one question for what plain calls ask.
    pub(crate) plain_owner: Option<ProcId>,
    pub(crate) name: PtrCookie,
    /// The nice value its calls run at unless their caller's is better. Above 19 it has no effect.
    pub(crate) min_priority: u8,
    pub(crate) accepts_files: bool,
    pub(crate) wants_security_context: bool,
    /// References of other procs, the newest first.
    pub(crate) refs: List<ReferrerChain>,
    /// Whether each is found by its proc's index of nodes. Not as long as there has been only one.
    pub(crate) refs_indexed: bool,
    /// How many of `refs` are strong.
    pub(crate) remote_strong: Count,
    pub(crate) local_strong: Count,
    pub(crate) local_weak: Count,
    pub(crate) told_strong: Told,
    pub(crate) told_weak: Told,
    /// The item of work that speaks of this node.
    pub(crate) work: WorkId,
    /// A one-way call is queued to the owner, being handled, or has its buffer unfreed: the next ones wait.
    pub(crate) oneway_active: bool,
    /// One-way calls that wait.
    pub(crate) oneways: WorkList,
    /// The owner lives, but what the node stands for is known to have ended.
    pub(crate) announced_dead: bool,
    /// Orders dead nodes in the debug files.
    pub(crate) died: u32,
    owned: Links<NodeId>,
    pub(crate) lingering: Links<NodeId>,
}

impl Node {
    /// A node that nothing refers to.
    fn new(id: u32, owner: Option<ProcId>, name: PtrCookie, flags: u32, work: WorkId) -> Self {
        let wants_security_context = flags & FLAT_BINDER_FLAG_TXN_SECURITY_CTX != 0;
        Self {
            id,
            owner,
            plain_owner: owner.filter(|_| !wants_security_context),
            name,
            min_priority: (flags & FLAT_BINDER_FLAG_PRIORITY_MASK) as u8,
            accepts_files: flags & FLAT_BINDER_FLAG_ACCEPTS_FDS != 0,
            wants_security_context,
            refs: List::new(),
            refs_indexed: false,
            remote_strong: Count::ZERO,
            local_strong: Count::ZERO,
            local_weak: Count::ZERO,
            told_strong: Told::NoRef,
            told_weak: Told::NoRef,
            work,
            oneway_active: false,
            oneways: WorkList::new(),
            announced_dead: false,
            died: 0,
            owned: Links::new(),
            lingering: Links::new(),
        }
    }

    /// Whether anything refers to it strongly.
    #[inline]
    pub(crate) fn is_strong(&self) -> bool {
        !self.remote_strong.is_zero() || !self.local_strong.is_zero()
    }

    /// Whether anything refers to it at all.
    #[inline(always)]
    pub(crate) fn is_referred_to(&self) -> bool {
        !self.refs.is_empty() || !self.local_weak.is_zero() || self.is_strong()
    }

    /// Whether the owner believes that others refer to it.
    #[inline]
    pub(crate) fn is_told(&self) -> bool {
        self.told_strong != Told::NoRef || self.told_weak != Told::NoRef
    }

    /// Whether its owner was told of references by handle, and there are none: only messages refer to it. It is looked at
    /// again when the owner is frozen or thawed, unless the owner is about to read of it anyway.
    #[inline]
    pub(crate) fn is_lingering(&self) -> bool {
        self.refs.is_empty() && self.local_weak.is_zero() && self.is_told()
    }

    /// Whether those who ask for its death notification are to get it at once.
    #[inline]
    pub(crate) fn counts_as_dead(&self) -> bool {
        self.owner.is_none() || self.announced_dead
    }
}

impl Element for Node {
    fn vacant() -> Self {
        Self::new(0, None, PtrCookie { ptr: 0, cookie: 0 }, 0, Id::NONE)
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

/// Chains the nodes of their owner.
#[derive(Debug)]
pub(crate) struct OwnedChain;

impl Chain for OwnedChain {
    type Id = NodeId;
    type Element = Node;

    #[inline]
    fn links(element: &Node) -> &Links<NodeId> {
        &element.owned
    }

    #[inline]
    fn links_mut(element: &mut Node) -> &mut Links<NodeId> {
        &mut element.owned
    }
}

/// Chains the nodes of their owner that only messages refer to.
#[derive(Debug)]
pub(crate) struct LingeringChain;

impl Chain for LingeringChain {
    type Id = NodeId;
    type Element = Node;

    #[inline]
    fn links(element: &Node) -> &Links<NodeId> {
        &element.lingering
    }

    #[inline]
    fn links_mut(element: &mut Node) -> &mut Links<NodeId> {
        &mut element.lingering
    }
}

impl Driver {
    /// The node that an owner calls `ptr`.
    #[inline]
    pub(crate) fn find_node(&self, owner: ProcId, ptr: u64) -> Option<NodeId> {
        self.procs[owner].nodes_by_ptr.get(ptr)
    }

    /// Makes a node, which nothing refers to yet.
    #[inline]
    pub(crate) fn new_node(
        &mut self,
        owner: ProcId,
        name: PtrCookie,
        flags: u32,
    ) -> Result<NodeId, NoMemory> {
        let work = self.works.place()?;
        let place = self.nodes.place()?;
        let (id, work_id) = (place.id(), work.id());
        let proc = &mut self.procs[owner];
        proc.nodes_by_ptr.insert(name.ptr, id)?;
        let number = self.debug_ids.next();
        work.take().begin(Work::Node(id));
        let node = place.take();
        *node = Node::new(number, Some(owner), name, flags, work_id);
        let before = proc.nodes.follow(node, id);
        List::<OwnedChain>::stand_before(&mut self.nodes, before, id);
        self.stats.objects.nodes.made();
        Ok(id)
    }

    /// Counts one more reference. If it is the first of its strength, `teller` will hear of it with its next read:
    /// the thread of the owner that has just sent the node.
    pub(crate) fn raise_node(
        &mut self,
        id: NodeId,
        strength: Strength,
        holder: Holder,
        teller: Option<ThreadId>,
    ) {
        let node = self.nodes.at_mut(id);
        let work = node.work;
        match (strength, holder) {
            (Strength::Strong, Holder::Remote) => node.remote_strong.up(),
            (Strength::Strong, Holder::Local) => node.local_strong.up(),
            (Strength::Weak, Holder::Local) => node.local_weak.up(),
            // Counted by the list of references itself.
            (Strength::Weak, Holder::Remote) => {}
        }
        let Some(teller) = teller else { return };
        match strength {
            Strength::Strong if node.told_strong == Told::NoRef => {
                if self.works.at(work).queue.is_some() {
                    self.dequeue(work);
                }
                self.enqueue_to_thread(teller, work);
            }
            Strength::Weak if node.told_weak == Told::NoRef && self.works[work].queue.is_none() => {
                self.enqueue_to_thread(teller, work);
            }
            Strength::Strong | Strength::Weak => {}
        }
    }

    /// Counts one reference less. If it was the last of its strength, the owner will hear of it; if the owner knows of
    /// none, the node ends.
    pub(crate) fn lower_node(&mut self, id: NodeId, strength: Strength, holder: Holder) {
        let node = self.nodes.at_mut(id);
        match (strength, holder) {
            (Strength::Strong, Holder::Remote) => node.remote_strong.down(),
            (Strength::Strong, Holder::Local) => node.local_strong.down(),
            (Strength::Weak, Holder::Local) => node.local_weak.down(),
            (Strength::Weak, Holder::Remote) => {}
        }
        let remains = match strength {
            Strength::Strong => node.is_strong(),
            Strength::Weak => !node.local_weak.is_zero() || !node.refs.is_empty(),
        };
        if !remains {
            self.pass_edge(id);
        }
    }

    /// The last reference of its strength to a node is gone.
    #[inline]
    pub(crate) fn pass_edge(&mut self, id: NodeId) {
        let node = self.nodes.at(id);
        match node.owner {
            Some(owner) if node.is_told() => {
                let work = node.work;
                if self.works.at(work).queue.is_none() {
                    self.queue_to_proc(owner, work);
                }
            }
            Some(_) | None => {
                if !node.is_referred_to() {
                    self.forget_node(id);
                }
            }
        }
    }

    /// Looks again whether a node is still needed, after something that may have been its last use.
    pub(crate) fn settle_node(&mut self, id: NodeId) {
        if self.nodes.contains(id) {
            self.lower_node(id, Strength::Weak, Holder::Remote);
        }
    }

    /// Notes what messages alone refer to, once the owner has nothing to read about it.
    #[inline]
    pub(crate) fn note_lingering(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        if node.is_lingering()
            && !node.lingering.is_linked()
            && let Some(owner) = node.owner
        {
            self.procs[owner].lingering.push_back(&mut self.nodes, id);
        }
    }

    /// A node is referred to by a handle again, or ends.
    #[inline]
    pub(crate) fn stop_lingering(&mut self, id: NodeId) {
        let node = &self.nodes[id];
        if node.lingering.is_linked()
            && let Some(owner) = node.owner
        {
            self.procs[owner].lingering.remove(&mut self.nodes, id);
        }
    }

    /// Ends a node that nothing refers to.
    pub(crate) fn forget_node(&mut self, id: NodeId) {
        let node = self.nodes.at(id);
        let (owner, ptr, work) = (node.owner, node.name.ptr, node.work);
        if node.lingering.is_linked() {
            self.stop_lingering(id);
        }
        self.dequeue(work);
        self.works.discard(work);
        if let Some(owner) = owner {
            let proc = self.procs.at_mut(owner);
            proc.nodes.remove(&mut self.nodes, id);
            proc.nodes_by_ptr.remove(ptr);
            if !proc.sorted_ptrs.is_empty() {
                proc.sorted_ptrs.remove(ptr);
            }
        }
        self.nodes.discard(id);
        self.stats.objects.nodes.gone();
    }

    /// `BC_INCREFS_DONE` and `BC_ACQUIRE_DONE`: the owner has taken note of the first reference.
    pub(crate) fn acknowledge_reference(&mut self, owner: ProcId, name: PtrCookie, strength: Strength) {
        let Some(id) = self.find_node(owner, name.ptr) else {
            return;
        };
        let node = &mut self.nodes[id];
        if node.name.cookie == name.cookie {
            let told = match strength {
                Strength::Strong => &mut node.told_strong,
                Strength::Weak => &mut node.told_weak,
            };
            if *told == Told::WaitingAck {
                *told = Told::HasRef;
                self.lower_node(id, strength, Holder::Local);
            }
        }
        self.settle_node(id);
    }
}
