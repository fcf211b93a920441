//! What travels in a message: its data, copied once, and the objects in it, translated one by one.
//!
//! The sender's array of offsets says where its objects are. Each object is read from the sender, translated into what
//! means the same to the receiver, and written into the buffer; the bytes between are copied as they are. Nothing that
//! a check depends on is read back from the receiver's memory, nor twice from the sender's.

mod descriptor;
mod flat;
mod offsets;
mod scatter;
mod sole;

use crate::driver::Driver;
use crate::machine::{Machine, UserAddress, WindowId};
use crate::message::size;
use crate::table::{BufferId, ProcId, ThreadId, TransactionId};
use crate::transaction::Failure;
use abi::Errno;
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_FD, BINDER_TYPE_FDA, BINDER_TYPE_HANDLE, BINDER_TYPE_PTR,
    BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE, BufferObject, FdArrayObject, FdObject,
    FlatBinderObject,
};
use abi::binder::{TransactionData, TransactionFlags};
use offsets::Offsets;
use scatter::Scatter;
use zerocopy::{FromBytes, IntoBytes};

/// The largest object.
const OBJECT_MAX: usize = size_of::<BufferObject>();

/// An object as the sender wrote it.
#[derive(Clone, Copy, Debug)]
enum Object {
    /// A node or a handle of the sender.
    Flat(FlatBinderObject),
    /// A descriptor.
    File(FdObject),
    /// Descriptors in a scattered buffer.
    Files(FdArrayObject),
    /// A scattered buffer.
    Buffer(BufferObject),
}

impl Object {
    /// The object that these bytes begin with, if it is complete.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (kind, _) = u32::read_from_prefix(bytes).ok()?;
        let object = match kind {
            _ if is_flat(kind) => Self::Flat(prefix(bytes)?),
            BINDER_TYPE_FD => Self::File(prefix(bytes)?),
            BINDER_TYPE_FDA => Self::Files(prefix(bytes)?),
            BINDER_TYPE_PTR => Self::Buffer(prefix(bytes)?),
            _ => return None,
        };
        Some(object)
    }

    const fn size(&self) -> usize {
        match self {
            Self::Flat(_) => size_of::<FlatBinderObject>(),
            Self::File(_) => size_of::<FdObject>(),
            Self::Files(_) => size_of::<FdArrayObject>(),
            Self::Buffer(_) => size_of::<BufferObject>(),
        }
    }
}

/// Whether an object of this type is a node or a handle.
#[inline]
const fn is_flat(kind: u32) -> bool {
    matches!(
        kind,
        BINDER_TYPE_BINDER | BINDER_TYPE_WEAK_BINDER | BINDER_TYPE_HANDLE | BINDER_TYPE_WEAK_HANDLE
    )
}

fn prefix<T: FromBytes>(bytes: &[u8]) -> Option<T> {
    T::read_from_prefix(bytes).ok().map(|(object, _)| object)
}

/// Where a message comes from and where it goes.
struct Transfer {
    caller: ThreadId,
    sender: ProcId,
    receiver: ProcId,
    transaction: TransactionId,
    buffer: BufferId,
    window: WindowId,
    /// Where the buffer begins in the window.
    base: usize,
    /// Where the receiver sees the buffer.
    address: u64,
    /// Where the sender has the data.
    data: UserAddress,
    data_size: usize,
    /// Whether descriptors may travel.
    files: FilePolicy,
}

/// Whether the receiver takes descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilePolicy {
    Allowed,
    Refused,
}

const INVALID: Failure = Failure::Failed(Errno::EINVAL);
const FAULT: Failure = Failure::Failed(Errno::EFAULT);
const NO_MEMORY: Failure = Failure::Failed(Errno::ENOMEM);

