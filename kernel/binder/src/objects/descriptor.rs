//! Descriptors in a message: the file is held from now on, its number is chosen when the receiver reads.

use super::scatter::Scatter;
use super::{FilePolicy, INVALID, NO_MEMORY, Transfer};
use crate::driver::Driver;
use crate::machine::{FileId, Machine};
use crate::message::size;
use crate::transaction::{Failure, Placement, SentFile};
use abi::Errno;
use abi::binder::object::{FdArrayObject, FdObject};
use zerocopy::IntoBytes;

/// Where the number stands in an object.
const DESCRIPTOR_AT: usize = core::mem::offset_of!(FdObject, fd);
/// Bytes of a descriptor in an array.
const DESCRIPTOR_SIZE: usize = size_of::<u32>();

/// The low half of an object's word.
const fn descriptor(word: u64) -> i32 {
    (word & 0xffff_ffff) as u32 as i32
}

impl Driver {
    /// Takes a descriptor of the sender. Its number in the receiver will be written at `offset` of the buffer.
    fn take_file(
        &mut self,
        transfer: &Transfer,
        descriptor: i32,
        offset: usize,
        placement: Placement,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        if transfer.files == FilePolicy::Refused {
            return Err(Failure::Failed(Errno::EPERM));
        }
        let files = &mut self.transactions[transfer.transaction].files;
        files.try_reserve(1).map_err(|_| NO_MEMORY)?;
        let file: FileId = machine.pin_file(descriptor).map_err(Failure::Failed)?;
        files.push(SentFile {
            file,
            offset,
            placement,
        });
        Ok(())
    }

    /// A descriptor in an object of its own.
    pub(super) fn send_file(
        &mut self,
        transfer: &Transfer,
        offset: usize,
        object: FdObject,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let at = offset.wrapping_add(DESCRIPTOR_AT);
        self.take_file(transfer, descriptor(object.fd), at, Placement::Object, machine)?;
        let translated = FdObject { fd: 0, ..object };
        transfer.write(offset, translated.as_bytes(), machine);
        Ok(())
    }

    /// Descriptors in a scattered buffer. Their numbers in the sender are never copied.
    pub(super) fn send_files(
        &mut self,
        transfer: &Transfer,
        scatter: &mut Scatter,
        offset: usize,
        object: FdArrayObject,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let parent = scatter.find_parent(object.parent, object.parent_offset)?;
        let array = scatter.array_of(parent, &object)?;
        if let Some((inside, from)) = array {
            let count = size(object.num_fds);
            scatter.skip(inside, count.wrapping_mul(DESCRIPTOR_SIZE))?;
            for index in 0..count {
                let step = index.wrapping_mul(DESCRIPTOR_SIZE);
                let mut bytes = [0; DESCRIPTOR_SIZE];
                machine
                    .read_user(from.wrapping_add(step as u64), &mut bytes)
                    .map_err(|_| INVALID)?;
                let at = inside.wrapping_add(step);
                self.take_file(transfer, i32::from_le_bytes(bytes), at, Placement::Array, machine)?;
            }
        }
        transfer.write(offset, object.as_bytes(), machine);
        scatter.handled_array(parent, &object);
        Ok(())
    }
}
