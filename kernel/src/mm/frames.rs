//! The frame allocator: physical memory in blocks of powers of two.
//!
//! A free block's neighbours in its list stand in the block itself, which the direct map reaches; besides that every
//! frame has one word in a table. Freed blocks join with their buddy, so that memory does not crumble. Single frames,
//! by far the most wanted, go through a short pile that is touched last in, first out.

use super::layout::{DIRECT_MAP, PAGE};
use super::{NoMemory, direct};
use crate::arch::{Region, RegionKind, copy_words, zero_words};
use crate::sync::Mutex;
use core::sync::atomic::{AtomicU64, Ordering};
use core::{fmt, ptr, slice};

/// The largest block is `PAGE << LAST_ORDER`: 32 MiB.
const LAST_ORDER: u32 = 13;
const ORDERS: usize = LAST_ORDER as usize + 1;
/// How many single frames are kept at hand.
const PILE: usize = 64;

/// What a frame is used for, as its word in the table tells it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Not memory, or not the kernel's to give away.
    Reserved,
    /// The boot loader's, until the kernel stands on its own.
    Loader,
    /// In use; so many owners share it.
    Used { owners: u32 },
    /// The first frame of a free block.
    Free { order: u32 },
}

impl fmt::Debug for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reserved => f.write_str("Reserved"),
            Self::Loader => f.write_str("Loader"),
            Self::Used { owners } => write!(f, "Used {{ owners: {owners} }}"),
            Self::Free { order } => write!(f, "Free {{ order: {order} }}"),
        }
    }
}

/// A frame's word in the table.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Word(u32);

impl Word {
    const KIND: u32 = 3 << 30;
    const RESERVED: u32 = 0;
    const LOADER: u32 = 1 << 30;
    const USED: u32 = 2 << 30;
    const FREE: u32 = 3 << 30;

    const fn pack(usage: Use) -> Self {
        Self(match usage {
            Use::Reserved => Self::RESERVED,
            Use::Loader => Self::LOADER,
            Use::Used { owners } => Self::USED | owners,
            Use::Free { order } => Self::FREE | order,
        })
    }

    const fn unpack(self) -> Use {
        let rest = self.0 & !Self::KIND;
        match self.0 & Self::KIND {
            Self::RESERVED => Use::Reserved,
            Self::LOADER => Use::Loader,
            Self::USED => Use::Used { owners: rest },
            _ => Use::Free { order: rest },
        }
    }
}

/// A free block's neighbours in its list, in its first bytes; frame numbers, 0 for none.
#[repr(C)]
struct Links {
    next: u64,
    previous: u64,
}

/// The allocator.
struct Frames {
    /// One word per frame, from physical address 0 on.
    table: &'static mut [Word],
    /// The first free block of each order; frame numbers, 0 for none.
    lists: [u64; ORDERS],
    /// Single frames at hand.
    pile: [u64; PILE],
    piled: usize,
    total: u64,
    /// Behind the last frame that the boot loader used.
    loader_end: u64,
}

/// How many frames are free. Written under the allocator's lock only, so it needs no atomic arithmetic.
static FREE: AtomicU64 = AtomicU64::new(0);
/// How many frames programs' wishes leave for the kernel.
static RESERVE: AtomicU64 = AtomicU64::new(0);

static FRAMES: Mutex<Frames> = Mutex::new(Frames {
    table: &mut [],
    lists: [0; ORDERS],
    pile: [0; PILE],
    piled: 0,
    total: 0,
    loader_end: 0,
});

/// Takes over all free memory of the machine, and notes what the boot loader still uses.
pub(super) fn initialise(regions: impl Iterator<Item = Region> + Clone) {
    let memory = regions
        .clone()
        .filter(|region| region.kind != RegionKind::Firmware);
    let mut end = 0;
    // The largest free region.
    let mut home = 0..0;
    for region in memory.clone() {
        end = region.end.max(end);
        if region.kind == RegionKind::Free && region.end - region.start >= home.end - home.start {
            home = region.start..region.end;
        }
    }
    end /= PAGE;
    let size = (end * size_of::<Word>() as u64).next_multiple_of(PAGE);
    assert!(
        home.end - home.start >= size,
        "there is room for the table of frames"
    );
    // SAFETY: the region is free, large enough, and mapped.
    unsafe { ptr::write_bytes(direct::<u8>(home.start), 0, size as usize) };
    // SAFETY: as above; all zeroes is a word that says "reserved".
    let table = unsafe { slice::from_raw_parts_mut(direct::<Word>(home.start), end as usize) };
    let mut frames = FRAMES.lock();
    frames.table = table;
    for region in memory {
        if region.kind == RegionKind::Loader {
            for frame in region.start / PAGE..region.end / PAGE {
                frames.set(frame, Use::Loader);
            }
            frames.loader_end = frames.loader_end.max(region.end / PAGE);
        }
        if region.kind != RegionKind::Free {
            continue;
        }
        let start = if region.start == home.start {
            home.start + size
        } else {
            region.start
        };
        // Frame 0 stands for "none".
        let numbers = (start / PAGE).max(1)..region.end / PAGE;
        frames.total += numbers.end.saturating_sub(numbers.start);
        frames.give_range(numbers);
    }
    RESERVE.store((frames.total / 64).clamp(32, 1024), Ordering::Relaxed);
}

