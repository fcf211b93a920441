//! Windows: binder regions, where a message is copied once and seen from both sides.
//!
//! A window's pages lie in a row in the kernel's half of every address space, writable, and in the receiver's half,
//! read-only, on the same frames. The driver says which pages have frames. So the kernel copies a message from the sender,
//! whose address space is current, straight to where the receiver reads it.

use super::address_space::AddressSpace;
use super::area::Backing;
use super::errors::{NoMemory, UserFault};
use super::layout::{PAGE, WINDOW_COUNT, WINDOW_SPAN, WINDOWS};
use super::{frames, kernel_space, user};
use crate::arch::paging::{self, Entry};
use crate::arch::user_access::{user_access_copy, user_access_words, user_access_zero};
use crate::sync::Mutex;
use alloc::sync::{Arc, Weak};

use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering};

/// The kernel's side of a binder region.
pub(crate) struct Window {
    id: u32,
    slot: usize,
    kernel_address: u64,
    size: usize,
    /// How many copies programs' messages have made into it.
    copies: AtomicU64,
    inner: Mutex<Inner>,
}

impl core::fmt::Debug for Window {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Window({})", self.id)
    }
}

/// Marks the frame of a page that the receiver gave up.
const GIVEN_UP: u64 = 1;

struct Inner {
    /// The frame of each page, 0 for none. The receiver does not see those that are [`GIVEN_UP`].
    frames: Vec<u64>,
    /// Where the receiver sees it.
    view: Option<(Weak<AddressSpace>, u64)>,
    /// What the receiver called the mapping, which makes no difference.
    called: super::Backing,
}

/// Which places for windows are taken.
static SLOTS: Mutex<Vec<u64>> = Mutex::new(Vec::new());

fn take_slot() -> Result<usize, NoMemory> {
    let mut slots = SLOTS.lock();
    let word = match slots.iter().position(|word| *word != u64::MAX) {
        Some(word) => word,
        None if slots.len() == WINDOW_COUNT / 64 => return Err(NoMemory),
        None => {
            slots.try_reserve(1).map_err(|_| NoMemory)?;
            slots.push(0);
            slots.len() - 1
        }
    };
    let bit = slots[word].trailing_ones() as usize;
    slots[word] |= 1 << bit;
    Ok(word * 64 + bit)
}

impl Window {
    /// A window with no page backed. `size` is in bytes, at most 4 MiB; `id` is the caller's.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when there is no memory or no place for it.
    pub(crate) fn new(id: u32, size: usize) -> Result<Arc<Self>, NoMemory> {
        if frames::is_short() || size as u64 > WINDOW_SPAN {
            return Err(NoMemory);
        }
        let slot = take_slot()?;
        let pages = size.div_ceil(PAGE as usize);
        let inner = Mutex::new(Inner {
            frames: Vec::new(),
            view: None,
            called: super::Backing::Private,
        });
        Ok(Arc::new(Self {
            id,
            slot,
            kernel_address: WINDOWS + slot as u64 * WINDOW_SPAN,
            size: pages * PAGE as usize,
            copies: AtomicU64::new(0),
            inner,
        }))
    }

    /// The number it was made with.
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    /// Its size in bytes, whole pages.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    /// Where the kernel sees it.
    pub(crate) const fn kernel_address(&self) -> u64 {
        self.kernel_address
    }

    /// Where a program sees it, if it is the one that has it mapped.
    pub(crate) fn address_in(&self, space: &Arc<AddressSpace>) -> Option<u64> {
        let inner = self.inner.lock();
        let (receiver, address) = inner.view.as_ref()?;
        core::ptr::eq(receiver.as_ptr(), Arc::as_ptr(space)).then_some(*address)
    }

    /// How many copies programs' messages have made into it.
    pub(crate) fn copies(&self) -> u64 {
        self.copies.load(Ordering::Relaxed)
    }

    /// How many pages it has.
    pub(crate) const fn pages(&self) -> usize {
        self.size / PAGE as usize
    }

    /// The frame numbers that the page tables of the kernel and of the receiver have for a page.
    pub(crate) fn frames_seen(&self, page: usize) -> (Option<u64>, Option<u64>) {
        let offset = page as u64 * PAGE;
        let frame_number = |address: u64| address / PAGE;
        let kernel = kernel_space::translate(self.kernel_address() + offset).map(frame_number);
        let view = self.inner.lock().view.clone();
        let receiver = view.and_then(|(space, address)| {
            let space = space.upgrade()?;
            let seen = space.lock().table.translate(address + offset);
            seen.map(frame_number)
        });
        (kernel, receiver)
    }

