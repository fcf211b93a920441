//! The context manager, and what nodes and their owners may be asked about.

use crate::context::Context;
use crate::count::Strength;
use crate::driver::Driver;
use crate::machine::{Machine, NoMemory};
use crate::node::Told;
use crate::sorted::Sorted;
use crate::table::ProcId;
use abi::Errno;
use abi::binder::PtrCookie;
use abi::binder::ioctl::{NodeDebugInfo, NodeInfoForRef};
use abi::binder::object::FlatBinderObject;

impl Driver {
    /// `BINDER_SET_CONTEXT_MGR` and `BINDER_SET_CONTEXT_MGR_EXT`.
    ///
    /// # Errors
    ///
    /// EBUSY if there is a manager, EPERM if another user was manager before or where there shall be none, ENOMEM.
    pub(crate) fn become_manager(
        &mut self,
        proc: ProcId,
        object: Option<FlatBinderObject>,
        machine: &dyn Machine,
    ) -> Result<i32, Errno> {
        let context = self.procs[proc].context;
        if context == Context::Granted {
            return Err(Errno::EPERM);
        }
        let manager = self.managers.of_mut(context);
        if manager.node.is_some() {
            return Err(Errno::EBUSY);
        }
        let euid = machine.euid();
        if *manager.uid.get_or_insert(euid) != euid {
            return Err(Errno::EPERM);
        }
        let object = object.unwrap_or_default();
        let name = PtrCookie {
            ptr: object.binder,
            cookie: object.cookie,
        };
        let id = match self.find_node(proc, name.ptr) {
            Some(id) => id,
            None => self
                .new_node(proc, name, object.flags)
                .map_err(|_| Errno::ENOMEM)?,
        };
        // Everybody may refer to it without being given a handle, so its owner is taken to know.
        let node = &mut self.nodes[id];
        node.local_strong.up();
        node.local_weak.up();
        node.told_strong = known(node.told_strong);
        node.told_weak = known(node.told_weak);
        self.managers.of_mut(context).node = Some(id);
        Ok(0)
    }

    /// `BINDER_GET_NODE_DEBUG_INFO`: the node of a proc that follows `ptr`, or zeros.
    pub(crate) fn node_after(&mut self, proc: ProcId, ptr: u64) -> NodeDebugInfo {
        let following = match self.put_in_order(proc) {
            Ok(()) => {
                let owner = &self.procs[proc];
                let following = owner.sorted_ptrs.after(ptr);
                following.and_then(|ptr| owner.nodes_by_ptr.get(ptr))
            }
            // What is in order is not all: looks at all.
            Err(NoMemory) => {
                self.procs[proc].sorted_ptrs = Sorted::new();
                let nodes = self.procs[proc].nodes.iter(&self.nodes);
                let following = nodes.filter(|&node| self.nodes[node].name.ptr > ptr);
                following.min_by_key(|&node| self.nodes[node].name.ptr)
            }
        };
        following
            .map(|node| &self.nodes[node])
            .map_or(NodeDebugInfo::default(), |node| NodeDebugInfo {
                ptr: node.name.ptr,
                cookie: node.name.cookie,
                has_strong_ref: u32::from(node.told_strong != Told::NoRef),
                has_weak_ref: u32::from(node.told_weak != Told::NoRef),
            })
    }

    /// Puts the nodes in order that were made since somebody asked for the order of a proc's nodes. They are the last.
    fn put_in_order(&mut self, id: ProcId) -> Result<(), NoMemory> {
        let proc = &mut self.procs[id];
        let mut next = proc.nodes.back();
        while let Some(node) = next {
            let ptr = self.nodes[node].name.ptr;
            if proc.sorted_ptrs.contains(ptr) {
                break;
            }
            proc.sorted_ptrs.insert(ptr)?;
            next = proc.nodes.previous(&self.nodes, node);
        }
        Ok(())
    }

    /// `BINDER_GET_NODE_INFO_FOR_REF`: how a node is held that the context manager has a handle on.
    ///
    /// # Errors
    ///
    /// EINVAL if a field is set that is not asked with; EPERM for others than the manager; EINVAL for a handle that is
    /// unknown or weak.
    pub(crate) fn node_info(&self, proc: ProcId, asked: NodeInfoForRef) -> Result<NodeInfoForRef, Errno> {
        let only_handle = NodeInfoForRef {
            handle: asked.handle,
            ..NodeInfoForRef::default()
        };
        if asked != only_handle {
            return Err(Errno::EINVAL);
        }
        let manager = self.managers.of(self.procs[proc].context).node;
        if manager.is_none_or(|node| self.nodes[node].owner != Some(proc)) {
            return Err(Errno::EPERM);
        }
        let reference = self
            .find_ref(proc, asked.handle, Strength::Strong)
            .ok_or(Errno::EINVAL)?;
        let node = &self.nodes[self.refs[reference].node];
        Ok(NodeInfoForRef {
            strong_count: node.local_strong.get().saturating_add(node.remote_strong.get()),
            weak_count: node.local_weak.get(),
            ..only_handle
        })
    }
}

/// What the owner of the manager's node is taken to know.
const fn known(told: Told) -> Told {
    match told {
        Told::NoRef => Told::HasRef,
        Told::WaitingAck | Told::HasRef => told,
    }
}