impl Driver {
    /// Fills a message's buffer. `answered` is the call that it replies to; the last `reserved` bytes of the buffer
    /// are taken already.
    #[inline(never)]
    pub(crate) fn transfer(
        &mut self,
        caller: ThreadId,
        transaction: TransactionId,
        data: &TransactionData,
        answered: Option<TransactionId>,
        reserved: usize,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let Some(id) = self.transactions[transaction].buffer else {
            return Err(INVALID);
        };
        let buffer = &self.buffers[id];
        let Some(region) = &self.procs[buffer.proc].region else {
            return Err(INVALID);
        };
        let extra = buffer.request.extra;
        if data.offsets_size == 0 {
            if !extra.is_multiple_of(8) {
                return Err(INVALID);
            }
            let size = buffer.request.data;
            return match machine.copy_to_window(region.window, buffer.offset, data.buffer, size) {
                // Where nothing is copied from does not matter.
                Err(_) if size > 0 => Err(FAULT),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let accepts = match (answered, buffer.target) {
            (Some(call), _) => self.transactions[call]
                .flags()
                .contains(TransactionFlags::ACCEPT_FDS),
            (None, Some(node)) => self.nodes[node].accepts_files,
            (None, None) => false,
        };
        let transfer = Transfer {
            caller,
            sender: self.threads[caller].proc,
            receiver: buffer.proc,
            transaction,
            buffer: id,
            window: region.window,
            base: buffer.offset,
            address: region.address.wrapping_add(buffer.offset as u64),
            data: data.buffer,
            data_size: buffer.request.data,
            files: if accepts {
                FilePolicy::Allowed
            } else {
                FilePolicy::Refused
            },
        };
        let room = buffer.request.extra_at();
        let room = room..room.wrapping_add(extra).wrapping_sub(reserved);
        let at = transfer.base.wrapping_add(buffer.request.offsets_at());
        let offsets = match Offsets::read(data.offsets, size(data.offsets_size), machine) {
            Ok(offsets) => offsets,
            Err(failure) => {
                // What of them can be read comes into the buffer all the same.
                let size = buffer.request.offsets;
                let _fault = machine.copy_to_window(transfer.window, at, data.offsets, size);
                return Err(failure);
            }
        };
        offsets.write(transfer.window, at, machine);
        if !data.offsets_size.is_multiple_of(8) || !extra.is_multiple_of(8) {
            return Err(INVALID);
        }
        self.transfer_objects(&transfer, &offsets, Scatter::new(room), machine)
    }

    fn transfer_objects(
        &mut self,
        transfer: &Transfer,
        offsets: &Offsets,
        mut scatter: Scatter,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        // The first byte that is neither copied nor part of an object.
        let mut done = 0_usize;
        for (index, &offset) in offsets.as_slice().iter().enumerate() {
            let offset = size(offset);
            if offset < done || offset > transfer.data_size {
                return Err(FAULT);
            }
            transfer.copy(done..offset, machine)?;
            let mut bytes = [0; OBJECT_MAX];
            let object = transfer.read_object(offset, &mut bytes, machine).ok_or(INVALID)?;
            match object {
                Object::Flat(object) => {
                    let translated = self.translate(transfer, &object)?;
                    transfer.write(offset, translated.as_bytes(), machine);
                }
                Object::File(object) => self.send_file(transfer, offset, object, machine)?,
                Object::Files(object) => {
                    self.send_files(transfer, &mut scatter, offset, object, machine)?;
                }
                Object::Buffer(object) => {
                    scatter.send_buffer(transfer, index, offset, object, machine)?;
                }
            }
            done = offset.wrapping_add(object.size());
        }
        transfer.copy(done..transfer.data_size, machine)?;
        scatter.finish(transfer, machine)
    }
}

impl Transfer {
    /// Copies a part of the sender's data as it is.
    fn copy(&self, range: core::ops::Range<usize>, machine: &mut dyn Machine) -> Result<(), Failure> {
        if range.is_empty() {
            return Ok(());
        }
        let to = self.base.wrapping_add(range.start);
        let from = self.data.wrapping_add(range.start as u64);
        machine
            .copy_to_window(self.window, to, from, range.len())
            .map_err(|_| FAULT)
    }

    /// Reads an object from the sender's data.
    fn read_object(
        &self,
        offset: usize,
        bytes: &mut [u8; OBJECT_MAX],
        machine: &mut dyn Machine,
    ) -> Option<Object> {
        let available = self.data_size.checked_sub(offset)?.min(OBJECT_MAX);
        if available < size_of::<u32>() || !offset.is_multiple_of(size_of::<u32>()) {
            return None;
        }
        let bytes = bytes.get_mut(..available)?;
        machine
            .read_user(self.data.wrapping_add(offset as u64), bytes)
            .ok()?;
        Object::parse(bytes)
    }

    /// Writes a translated object into the buffer.
    fn write(&self, offset: usize, bytes: &[u8], machine: &mut dyn Machine) {
        machine.write_window(self.window, self.base.wrapping_add(offset), bytes);
    }
}