    pub(super) fn frame(&self, page: usize) -> Option<u64> {
        self.inner
            .lock()
            .frames
            .get(page)
            .copied()
            .filter(|frame| *frame != 0 && frame & GIVEN_UP == 0)
    }

    /// The receiver gives pages up: it sees nothing there until they are backed anew, as on Linux. Messages still go there.
    pub(super) fn give_up(&self, pages: Range<usize>) {
        let mut inner = self.inner.lock();
        let frames = inner.frames.iter_mut().take(pages.end).skip(pages.start);
        for frame in frames.filter(|frame| **frame != 0) {
            *frame |= GIVEN_UP;
        }
    }

    /// Says where the receiver sees it, and what it called the mapping.
    pub(super) fn show(&self, space: &Arc<AddressSpace>, address: u64, called: super::Backing) {
        let mut inner = self.inner.lock();
        inner.view = Some((Arc::downgrade(space), address));
        inner.called = called;
    }

    /// Whether the receiver mapped it as shared memory.
    pub(super) fn called(&self) -> super::Backing {
        self.inner.lock().called
    }

    /// Says that the receiver sees it somewhere else from now on.
    pub(super) fn move_to(&self, address: u64) {
        if let Some((_, seen)) = &mut self.inner.lock().view {
            *seen = address;
        }
    }

    /// Puts zeroed frames behind pages that have none, on both sides. All or nothing.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when frames run out.
    pub(crate) fn back(&self, pages: Range<usize>) -> Result<(), NoMemory> {
        let mut added = Vec::new();
        let mut inner = self.inner.lock();
        let pages = pages.start..pages.end.min(self.pages());
        let more = pages.end.saturating_sub(inner.frames.len());
        inner.frames.try_reserve(more).map_err(|_| NoMemory)?;
        let known = inner.frames.len();
        inner.frames.resize(known + more, 0);
        for page in pages {
            if inner.frames[page] != 0 {
                continue;
            }
            let address = self.kernel_address() + page as u64 * PAGE;
            let frame = frames::allocate_zeroed().and_then(|frame| {
                kernel_space::map_window_page(address, frame)
                    .map(|()| frame)
                    .inspect_err(|_| frames::free_one(frame))
            });
            let Ok(frame) = frame else {
                drop(inner);
                added.into_iter().for_each(|(page, _)| self.unback(page));
                return Err(NoMemory);
            };
            inner.frames[page] = frame;
            added.push((page, frame));
        }
        let view = inner.view.clone();
        drop(inner);
        if let Some((space, address)) = view
            && let Some(space) = space.upgrade()
        {
            let mut space = space.lock();
            for (page, frame) in added {
                space.show_window_page(self, address + page as u64 * PAGE, frame);
            }
        }
        Ok(())
    }

    /// Takes the frame from behind a page, on both sides.
    pub(crate) fn unback(&self, page: usize) {
        let mut inner = self.inner.lock();
        let Some(frame) = inner
            .frames
            .get_mut(page)
            .map(core::mem::take)
            .filter(|frame| *frame != 0)
        else {
            return;
        };
        let frame = frame & !GIVEN_UP;
        let view = inner.view.clone();
        drop(inner);
        if let Some((space, address)) = view
            && let Some(space) = space.upgrade()
        {
            space.lock().hide_window_page(address + page as u64 * PAGE, frame);
        }
        kernel_space::unmap_window_page(self.kernel_address() + page as u64 * PAGE);
        frames::free_one(frame);
    }

    /// The kernel's address of a part that lies in the window.
    #[inline(always)]
    fn part(&self, offset: usize, length: usize) -> u64 {
        if offset > self.size || length > self.size - offset {
            outside(offset, length, self.size);
        }
        self.kernel_address() + offset as u64
    }

    /// Copies bytes from the current program's memory: the one copy of a message.
    ///
    /// # Errors
    ///
    /// [`UserFault`] if any byte is not readable; the receiver can see what was copied, see [`Self::copy_what_is_there`].
    #[inline(always)]
    pub(crate) fn copy_from_user(&self, offset: usize, address: u64, length: usize) -> Result<(), UserFault> {
        // Copies are made under the kernel lock, so counting needs no more than this.
        self.copies.store(self.copies() + 1, Ordering::Relaxed);
        if self.copy(offset, address, length).is_ok() {
            return Ok(());
        }
        self.copy_what_is_there(offset, address, length);
        Err(UserFault)
    }

