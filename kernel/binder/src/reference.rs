//! References: what a proc holds on a node of another, named by a handle.
//!
//! A reference counts, for one proc, how often it was given the node, strongly and weakly. It ends with its last
//! count, and its number is free again. All strong counts of one reference are one strong reference for the node.
//!
//! Which reference a proc has to a node, its index of nodes says; but a node that only one proc refers to, as most are, is
//! in no index.

use crate::count::{Count, Strength};
use crate::driver::Driver;
use crate::list::{Chain, Links, List};
use crate::machine::NoMemory;
use crate::node::Holder;
use crate::table::{DeathId, Element, FreezeId, Id, NodeId, ProcId, RefId, ThreadId};
use abi::Errno;

/// A reference.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Its number in the debug files.
    pub(crate) id: u32,
    pub(crate) proc: ProcId,
    pub(crate) node: NodeId,
    pub(crate) handle: u32,
    pub(crate) strong: Count,
    pub(crate) weak: Count,
    pub(crate) death: Option<DeathId>,
    pub(crate) freeze: Option<FreezeId>,
    referrers: Links<RefId>,
}

impl Element for Reference {
    fn vacant() -> Self {
        Self {
            id: 0,
            proc: Id::NONE,
            node: Id::NONE,
            handle: 0,
            strong: Count::ZERO,
            weak: Count::ZERO,
            death: None,
            freeze: None,
            referrers: Links::new(),
        }
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

/// Chains the references to a node.
#[derive(Debug)]
pub(crate) struct ReferrerChain;

impl Chain for ReferrerChain {
    type Id = RefId;
    type Element = Reference;

    #[inline]
    fn links(element: &Reference) -> &Links<RefId> {
        &element.referrers
    }

    #[inline]
    fn links_mut(element: &mut Reference) -> &mut Links<RefId> {
        &mut element.referrers
    }
}

impl Driver {
    /// What a handle stands for; with [`Strength::Strong`], only if it keeps the node.
    #[inline]
    pub(crate) fn find_ref(&self, proc: ProcId, handle: u32, strength: Strength) -> Option<RefId> {
        let id = self.procs.at(proc).handles.get(handle)?;
        match strength {
            Strength::Strong if self.refs.at(id).strong.is_zero() => None,
            Strength::Strong | Strength::Weak => Some(id),
        }
    }

    /// Counts one more on a proc's reference to a node, which is made if there is none. Returns its handle.
    #[inline]
    pub(crate) fn give_ref(
        &mut self,
        proc: ProcId,
        node: NodeId,
        strength: Strength,
        teller: Option<ThreadId>,
    ) -> Result<u32, NoMemory> {
        match self.ref_to(proc, node) {
            Some(id) => {
                self.raise_ref(id, strength, teller);
                Ok(self.refs[id].handle)
            }
            None => self.new_ref(proc, node, strength, teller),
        }
    }

    /// A proc's reference to a node.
    fn ref_to(&self, proc: ProcId, node: NodeId) -> Option<RefId> {
        let known = self.nodes.at(node);
        if known.refs_indexed {
            return self.procs[proc].refs_by_node.get(node.to_bits());
        }
        let only = known.refs.front()?;
        (self.refs.at(only).proc == proc).then_some(only)
    }

    /// Makes a proc's reference to a node to which it has none, with a first count. Returns its handle.
    pub(crate) fn new_ref(
        &mut self,
        proc: ProcId,
        node_id: NodeId,
        strength: Strength,
        teller: Option<ThreadId>,
    ) -> Result<u32, NoMemory> {
        let node = self.nodes.at_mut(node_id);
        if !node.refs_indexed
            && let Some(only) = node.refs.front()
        {
            let holder = self.refs.at(only).proc;
            self.procs[holder].refs_by_node.insert(node_id.to_bits(), only)?;
            node.refs_indexed = true;
        }
        let place = self.refs.place()?;
        let id = place.id();
        let owner = self.procs.at_mut(proc);
        let handle = if self.managers.of(owner.context).node == Some(node_id) {
            owner.handles.insert_manager(id)?
        } else {
            owner.handles.insert(id)?
        };
        if node.refs_indexed
            && let Err(error) = owner.refs_by_node.insert(node_id.to_bits(), id)
        {
            owner.handles.remove(handle);
            return Err(error);
        }
        let (mut strong, mut weak) = (Count::ZERO, Count::ZERO);
        match strength {
            Strength::Strong => strong.up(),
            Strength::Weak => weak.up(),
        }
        let reference = place.take();
        *reference = Reference {
            id: self.debug_ids.next(),
            proc,
            node: node_id,
            handle,
            strong,
            weak,
            death: None,
            freeze: None,
            referrers: Links::new(),
        };
        let behind = node.refs.lead(reference, id);
        let lingers = node.lingering.is_linked();
        List::<ReferrerChain>::stand_behind(&mut self.refs, behind, id);
        if lingers {
            self.stop_lingering(node_id);
        }
        self.stats.objects.refs.made();
        self.raise_node(node_id, strength, Holder::Remote, teller);
        Ok(handle)
    }

    /// Counts one more.
    pub(crate) fn raise_ref(&mut self, id: RefId, strength: Strength, teller: Option<ThreadId>) {
        let reference = &mut self.refs[id];
        let node = reference.node;
        let count = match strength {
            Strength::Strong => &mut reference.strong,
            Strength::Weak => &mut reference.weak,
        };
        let first = count.is_zero();
        count.up();
        if first {
            self.raise_node(node, strength, Holder::Remote, teller);
        }
    }

    /// Counts one less, if there is one of this strength. The last one ends the reference.
    pub(crate) fn lower_ref(&mut self, id: RefId, strength: Strength) {
        let reference = self.refs.at_mut(id);
        let count = match strength {
            Strength::Strong => &mut reference.strong,
            Strength::Weak => &mut reference.weak,
        };
        if count.is_zero() {
            return;
        }
        count.down();
        let (strong, weak, node) = (reference.strong, reference.weak, reference.node);
        if strong.is_zero() && weak.is_zero() {
            self.end_ref(id, strength);
        } else if strength == Strength::Strong && strong.is_zero() {
            self.lower_node(node, Strength::Strong, Holder::Remote);
        }
    }

    /// Counts one less on a handle; nothing if it is unknown or has none of this strength.
    pub(crate) fn lower_handle(&mut self, proc: ProcId, handle: u32, strength: Strength) {
        if let Some(id) = self.procs.at(proc).handles.get(handle) {
            self.lower_ref(id, strength);
        }
    }

    /// Ends a reference with all its counts.
    pub(crate) fn drop_ref(&mut self, id: RefId) {
        let strength = match self.refs.get(id) {
            None => return,
            Some(reference) if reference.strong.is_zero() => Strength::Weak,
            Some(_) => Strength::Strong,
        };
        self.end_ref(id, strength);
    }

    /// Ends a reference with everything registered on it. Until now it was one of this strength to its node.
    fn end_ref(&mut self, id: RefId, strength: Strength) {
        let &Reference {
            proc,
            node: node_id,
            handle,
            death,
            freeze,
            ..
        } = self.refs.at(id);
        let node = self.nodes.at_mut(node_id);
        node.refs.remove(&mut self.refs, id);
        self.refs.discard(id);
        self.stats.objects.refs.gone();
        let owner = self.procs.at_mut(proc);
        owner.handles.remove(handle);
        if node.refs_indexed {
            owner.refs_by_node.remove(node_id.to_bits());
            node.refs_indexed = !node.refs.is_empty();
        }
        if strength == Strength::Strong {
            node.remote_strong.down();
        }
        let no_strong = strength == Strength::Strong && !node.is_strong();
        if no_strong || node.refs.is_empty() && node.local_weak.is_zero() {
            self.pass_edge(node_id);
        }
        if let Some(death) = death {
            self.forget_death(death);
        }
        if let Some(freeze) = freeze {
            self.forget_freeze(freeze);
        }
    }

    /// `BC_INCREFS` and `BC_ACQUIRE`.
    ///
    /// # Errors
    ///
    /// EINVAL if the context manager does so to itself. All other mistakes are passed over in silence.
    pub(crate) fn acquire_handle(
        &mut self,
        proc: ProcId,
        handle: u32,
        strength: Strength,
    ) -> Result<(), Errno> {
        if handle == 0
            && let Some(manager) = self.managers.of(self.procs[proc].context).node
        {
            if self.nodes[manager].owner == Some(proc) {
                return Err(Errno::EINVAL);
            }
            if self.give_ref(proc, manager, strength, None).is_ok() {
                return Ok(());
            }
        }
        if let Some(id) = self.find_ref(proc, handle, strength) {
            self.raise_ref(id, strength, None);
        }
        Ok(())
    }

    /// For the kernel: gives `to` a strong reference on what `from` knows as `handle`. Returns the new handle.
    ///
    /// # Errors
    ///
    /// EBADF if a proc is gone; EINVAL if the handle is unknown or weak, or the node is `to`'s own; ENOMEM.
    pub fn grant(&mut self, from: ProcId, handle: u32, to: ProcId) -> Result<u32, Errno> {
        if !self.procs.contains(from) || !self.procs.contains(to) {
            return Err(Errno::EBADF);
        }
        let id = self
            .find_ref(from, handle, Strength::Strong)
            .ok_or(Errno::EINVAL)?;
        self.grant_node(self.refs[id].node, to)
    }

    /// For the kernel: gives `to` a strong reference on the node that `from` owns under this name. Returns the handle.
    ///
    /// # Errors
    ///
    /// EBADF if a proc is gone; EINVAL if there is no such node, or both are the same; ENOMEM.
    pub fn grant_own(&mut self, from: ProcId, ptr: u64, to: ProcId) -> Result<u32, Errno> {
        if !self.procs.contains(from) || !self.procs.contains(to) {
            return Err(Errno::EBADF);
        }
        let node = self.find_node(from, ptr).ok_or(Errno::EINVAL)?;
        self.grant_node(node, to)
    }

    fn grant_node(&mut self, node: NodeId, to: ProcId) -> Result<u32, Errno> {
        if self.nodes[node].owner == Some(to) {
            return Err(Errno::EINVAL);
        }
        self.give_ref(to, node, Strength::Strong, None)
            .map_err(|_| Errno::ENOMEM)
    }
}
