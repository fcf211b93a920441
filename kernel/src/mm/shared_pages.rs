//! Pages that do not belong to one mapping: shared memory, memory files.

use super::errors::{Denied, NoMemory};
use super::layout::PAGE;
use super::{direct, frames};
use crate::sorted::Sorted;
use crate::sync::Mutex;
use alloc::sync::Arc;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};

/// A row of bytes that exist once written to or mapped; the others are zero.
///
/// Mappings of its pages share the frames: a page that a shorter length cuts off lives on where it is mapped, until
/// [`AddressSpace::cut_off`](super::AddressSpace::cut_off) takes it there too.
pub(crate) struct SharedPages {
    id: u64,
    inner: Mutex<Inner>,
}

impl core::fmt::Debug for SharedPages {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SharedPages({})", self.id)
    }
}

struct Inner {
    length: u64,
    /// Frames by page number.
    frames: Sorted<u64, u64>,
}

impl SharedPages {
    /// No bytes at all.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when the kernel is short of memory.
    pub(crate) fn new() -> Result<Arc<Self>, NoMemory> {
        Self::with_length(0)
    }

    /// So many zero bytes.
    pub(super) fn with_length(length: u64) -> Result<Arc<Self>, NoMemory> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        if frames::is_short() {
            return Err(NoMemory);
        }
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Self {
            id,
            inner: Mutex::new(Inner {
                length,
                frames: Sorted::new(),
            }),
        }))
    }

    /// A number that no other shared memory ever had.
    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.inner.lock().length
    }

    /// Changes how many bytes there are; new ones are zero.
    pub(crate) fn truncate(&self, length: u64) {
        let mut inner = self.inner.lock();
        inner.length = length;
        while let Some((page, frame)) = inner.frames.pop_last() {
            if page < length.div_ceil(PAGE) {
                inner.frames.insert(page, frame);
                break;
            }
            frames::release(frame);
        }
        if let Some(frame) = inner.frames.get(&(length / PAGE)) {
            let inside = length % PAGE;
            // SAFETY: the frame is this object's, the bytes lie in it.
            unsafe { ptr::write_bytes(direct::<u8>(frame + inside), 0, (PAGE - inside) as usize) };
        }
    }

    /// Copies bytes out; those behind the end are zero.
    pub(crate) fn read(&self, offset: u64, into: &mut [u8]) {
        let inner = self.inner.lock();
        each_page(offset, into.len(), |page, inside, done, count| {
            let part = &mut into[done..done + count];
            match inner.frames.get(&page) {
                // SAFETY: the frame is this object's, the bytes lie in it and in the slice.
                Some(frame) => unsafe {
                    ptr::copy_nonoverlapping(direct::<u8>(frame + inside), part.as_mut_ptr(), count);
                },
                None => part.fill(0),
            }
            Ok(())
        })
        .unwrap_or(());
    }

    /// Copies bytes in; the length grows to hold them.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when frames run out; a part may have been written.
    pub(crate) fn write(&self, offset: u64, bytes: &[u8]) -> Result<(), NoMemory> {
        let mut inner = self.inner.lock();
        let end = offset.checked_add(bytes.len() as u64).ok_or(NoMemory)?;
        each_page(offset, bytes.len(), |page, inside, done, count| {
            let frame = inner.make(page)?;
            let part = &bytes[done..done + count];
            // SAFETY: as in `read`.
            unsafe { ptr::copy_nonoverlapping(part.as_ptr(), direct::<u8>(frame + inside), count) };
            Ok(())
        })?;
        inner.length = inner.length.max(end);
        Ok(())
    }

    /// The frame of a page, for a mapping that becomes one of its owners.
    pub(super) fn frame(&self, offset: u64) -> Result<u64, Denied> {
        let mut inner = self.inner.lock();
        if offset >= inner.length {
            return Err(Denied::NoObject);
        }
        let frame = inner.make(offset / PAGE)?;
        frames::share(frame);
        Ok(frame)
    }
}

impl Inner {
    /// The frame of a page, allocated if there is none.
    fn make(&mut self, page: u64) -> Result<u64, NoMemory> {
        if let Some(frame) = self.frames.get(&page) {
            return Ok(*frame);
        }
        let frame = frames::allocate_zeroed()?;
        self.frames.insert(page, frame);
        Ok(frame)
    }
}

impl Drop for SharedPages {
    fn drop(&mut self) {
        for (_, frame) in self.inner.get_mut().frames.iter() {
            frames::release(*frame);
        }
    }
}

/// Walks a range: calls `work` with the page, the offset in it, the offset in the range, and the bytes there.
fn each_page(
    offset: u64,
    length: usize,
    mut work: impl FnMut(u64, u64, usize, usize) -> Result<(), NoMemory>,
) -> Result<(), NoMemory> {
    let mut done = 0;
    while done < length {
        let at = offset + done as u64;
        let count = ((PAGE - at % PAGE) as usize).min(length - done);
        work(at / PAGE, at % PAGE, done, count)?;
        done += count;
    }
    Ok(())
}