    #[inline(always)]
    fn copy(&self, offset: usize, address: u64, length: usize) -> Result<(), UserFault> {
        let to = self.part(offset, length);
        // What fits into the window does not reach from the lower half of all addresses to the kernel's memory.
        if address.cast_signed() < 0 {
            return Err(UserFault);
        }
        if length.is_multiple_of(8) {
            // SAFETY: the source is user memory, which may fault; the target lies in the window, which nothing else uses.
            return Ok(unsafe { user_access_words(to, address, length / 8) }?);
        }
        // SAFETY: as above.
        if unsafe { user_access_copy(to, address, length) } == 0 {
            Ok(())
        } else {
            Err(UserFault)
        }
    }

    /// Copies up to the first byte that is not readable, and zeroes what was to follow in the same page of the window.
    /// That is what Linux leaves behind, which copies page by page.
    #[cold]
    #[inline(never)]
    fn copy_what_is_there(&self, offset: usize, address: u64, length: usize) {
        let end = offset.saturating_add(length).min(self.size);
        let mut at = offset;
        while at < end {
            let page_end = (at / PAGE as usize + 1) * PAGE as usize;
            let page_end = page_end.min(end);
            let mut copied = true;
            while copied && at < page_end {
                // A page of the source is readable from any byte on, or not at all.
                let from = address.wrapping_add((at - offset) as u64);
                let part = ((PAGE - from % PAGE) as usize).min(page_end - at);
                copied = user::check(from, page_end - at).is_ok() && self.copy(at, from, part).is_ok();
                at += if copied { part } else { 0 };
            }
            if !copied {
                self.zero(at..page_end);
                return;
            }
        }
    }

    /// Copies bytes into pages that are backed.
    #[inline]
    pub(crate) fn write(&self, offset: usize, bytes: &[u8]) {
        let from = bytes.as_ptr().expose_provenance() as u64;
        // SAFETY: the source is the slice, the target lies in the window, which nothing else uses.
        let failed = unsafe { user_access_copy(self.part(offset, bytes.len()), from, bytes.len()) };
        assert_eq!(failed, 0, "the window is not backed at {offset}");
    }

    /// Copies bytes out of pages that are backed.
    pub(crate) fn read(&self, offset: usize, into: &mut [u8]) {
        let to = into.as_mut_ptr().expose_provenance() as u64;
        // SAFETY: the source lies in the window, the target is the slice.
        let failed = unsafe { user_access_copy(to, self.part(offset, into.len()), into.len()) };
        assert_eq!(failed, 0, "the window is not backed at {offset}");
    }

    /// Zeroes a range of pages that are backed.
    pub(crate) fn zero(&self, range: Range<usize>) {
        let length = range.end.saturating_sub(range.start);
        // SAFETY: the target lies in the window, which nothing else uses.
        let failed = unsafe { user_access_zero(self.part(range.start, length), length) };
        assert_eq!(failed, 0, "the window is not backed at {}", range.start);
    }
}

/// The driver asked for what is not there.
#[cold]
#[inline(never)]
fn outside(offset: usize, length: usize, size: usize) -> ! {
    panic!("{length} bytes at {offset} are not in a window of {size}")
}

impl Drop for Window {
    fn drop(&mut self) {
        let start = self.kernel_address();
        for (page, frame) in self.inner.get_mut().frames.iter().enumerate() {
            if *frame != 0 {
                kernel_space::unmap_window_page(start + page as u64 * PAGE);
                frames::free_one(*frame & !GIVEN_UP);
            }
        }
        kernel_space::free_window_tables(start, start + WINDOW_SPAN);
        SLOTS.lock()[self.slot / 64] &= !(1 << (self.slot % 64));
    }
}

impl super::address_space::Inner {
    /// Shows a page of a window to the receiver, if the window is still mapped there.
    fn show_window_page(&mut self, window: &Window, address: u64, frame: u64) {
        let Some((_, area)) = self.area(address) else {
            return;
        };
        let Backing::Window(mapped, _) = &area.backing else {
            return;
        };
        if !core::ptr::eq(Arc::as_ptr(mapped), window) {
            return;
        }
        let flags = area.protection.flags();
        // Without memory for the table, the receiver's first access maps the page.
        if let Ok(entry) = self.table.make_entry(address) {
            *entry = Entry::new(frame, flags);
        }
    }

    /// Hides a page of a window from the receiver.
    fn hide_window_page(&mut self, address: u64, frame: u64) {
        if let Some(entry) = self.table.entry(address)
            && entry.frame() == frame
        {
            *entry = Entry::EMPTY;
            if self.is_current {
                paging::flush_page(address);
            }
        }
    }
}
