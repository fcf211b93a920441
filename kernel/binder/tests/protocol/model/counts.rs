//! Nodes and references: who counts what, and when the owner is told.

use super::types::{Node, Reference, Work};
use super::{At, Model, Place};

/// A count that cannot go up.
pub(super) struct Refused;

impl Model {
    pub(super) fn node_of(&self, owner: At, ptr: u64) -> Option<At> {
        self.nodes
            .iter()
            .position(|node| !node.gone && node.owner == Some(owner) && node.ptr == ptr)
    }

    pub(super) fn new_node(&mut self, owner: At, ptr: u64, cookie: u64) -> At {
        self.nodes.push(Node {
            owner: Some(owner),
            gone: false,
            ptr,
            cookie,
            local_strong: 0,
            local_weak: 0,
            has_strong: false,
            has_weak: false,
            pending_strong: false,
            pending_weak: false,
            oneway_active: false,
            oneways: Vec::new(),
        });
        self.nodes.len() - 1
    }

    fn references_to(&self, node: At) -> impl Iterator<Item = &Reference> {
        self.references
            .iter()
            .filter(move |reference| !reference.gone && reference.node == node)
    }

    fn has_strong_references(&self, node: At) -> bool {
        self.references_to(node).any(|reference| reference.strong > 0)
    }

    pub(super) fn is_strong(&self, node: At) -> bool {
        self.nodes[node].local_strong > 0 || self.has_strong_references(node)
    }

    pub(super) fn is_weak(&self, node: At) -> bool {
        self.nodes[node].local_weak > 0 || self.is_strong(node) || self.references_to(node).next().is_some()
    }

    /// The owner has to hear of a first strong reference: on the thread that sent the object, if one did.
    pub(super) fn tell_of_strong(&mut self, node: At, sender: Option<At>) -> Result<(), Refused> {
        let Some(thread) = sender else {
            let is_manager = self.manager == Some(node) && self.nodes[node].has_strong;
            let may = self.has_strong_references(node) || is_manager;
            return if may { Ok(()) } else { Err(Refused) };
        };
        if !self.nodes[node].has_strong {
            self.unqueue(Work::Node(node));
            self.queue(Place::Thread(thread), Work::Node(node));
        }
        Ok(())
    }

    /// The same for a first weak one.
    pub(super) fn tell_of_weak(&mut self, node: At, sender: Option<At>) {
        if let Some(thread) = sender
            && !self.nodes[node].has_weak
            && !self.is_queued(Work::Node(node))
        {
            self.queue(Place::Thread(thread), Work::Node(node));
        }
    }

    /// A strong count of a node has gone down.
    pub(super) fn lost_strong(&mut self, node: At) {
        if !self.is_strong(node) {
            self.lost_last(node);
        }
    }

    /// A weak count of a node has gone down.
    pub(super) fn lost_weak(&mut self, node: At) {
        if self.nodes[node].local_weak == 0 && self.references_to(node).next().is_none() {
            self.lost_last(node);
        }
    }

    /// Whoever looked a node up lets go of it, which counts as the end of a weak reference.
    pub(super) fn let_go(&mut self, node: At) {
        if !self.nodes[node].gone {
            self.lost_weak(node);
        }
    }

    fn lost_last(&mut self, node: At) {
        let Node {
            owner,
            has_strong,
            has_weak,
            ..
        } = self.nodes[node];
        match owner {
            Some(owner) if has_strong || has_weak => {
                if !self.is_queued(Work::Node(node)) {
                    self.queue_to_proc(owner, Work::Node(node));
                }
            }
            _ => {
                if !self.is_weak(node) {
                    self.unqueue(Work::Node(node));
                    self.nodes[node].gone = true;
                }
            }
        }
    }

    pub(super) fn local_strong_down(&mut self, node: At) {
        self.nodes[node].local_strong = self.nodes[node].local_strong.saturating_sub(1);
        self.lost_strong(node);
    }

    pub(super) fn local_weak_down(&mut self, node: At) {
        self.nodes[node].local_weak = self.nodes[node].local_weak.saturating_sub(1);
        self.lost_weak(node);
    }