/// Marks a frame as the kernel's for good.
pub(super) fn keep(frame: u64) {
    FRAMES.lock().set(frame / PAGE, Use::Reserved);
}

/// Takes over what the boot loader used and nobody kept.
pub(super) fn reclaim_loader() {
    let mut frames = FRAMES.lock();
    let is_loader = |word: &Word| *word == Word::pack(Use::Loader);
    let end = frames.table.len().min(frames.loader_end.max(1) as usize);
    let mut next = 1;
    while let Some(skipped) = frames.table[next..end].iter().position(is_loader) {
        let first = next + skipped;
        let length = frames.table[first..end].iter().position(|word| !is_loader(word));
        next = length.map_or(end, |length| first + length);
        frames.table[first..next].fill(Word::pack(Use::Used { owners: 0 }));
        frames.total += (next - first) as u64;
        frames.give_range(first as u64..next as u64);
    }
}

impl Frames {
    fn usage(&self, frame: u64) -> Use {
        self.table
            .get(frame as usize)
            .map_or(Use::Reserved, |word| word.unpack())
    }

    fn set(&mut self, frame: u64, usage: Use) {
        if let Some(word) = self.table.get_mut(frame as usize) {
            *word = Word::pack(usage);
        }
    }

    /// Puts a block at the head of its list.
    fn push(&mut self, frame: u64, order: u32) {
        let next = core::mem::replace(&mut self.lists[order as usize], frame);
        // SAFETY: the block is free, so nobody else uses its bytes, and the direct map has it.
        unsafe { links(frame).write(Links { next, previous: 0 }) };
        if next != 0 {
            // SAFETY: as above, for the former head.
            unsafe { (*links(next)).previous = frame };
        }
        self.set(frame, Use::Free { order });
    }

    /// Takes a block out of its list.
    fn remove(&mut self, frame: u64, order: u32) {
        // SAFETY: the block is free and so holds its links.
        let Links { next, previous } = unsafe { links(frame).read() };
        if previous == 0 {
            self.lists[order as usize] = next;
        } else {
            // SAFETY: as above, for the neighbour.
            unsafe { (*links(previous)).next = next };
        }
        if next != 0 {
            // SAFETY: as above.
            unsafe { (*links(next)).previous = previous };
        }
    }

    /// Takes a block of an order, splitting a larger one if need be.
    fn take(&mut self, order: u32) -> Option<u64> {
        let found = (order..=LAST_ORDER).find(|order| self.lists[*order as usize] != 0)?;
        let frame = self.lists[found as usize];
        self.remove(frame, found);
        for smaller in (order..found).rev() {
            self.push(frame + (1 << smaller), smaller);
        }
        self.set(frame, Use::Used { owners: 1 });
        count_taken(1 << order);
        Some(frame)
    }

    /// Gives a block back, joining it with its buddies as far as they are free.
    fn give(&mut self, mut frame: u64, mut order: u32) {
        count_given(1 << order);
        while order < LAST_ORDER {
            let buddy = frame ^ 1 << order;
            if self.usage(buddy) != (Use::Free { order }) {
                break;
            }
            self.remove(buddy, order);
            self.set(frame.max(buddy), Use::Used { owners: 0 });
            frame = frame.min(buddy);
            order += 1;
        }
        self.push(frame, order);
    }

    /// Gives back a range of frames as the largest blocks it has.
    fn give_range(&mut self, mut range: core::ops::Range<u64>) {
        while range.start < range.end {
            let order = range
                .start
                .trailing_zeros()
                .min((range.end - range.start).ilog2())
                .min(LAST_ORDER);
            self.give(range.start, order);
            range.start += 1 << order;
        }
    }

    /// Takes a single frame.
    fn take_one(&mut self) -> Option<u64> {
        if self.piled == 0 {
            let order = if free() > 4 * PILE as u64 { 3 } else { 0 };
            let (first, order) = match self.take(order) {
                Some(first) => (first, order),
                None => (self.take(0)?, 0),
            };
            // The highest goes lowest on the pile: a row of allocations gets a row of frames.
            for frame in (first..first + (1 << order)).rev() {
                self.pile[self.piled] = frame;
                self.piled += 1;
            }
            count_given(1 << order);
        }
        self.piled -= 1;
        count_taken(1);
        let frame = self.pile[self.piled];
        self.set(frame, Use::Used { owners: 1 });
        Some(frame)
    }

