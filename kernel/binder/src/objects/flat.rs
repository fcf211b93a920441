//! Nodes and handles in a message.

use super::{INVALID, NO_MEMORY, Transfer};
use crate::count::Strength;
use crate::driver::Driver;
use crate::held::Held;
use crate::machine::Machine;
use crate::node::Holder;
use crate::transaction::Failure;
use abi::binder::PtrCookie;
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE, BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE,
    FlatBinderObject,
};
use zerocopy::IntoBytes;

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
    /// A node of the sender becomes a handle of the receiver.
    pub(super) fn send_node(
        &mut self,
        transfer: &Transfer,
        offset: usize,
        object: FlatBinderObject,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let name = PtrCookie {
            ptr: object.binder,
            cookie: object.cookie,
        };
        self.reserve_held(transfer)?;
        let node = match self.find_node(transfer.sender, name.ptr) {
            Some(node) => node,
            None => self
                .new_node(transfer.sender, name, object.flags)
                .map_err(|_| NO_MEMORY)?,
        };
        if self.nodes[node].name.cookie != name.cookie {
            self.settle_node(node);
            return Err(INVALID);
        }
        let strength = strength(&object);
        match self.give_ref(transfer.receiver, node, strength, Some(transfer.caller)) {
            Ok(handle) => {
                self.write_handle(transfer, offset, object.flags, strength, handle, machine);
                Ok(())
            }
            Err(_) => {
                self.settle_node(node);
                Err(NO_MEMORY)
            }
        }
    }

    /// A handle of the sender becomes a handle of the receiver, or the node itself if the receiver owns it.
    pub(super) fn send_handle(
        &mut self,
        transfer: &Transfer,
        offset: usize,
        object: FlatBinderObject,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let strength = strength(&object);
        let reference = self
            .find_ref(transfer.sender, handle(&object), strength)
            .ok_or(INVALID)?;
        self.reserve_held(transfer)?;
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
            let translated = FlatBinderObject {
                kind,
                flags: object.flags,
                binder: name.ptr,
                cookie: name.cookie,
            };
            transfer.write(offset, translated.as_bytes(), machine);
            return Ok(());
        }
        let handle = self
            .give_ref(transfer.receiver, node, strength, None)
            .map_err(|_| NO_MEMORY)?;
        self.write_handle(transfer, offset, object.flags, strength, handle, machine);
        Ok(())
    }

    fn write_handle(
        &mut self,
        transfer: &Transfer,
        offset: usize,
        flags: u32,
        strength: Strength,
        handle: u32,
        machine: &mut dyn Machine,
    ) {
        self.buffers[transfer.buffer]
            .held
            .push(Held::Handle(handle, strength));
        let kind = match strength {
            Strength::Strong => BINDER_TYPE_HANDLE,
            Strength::Weak => BINDER_TYPE_WEAK_HANDLE,
        };
        let translated = FlatBinderObject {
            kind,
            flags,
            binder: u64::from(handle),
            cookie: 0,
        };
        transfer.write(offset, translated.as_bytes(), machine);
    }

    /// Makes sure that what is taken next can be noted.
    fn reserve_held(&mut self, transfer: &Transfer) -> Result<(), Failure> {
        self.buffers[transfer.buffer]
            .held
            .reserve(1)
            .map_err(|_| NO_MEMORY)
    }
}
