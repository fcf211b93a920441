//! Scattered buffers: data that a message points to.
//!
//! Their bytes go behind the offsets, one after the other, and each pointer is changed to where the receiver finds
//! them. A buffer may have a parent, an earlier one that contains the pointer to it. To keep checking cheap, children
//! must come in the order of a walk through the tree, and the places in one parent in ascending order.
//!
//! Copying waits until all objects are known: then it leaves out what is replaced anyway, pointers and descriptors.

#![deny(clippy::indexing_slicing)]

use super::{INVALID, NO_MEMORY, Transfer};
use crate::machine::{Machine, UserAddress};
use crate::message::size;
use crate::sort_by_key;
use crate::transaction::Failure;
use abi::binder::object::{BINDER_BUFFER_FLAG_HAS_PARENT, BufferObject, FdArrayObject};
use alloc::vec::Vec;
use core::ops::Range;
use zerocopy::IntoBytes;

/// Bytes of a pointer.
const POINTER: usize = size_of::<u64>();
/// What the place of a pointer in its parent is a multiple of. Linux finds out only when it puts the pointer there.
const POINTER_ALIGNMENT: usize = 4;
/// Bytes of a descriptor.
const DESCRIPTOR: u64 = size_of::<u32>() as u64;

/// A scattered buffer that was handled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scattered {
    /// Its place in the array of offsets.
    index: usize,
    /// Where its object is in the data.
    offset: usize,
    /// Where the sender has its bytes.
    from: UserAddress,
    /// Where they go in the buffer.
    to: usize,
    length: usize,
    /// Its parent's place in the array of offsets, and where in the parent the pointer is.
    parent: Option<(u64, u64)>,
}

/// What replaces bytes of a scattered buffer.
#[derive(Clone, Copy, Debug)]
enum Fixup {
    /// The address that the receiver finds a child at.
    Pointer(u64),
    /// So many bytes of descriptors, written when the receiver reads.
    Descriptors(usize),
}

/// The scattered buffers of one message.
pub(super) struct Scatter {
    /// What is left of the room for them in the buffer.
    room: Range<usize>,
    /// Those handled, ascending by index and offset.
    handled: Vec<Scattered>,
    /// Where in the buffer something is replaced.
    fixups: Vec<(usize, Fixup)>,
    /// The last one handled or used as a parent: where its object is, and from where in it a child may follow.
    last: Option<(usize, u64)>,
}

impl Scatter {
    /// None yet.
    pub(super) const fn new(room: Range<usize>) -> Self {
        Self {
            room,
            handled: Vec::new(),
            fixups: Vec::new(),
            last: None,
        }
    }

    /// A scattered buffer: gets its place, and its pointer is put into its parent.
    pub(super) fn send_buffer(
        &mut self,
        transfer: &Transfer,
        index: usize,
        offset: usize,
        object: BufferObject,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let length = size(object.length);
        if length > self.room.len() {
            return Err(INVALID);
        }
        let to = self.room.start;
        self.room.start = to.wrapping_add(length.next_multiple_of(POINTER));
        let address = transfer.address.wrapping_add(to as u64);
        let parent = if object.flags & BINDER_BUFFER_FLAG_HAS_PARENT == 0 {
            None
        } else {
            let parent = self.find_parent(object.parent, object.parent_offset)?;
            let inside = size(object.parent_offset);
            if parent
                .length
                .checked_sub(POINTER)
                .is_none_or(|last| inside > last)
            {
                return Err(INVALID);
            }
            self.replace(parent.to.wrapping_add(inside), Fixup::Pointer(address))?;
            Some((object.parent, object.parent_offset))
        };
        self.handled.try_reserve(1).map_err(|_| NO_MEMORY)?;
        self.handled.push(Scattered {
            index,
            offset,
            from: object.buffer,
            to,
            length,
            parent,
        });
        let translated = BufferObject {
            buffer: address,
            ..object
        };
        transfer.write(offset, translated.as_bytes(), machine);
        self.last = Some((offset, 0));
        Ok(())
    }

