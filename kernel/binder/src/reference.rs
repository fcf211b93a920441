//! References: what a proc holds on a node of another, named by a handle.
//!
//! A reference counts, for one proc, how often it was given the node, strongly and weakly. It ends with its last
//! count, and its number is free again. All strong counts of one reference are one strong reference for the node.

use crate::count::{Count, Strength};
use crate::driver::Driver;
use crate::list::{Chain, Links};
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
        let id = self.procs[proc].handles.get(handle)?;
        match strength {
            Strength::Strong if self.refs[id].strong.is_zero() => None,
            Strength::Strong | Strength::Weak => Some(id),
        }
    }

    /// Counts one more on a proc's reference to a node, which is made if there is none. Returns its handle.
    pub(crate) fn give_ref(
        &mut self,
        proc: ProcId,
        node: NodeId,
        strength: Strength,
        teller: Option<ThreadId>,
    ) -> Result<u32, NoMemory> {
        let id = match self.procs[proc].refs_by_node.get(node) {
            Some(id) => id,
            None => self.new_ref(proc, node)?,
        };
        self.raise_ref(id, strength, teller);
        Ok(self.refs[id].handle)
    }

    fn new_ref(&mut self, proc: ProcId, node: NodeId) -> Result<RefId, NoMemory> {
        self.refs.reserve(1)?;
        let is_manager = self.managers.of(self.procs[proc].context).node == Some(node);
        let number = self.next_id();
        let id = self.refs.insert(Reference {
            id: number,
            proc,
            node,
            handle: 0,
            strong: Count::ZERO,
            weak: Count::ZERO,
            death: None,
            freeze: None,
            referrers: Links::new(),
        })?;
        let owner = &mut self.procs[proc];
        let handle = if is_manager {
            owner.handles.insert_manager(id)
        } else {
            owner.handles.insert(id)
        };
        let indexed = handle.and_then(|handle| match owner.refs_by_node.insert(node, id) {
            Ok(()) => Ok(handle),
            Err(error) => {
                owner.handles.remove(handle);
                Err(error)
            }
        });
        match indexed {
            Ok(handle) => self.refs[id].handle = handle,
            Err(error) => {
                self.refs.remove(id);
                return Err(error);
            }
        }
        self.nodes[node].refs.push_front(&mut self.refs, id);
        self.stats.objects.refs.made();
        Ok(id)
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
        let reference = &mut self.refs[id];
        let count = match strength {
            Strength::Strong => &mut reference.strong,
            Strength::Weak => &mut reference.weak,
        };
        if count.is_zero() {
            return;
        }
        count.down();
        let (strong, weak, node) = (reference.strong, reference.weak, reference.node);
        if strength == Strength::Strong && strong.is_zero() {
            self.lower_node(node, Strength::Strong, Holder::Remote);
        }
        if strong.is_zero() && weak.is_zero() {
            self.drop_ref(id);
        }
    }

    /// Counts one less on a handle; nothing if it is unknown or has none of this strength.
    pub(crate) fn lower_handle(&mut self, proc: ProcId, handle: u32, strength: Strength) {
        if let Some(id) = self.find_ref(proc, handle, strength) {
            self.lower_ref(id, strength);
        }
    }

    /// Ends a reference with everything registered on it.
    pub(crate) fn drop_ref(&mut self, id: RefId) {
        let Some(&Reference {
            proc,
            node,
            handle,
            strong,
            death,
            freeze,
            ..
        }) = self.refs.get(id)
        else {
            return;
        };
        if !strong.is_zero() {
            self.lower_node(node, Strength::Strong, Holder::Remote);
        }
        self.nodes[node].refs.remove(&mut self.refs, id);
        let owner = &mut self.procs[proc];
        owner.handles.remove(handle);
        owner.refs_by_node.remove(node);
        self.refs.discard(id);
        self.stats.objects.refs.gone();
        self.lower_node(node, Strength::Weak, Holder::Remote);
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
