//! The usual message with objects: it has one, a node or a handle.

use super::{FilePolicy, Transfer, is_flat};
use crate::driver::Driver;
use crate::machine::Machine;
use crate::message::size;
use crate::table::{ThreadId, TransactionId};
use crate::transaction::Failure;
use abi::binder::TransactionData;
use abi::binder::object::FlatBinderObject;
use zerocopy::{FromZeros, IntoBytes};

impl Driver {
    /// Fills a call's buffer as [`Self::transfer`] does, if the message has just one object and all is usual with it.
    /// Nothing if it is not so: then only the buffer's bytes may have changed.
    #[inline(always)]
    pub(crate) fn transfer_sole(
        &mut self,
        caller: ThreadId,
        transaction: TransactionId,
        data: &TransactionData,
        machine: &mut impl Machine,
    ) -> Option<Result<(), Failure>> {
        let mut offset = 0_u64;
        if data.offsets_size != size_of_val(&offset) as u64 {
            return None;
        }
        machine.read_user_into(data.offsets, &mut offset).ok()?;
        let mut object = FlatBinderObject::new_zeroed();
        let is_inside = offset.is_multiple_of(size_of::<u32>() as u64)
            && offset <= data.data_size.checked_sub(size_of_val(&object) as u64)?;
        if !is_inside {
            return None;
        }
        let from = data.buffer.wrapping_add(offset);
        machine.read_user_into(from, &mut object).ok()?;
        if !is_flat(object.kind) {
            return None;
        }
        let id = self.transactions[transaction].buffer?;
        let buffer = &self.buffers[id];
        let region = self.procs[buffer.proc].region.as_ref()?;
        let (data_size, offsets_at) = (buffer.request.data, buffer.request.offsets_at());
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
            data_size,
            files: FilePolicy::Refused,
        };
        if data_size != size_of_val(&object) {
            let copied = machine.copy_to_window(transfer.window, transfer.base, data.buffer, data_size);
            copied.ok()?;
        }
        let translated = match self.translate(&transfer, &object) {
            Ok(translated) => translated,
            Err(failure) => return Some(Err(failure)),
        };
        transfer.write(size(offset), translated.as_bytes(), machine);
        transfer.write(offsets_at, offset.as_bytes(), machine);
        Some(Ok(()))
    }
}