    /// Gives back a single frame.
    fn give_one(&mut self, frame: u64) {
        if self.piled == PILE {
            self.shrink_pile(PILE / 2);
        }
        self.set(frame, Use::Used { owners: 0 });
        self.pile[self.piled] = frame;
        self.piled += 1;
        count_given(1);
    }

    /// Gives the pile's frames back to the blocks until so many are left.
    fn shrink_pile(&mut self, left: usize) {
        while self.piled > left {
            self.piled -= 1;
            count_taken(1);
            self.give(self.pile[self.piled], 0);
        }
    }
}

/// Where a free block's links are.
fn links(frame: u64) -> *mut Links {
    direct(frame * PAGE)
}

/// Allocates a frame for the kernel. Its contents are whatever they were.
pub(super) fn allocate() -> Result<u64, NoMemory> {
    FRAMES.lock().take_one().map(|frame| frame * PAGE).ok_or(NoMemory)
}

/// Allocates a zeroed frame for the kernel's account of something a program asked for, or for the program itself: such
/// requests leave a reserve for what the kernel cannot do without.
pub(super) fn allocate_zeroed() -> Result<u64, NoMemory> {
    let frame = allocate_for_user()?;
    zero(frame);
    Ok(frame)
}

/// Like [`allocate_zeroed`], with the contents left as they were.
pub(super) fn allocate_for_user() -> Result<u64, NoMemory> {
    if is_short() {
        return Err(NoMemory);
    }
    FRAMES.lock().take_one().map(|frame| frame * PAGE).ok_or(NoMemory)
}

/// Zeroes a frame.
pub(super) fn zero(frame: u64) {
    // SAFETY: the caller just allocated the frame; the direct map has it.
    unsafe { zero_words(direct(frame), (PAGE / 8) as usize) };
}

/// Makes a frame that was just allocated equal to another from an offset on, and zero below.
pub(super) fn take_over(frame: u64, other: u64, offset: u64) {
    // SAFETY: the frame is nobody's yet; the direct map has it.
    unsafe { zero_words(direct(frame), (offset / 8) as usize) };
    let (to, from) = (direct(frame + offset), direct::<u64>(other + offset));
    // SAFETY: as above, and the other one is another frame.
    unsafe { copy_words(to, from, ((PAGE - offset) / 8) as usize) };
}

/// Frees a frame that has one owner.
pub(super) fn free_one(frame: u64) {
    FRAMES.lock().give_one(frame / PAGE);
}

/// Adds an owner to a frame.
pub(super) fn share(frame: u64) {
    let mut frames = FRAMES.lock();
    if let Use::Used { owners } = frames.usage(frame / PAGE) {
        frames.set(frame / PAGE, Use::Used { owners: owners + 1 });
    }
}

/// Takes an owner from a frame, and frees it with the last.
pub(super) fn release(frame: u64) {
    let mut frames = FRAMES.lock();
    match frames.usage(frame / PAGE) {
        Use::Used { owners: 1 } => frames.give_one(frame / PAGE),
        Use::Used { owners } => frames.set(frame / PAGE, Use::Used { owners: owners - 1 }),
        other => panic!("frame {frame:#x} released while {other:?}"),
    }
}

/// Whether a frame has more than one owner.
pub(super) fn is_shared(frame: u64) -> bool {
    !matches!(FRAMES.lock().usage(frame / PAGE), Use::Used { owners: 1 })
}

/// Allocates a row of frames for the kernel: the virtual address in the direct map.
pub(super) fn allocate_row(pages: u64) -> Option<u64> {
    let order = pages.next_power_of_two().ilog2();
    if order > LAST_ORDER {
        return None;
    }
    let mut frames = FRAMES.lock();
    let first = match frames.take(order) {
        Some(first) => first,
        None => {
            frames.shrink_pile(0);
            frames.take(order)?
        }
    };
    let end = first + (1 << order);
    frames.give_range(first + pages..end);
    Some(DIRECT_MAP + first * PAGE)
}

/// Frees a row of frames by its address in the direct map.
pub(super) fn free_row(address: u64, pages: u64) {
    let first = (address - DIRECT_MAP) / PAGE;
    FRAMES.lock().give_range(first..first + pages);
}

/// Frames that the kernel manages.
pub(crate) fn total() -> u64 {
    FRAMES.lock().total
}

/// Frames that nobody uses.
pub(crate) fn free() -> u64 {
    FREE.load(Ordering::Relaxed)
}

/// Whether only the kernel's reserve is left.
#[inline]
pub(crate) fn is_short() -> bool {
    free() <= RESERVE.load(Ordering::Relaxed)
}

fn count_taken(frames: u64) {
    FREE.store(free() - frames, Ordering::Relaxed);
}

fn count_given(frames: u64) {
    FREE.store(free() + frames, Ordering::Relaxed);
}
