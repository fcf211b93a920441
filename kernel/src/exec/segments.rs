//! Mapping a program's segments.

use super::file::{Bytes, ProgramFile};
use crate::mm::{AddressSpace, Backing, Mapped, PAGE, Placement, Protection};
use abi::Errno;
use alloc::sync::Arc;
use formats::elf::{Access, Program, Segment};

/// Maps all segments, moved by `bias`.
#[inline(never)]
pub(super) fn map(
    space: &Arc<AddressSpace>,
    file: &ProgramFile,
    program: &Program,
    bias: u64,
) -> Result<(), Errno> {
    for segment in &program.segments {
        match &file.bytes {
            Bytes::Image(bytes) => map_image(space, bytes, segment, bias)?,
            Bytes::Taken(bytes) => copy(space, bytes, segment, bias)?,
        }
    }
    Ok(())
}

/// Maps a segment so that it shares the file's pages until they are written.
fn map_image(space: &AddressSpace, bytes: &'static [u8], segment: &Segment, bias: u64) -> Result<(), Errno> {
    let pages = segment.pages();
    // The file's first page begins as far before the segment as the segment's memory page does.
    let lead = (segment.memory.start - pages.start) as usize;
    let start = segment.stored.start.saturating_sub(lead);
    let is_all_stored = segment.stored.len() as u64 == segment.memory.end - segment.memory.start;
    // What lies behind the segment on its last page of the file may be seen, but not where zeroes belong.
    let end = if is_all_stored {
        segment
            .stored
            .end
            .next_multiple_of(PAGE as usize)
            .min(bytes.len())
    } else {
        segment.stored.end
    };
    let stored = if segment.stored.is_empty() {
        &[]
    } else {
        bytes.get(start..end).ok_or(Errno::ENOEXEC)?
    };
    let place = Placement::FixedNoReplace(pages.start + bias);
    let Mapped { address, .. } =
        space.map_image(place, pages.end - pages.start, protection(segment.access), stored)?;
    debug_assert_eq!(address, pages.start + bias);
    Ok(())
}

/// Maps memory and copies a segment into it.
fn copy(space: &AddressSpace, bytes: &[u8], segment: &Segment, bias: u64) -> Result<(), Errno> {
    let pages = segment.pages();
    let place = Placement::FixedNoReplace(pages.start + bias);
    let Mapped { .. } = space.map_anonymous(
        place,
        pages.end - pages.start,
        protection(segment.access),
        Backing::Private,
    )?;
    let stored = bytes.get(segment.stored.clone()).ok_or(Errno::ENOEXEC)?;
    space.write(segment.memory.start + bias, stored)?;
    Ok(())
}

fn protection(access: Access) -> Protection {
    let mut protection = Protection::empty();
    protection.set(Protection::READ, access.read);
    protection.set(Protection::WRITE, access.write);
    protection.set(Protection::EXECUTE, access.execute);
    protection
}