    /// The reference that a handle names; a strong one if that is needed.
    pub(super) fn find(&self, proc: At, handle: u32, needs_strong: bool) -> Option<At> {
        self.references.iter().position(|reference| {
            !reference.gone
                && reference.proc == proc
                && reference.handle == handle
                && (reference.strong > 0 || !needs_strong)
        })
    }

    /// A reference of a proc to a node goes up by one, and comes to be for it.
    pub(super) fn refer(
        &mut self,
        proc: At,
        node: At,
        strong: bool,
        sender: Option<At>,
    ) -> Result<At, Refused> {
        let known = self
            .references
            .iter()
            .position(|reference| !reference.gone && reference.proc == proc && reference.node == node);
        let at = known.unwrap_or_else(|| {
            let first = u32::from(self.manager != Some(node));
            let handle = (first..).find(|handle| self.find(proc, *handle, false).is_none());
            self.references.push(Reference {
                proc,
                node,
                handle: handle.expect("a number"),
                gone: false,
                strong: 0,
                weak: 0,
                watch: None,
                freeze: None,
            });
            self.references.len() - 1
        });
        let raised = self.raise(at, strong, sender);
        if raised.is_err() && known.is_none() {
            self.drop_reference(at);
        }
        raised.map(|()| at)
    }

    pub(super) fn raise(&mut self, at: At, strong: bool, sender: Option<At>) -> Result<(), Refused> {
        let node = self.references[at].node;
        if strong {
            if self.references[at].strong == 0 {
                self.tell_of_strong(node, sender)?;
            }
            self.references[at].strong += 1;
        } else {
            if self.references[at].weak == 0 {
                self.tell_of_weak(node, sender);
            }
            self.references[at].weak += 1;
        }
        Ok(())
    }

    pub(super) fn lower(&mut self, at: At, strong: bool) {
        let reference = &mut self.references[at];
        if strong {
            if reference.strong == 0 {
                return;
            }
            reference.strong -= 1;
            if reference.strong == 0 {
                let node = reference.node;
                self.lost_strong(node);
            }
        } else {
            reference.weak = reference.weak.saturating_sub(1);
        }
        if self.references[at].strong == 0 && self.references[at].weak == 0 {
            self.drop_reference(at);
        }
    }

    /// A reference ends, and what was registered with it.
    pub(super) fn drop_reference(&mut self, at: At) {
        let node = self.references[at].node;
        if std::mem::take(&mut self.references[at].strong) > 0 {
            self.lost_strong(node);
        }
        self.references[at].gone = true;
        self.lost_weak(node);
        if let Some(watch) = self.references[at].watch {
            self.unqueue(Work::Watch(watch));
        }
        if let Some(freeze) = self.references[at].freeze {
            self.unqueue(Work::Freeze(freeze));
        }
    }

    /// `BC_INCREFS`, `BC_ACQUIRE`. False if the command fails.
    pub(super) fn count_up(&mut self, proc: At, handle: u32, strong: bool) -> bool {
        if handle == 0
            && let Some(node) = self.manager
        {
            if self.nodes[node].owner == Some(proc) {
                return false;
            }
            if self.refer(proc, node, strong, None).is_ok() {
                return true;
            }
        }
        if let Some(at) = self.find(proc, handle, strong) {
            // What is refused is passed over in silence.
            let _ = self.raise(at, strong, None);
        }
        true
    }

    /// `BC_RELEASE`, `BC_DECREFS`.
    pub(super) fn count_down(&mut self, proc: At, handle: u32, strong: bool) {
        if let Some(at) = self.find(proc, handle, strong) {
            let reference = &self.references[at];
            if strong || reference.weak > 0 {
                self.lower(at, strong);
            }
        }
    }

    /// `BC_INCREFS_DONE`, `BC_ACQUIRE_DONE`.
    pub(super) fn acknowledge(&mut self, proc: At, ptr: u64, cookie: u64, strong: bool) {
        let Some(at) = self.node_of(proc, ptr) else { return };
        let node = &mut self.nodes[at];
        let pending = if strong {
            &mut node.pending_strong
        } else {
            &mut node.pending_weak
        };
        if node.cookie == cookie && std::mem::take(pending) {
            if strong {
                self.local_strong_down(at);
            } else {
                self.local_weak_down(at);
            }
        }
        self.let_go(at);
    }
}
