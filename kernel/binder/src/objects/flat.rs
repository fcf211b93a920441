//! Nodes and handles in a message.

use super::{INVALID, NO_MEMORY, Transfer};
use crate::count::Strength;
use crate::driver::Driver;
use crate::held::Held;
use crate::node::Holder;
use crate::transaction::Failure;
use abi::binder::PtrCookie;
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE, BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE,
    FlatBinderObject,
};

/// The strength that an object's type says.
const fn strength(object: &FlatBinderObject) -> Strength {
    match object.kind {
        BINDER_TYPE_BINDER | BINDER_TYPE_HANDLE => Strength::Strong,
        _ => Strength::Weak,
    }
}

/// The handle that an object names, in the low half of its word.
const fn handle(object: &FlatBinderObject) -> u32 {
    (object.binder & 0xffff_ffff) as u32
}

impl Driver {
    /// Translates a node or a handle of the sender into what means the same to the receiver, and lets the buffer hold it.
    #[inline]
    pub(super) fn translate(
        &mut self,
        transfer: &Transfer,
        object: &FlatBinderObject,
    ) -> Result<FlatBinderObject, Failure> {
        self.reserve_held(transfer)?;
        match object.kind {
            BINDER_TYPE_BINDER | BINDER_TYPE_WEAK_BINDER => self.translate_node(transfer, object),
            _ => self.translate_handle(transfer, object),
        }
    }

    /// A node of the sender becomes a handle of the receiver.
    #[inline]
    fn translate_node(
        &mut self,
        transfer: &Transfer,
        object: &FlatBinderObject,
    ) -> Result<FlatBinderObject, Failure> {
        let name = PtrCookie {
            ptr: object.binder,
            cookie: object.cookie,
        };
        let known = self.find_node(transfer.sender, name.ptr);
        let (strength, teller) = (strength(object), Some(transfer.caller));
        let (node, handle) = match known {
            None => {
                let node = self.new_node(transfer.sender, name, object.flags);
                let node = node.map_err(|_| NO_MEMORY)?;
                (node, self.new_ref(transfer.receiver, node, strength, teller))
            }
            Some(node) if self.nodes.at(node).name.cookie == name.cookie => {
                (node, self.give_ref(transfer.receiver, node, strength, teller))
            }
            Some(node) => {
                self.settle_node(node);
                return Err(INVALID);
            }
        };
        match handle {
            Ok(handle) => Ok(self.hold_handle(transfer, object.flags, strength, handle)),
            Err(_) => {
                self.settle_node(node);
                Err(NO_MEMORY)
            }
        }
    }

    /// A handle of the sender becomes a handle of the receiver, or the node itself if the receiver owns it.
    fn translate_handle(
        &mut self,
        transfer: &Transfer,
        object: &FlatBinderObject,
    ) -> Result<FlatBinderObject, Failure> {
        let strength = strength(object);
        let reference = self
            .find_ref(transfer.sender, handle(object), strength)
            .ok_or(INVALID)?;
        let node = self.refs[reference].node;
        if self.nodes[node].owner == Some(transfer.receiver) {
            self.raise_node(node, strength, Holder::Local, None);
            self.buffers[transfer.buffer]
                .held
                .push(Held::Node(node, strength));
            let name = self.nodes[node].name;
            let kind = match strength {
                Strength::Strong => BINDER_TYPE_BINDER,
                Strength::Weak => BINDER_TYPE_WEAK_BINDER,
            };
            return Ok(FlatBinderObject {
                kind,
                flags: object.flags,
                binder: name.ptr,
                cookie: name.cookie,
            });
        }
        let handle = self
            .give_ref(transfer.receiver, node, strength, None)
            .map_err(|_| NO_MEMORY)?;
        Ok(self.hold_handle(transfer, object.flags, strength, handle))
    }

    #[inline]
    fn hold_handle(
        &mut self,
        transfer: &Transfer,
        flags: u32,
        strength: Strength,
        handle: u32,
    ) -> FlatBinderObject {
        self.buffers
            .at_mut(transfer.buffer)
            .held
            .push(Held::Handle(handle, strength));
        let kind = match strength {
            Strength::Strong => BINDER_TYPE_HANDLE,
            Strength::Weak => BINDER_TYPE_WEAK_HANDLE,
        };
        FlatBinderObject {
            kind,
            flags,
            binder: u64::from(handle),
            cookie: 0,
        }
    }

    /// Makes sure that what is taken next can be noted.
    #[inline]
    fn reserve_held(&mut self, transfer: &Transfer) -> Result<(), Failure> {
        self.buffers
            .at_mut(transfer.buffer)
            .held
            .reserve_one()
            .map_err(|_| NO_MEMORY)
    }
}