    /// The parent that an object names by its index, if a child at this place in it may come now: the parent is the
    /// last one, or one that contains it, and the place lies behind all that came before.
    pub(super) fn find_parent(&self, index: u64, place: u64) -> Result<Scattered, Failure> {
        let parent = self.by_index(index).ok_or(INVALID)?;
        let (mut at, mut least) = self.last.ok_or(INVALID)?;
        // Where Linux keeps the last offset, 0 means that there is none.
        if at == 0 {
            return Err(INVALID);
        }
        while at != parent.offset {
            let inner = self.by_offset(at).ok_or(INVALID)?;
            let (outer, inside) = inner.parent.ok_or(INVALID)?;
            least = inside.wrapping_add(POINTER as u64);
            at = self.by_index(outer).ok_or(INVALID)?.offset;
        }
        if place < least {
            return Err(INVALID);
        }
        Ok(parent)
    }

    fn by_index(&self, index: u64) -> Option<Scattered> {
        let index = usize::try_from(index).ok()?;
        let found = self
            .handled
            .binary_search_by_key(&index, |buffer| buffer.index)
            .ok()?;
        self.handled.get(found).copied()
    }

    fn by_offset(&self, offset: usize) -> Option<Scattered> {
        let found = self
            .handled
            .binary_search_by_key(&offset, |buffer| buffer.offset)
            .ok()?;
        self.handled.get(found).copied()
    }

    /// Where an array of descriptors lies: in the buffer, and in the sender. Nothing if it is empty.
    pub(super) fn array_of(
        &self,
        parent: Scattered,
        object: &FdArrayObject,
    ) -> Result<Option<(usize, UserAddress)>, Failure> {
        if object.num_fds == 0 {
            return Ok(None);
        }
        let bytes = object.num_fds.checked_mul(DESCRIPTOR).ok_or(INVALID)?;
        let last = (parent.length as u64).checked_sub(bytes).ok_or(INVALID)?;
        let inside = object.parent_offset;
        if inside > last {
            return Err(INVALID);
        }
        let to = parent.to.wrapping_add(size(inside));
        let from = parent.from.wrapping_add(inside);
        if !(to as u64).is_multiple_of(DESCRIPTOR) || !from.is_multiple_of(DESCRIPTOR) {
            return Err(INVALID);
        }
        Ok(Some((to, from)))
    }

    /// These bytes of the buffer are not copied from the sender.
    pub(super) fn skip(&mut self, at: usize, bytes: usize) -> Result<(), Failure> {
        self.replace(at, Fixup::Descriptors(bytes))
    }

    /// An array of descriptors was handled: what follows in its parent must lie behind it.
    pub(super) fn handled_array(&mut self, parent: Scattered, object: &FdArrayObject) {
        let end = object
            .num_fds
            .wrapping_mul(DESCRIPTOR)
            .wrapping_add(object.parent_offset);
        self.last = Some((parent.offset, end));
    }

    fn replace(&mut self, at: usize, fixup: Fixup) -> Result<(), Failure> {
        self.fixups.try_reserve(1).map_err(|_| NO_MEMORY)?;
        self.fixups.push((at, fixup));
        Ok(())
    }

    /// Copies all scattered buffers.
    pub(super) fn finish(mut self, transfer: &Transfer, machine: &mut dyn Machine) -> Result<(), Failure> {
        sort_by_key(&mut self.fixups, |(at, _)| *at);
        let mut fixups = self.fixups.iter().copied().peekable();
        for buffer in &self.handled {
            let end = buffer.to.wrapping_add(buffer.length);
            let mut at = buffer.to;
            while at < end {
                let fixup = fixups.next_if(|(place, _)| *place < end);
                let stop = fixup.map_or(end, |(place, _)| place);
                copy(transfer, buffer, at..stop, machine)?;
                at = match fixup {
                    None => end,
                    Some((place, Fixup::Pointer(_))) if !place.is_multiple_of(POINTER_ALIGNMENT) => {
                        return Err(INVALID);
                    }
                    Some((place, Fixup::Pointer(address))) => {
                        transfer.write(place, address.as_bytes(), machine);
                        place.wrapping_add(POINTER)
                    }
                    Some((place, Fixup::Descriptors(bytes))) => place.wrapping_add(bytes),
                };
            }
        }
        Ok(())
    }
}

/// Copies a part of a scattered buffer as it is.
fn copy(
    transfer: &Transfer,
    buffer: &Scattered,
    part: Range<usize>,
    machine: &mut dyn Machine,
) -> Result<(), Failure> {
    if part.is_empty() {
        return Ok(());
    }
    let inside = part.start.wrapping_sub(buffer.to);
    let from = buffer.from.wrapping_add(inside as u64);
    let to = transfer.base.wrapping_add(part.start);
    machine
        .copy_to_window(transfer.window, to, from, part.len())
        .map_err(|_| INVALID)
}
