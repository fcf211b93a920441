//! The kernel heap: small blocks cut from slabs, large ones as rows of frames.
//!
//! A slab is a few frames, aligned to their size, that hold blocks of one size behind a header; a block's slab is found
//! by rounding its address down. Slabs with free blocks stand in their size's list; a slab that becomes empty goes back
//! to the frame allocator unless it is the only one in its list. So an allocation is a handful of instructions, and what
//! is freed is really free.

use super::frames;
use super::layout::PAGE;
use crate::sync::Mutex;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, NonNull};

/// The sizes of blocks. All but the smallest are multiples of 32, from 192 on multiples of 64.
const SIZES: [usize; 16] = [
    16, 32, 48, 64, 96, 128, 192, 256, 320, 384, 512, 640, 832, 1024, 1536, 2048,
];
/// The largest block that comes from a slab.
const LARGEST: usize = SIZES[SIZES.len() - 1];
/// Blocks larger than this come from slabs of [`LARGE_SLAB`] frames instead of one.
const SMALL: usize = 192;
const LARGE_SLAB: u64 = 4;
/// The room in front of a slab's first block.
const HEADER: usize = 64;
/// The largest alignment that slabs keep.
const ALIGNMENT: usize = 64;

/// For each number of 16-byte units, the first size that holds them.
const BY_UNITS: [u8; LARGEST / 16 + 1] = {
    let mut table = [0; LARGEST / 16 + 1];
    let (mut units, mut size) = (0, 0);
    while units < table.len() {
        if units * 16 > SIZES[size] {
            size += 1;
        }
        table[units] = size as u8;
        units += 1;
    }
    table
};

/// The front of a slab.
struct Slab {
    next: *mut Slab,
    previous: *mut Slab,
    /// The first free block; each holds the address of the next.
    free: *mut FreeBlock,
    /// Bytes at the end that were never handed out.
    fresh: usize,
    /// Blocks in use.
    used: usize,
}

const _: () = assert!(size_of::<Slab>() <= HEADER);

struct FreeBlock {
    next: *mut FreeBlock,
}

/// The slabs of all sizes.
struct Slabs {
    /// Those with a free block, per size.
    lists: [*mut Slab; SIZES.len()],
    bytes: u64,
    /// How many of the bytes are large blocks, which are no part of a slab.
    large: u64,
    /// The frames of all slabs.
    frames: u64,
}

// SAFETY: the pointers lead to frames that belong to the heap and are touched under its lock only.
unsafe impl Send for Slabs {}

/// The allocator behind `alloc`.
struct Heap(Mutex<Slabs>);

#[global_allocator]
static HEAP: Heap = Heap(Mutex::new(Slabs {
    lists: [ptr::null_mut(); SIZES.len()],
    bytes: 0,
    large: 0,
    frames: 0,
}));

/// Which size serves a request; `None` if it wants whole frames.
#[inline(always)]
fn class(layout: Layout) -> Option<usize> {
    let size = if layout.align() <= 16 {
        layout.size()
    } else {
        layout.size().next_multiple_of(layout.align())
    };
    if size > LARGEST || layout.align() > ALIGNMENT {
        return None;
    }
    Some(usize::from(BY_UNITS[size.div_ceil(16)]))
}

/// How many frames a slab of a size has.
#[inline(always)]
const fn slab_frames(class: usize) -> u64 {
    if SIZES[class] > SMALL { LARGE_SLAB } else { 1 }
}

impl Slabs {
    #[inline(always)]
    fn allocate(&mut self, class: usize) -> *mut u8 {
        let slab = self.lists[class];
        // SAFETY: a slab in a list is mapped and belongs to the heap.
        let Some(slab) = (unsafe { slab.as_mut() }) else {
            return self.allocate_from_new(class);
        };
        self.bytes += SIZES[class] as u64;
        slab.used += 1;
        let block = if slab.free.is_null() {
            slab.fresh -= SIZES[class];
            (&raw mut *slab).cast::<u8>().wrapping_add(HEADER + slab.fresh)
        } else {
            let block = slab.free;
            // SAFETY: a block in the free list holds a link and is used by nobody.
            slab.free = unsafe { (*block).next };
            block.cast()
        };
        if slab.free.is_null() && slab.fresh == 0 {
            self.unlink(slab, class);
        }
        block
    }

    #[cold]
    fn allocate_from_new(&mut self, class: usize) -> *mut u8 {
        let frames = slab_frames(class);
        let Some(address) = frames::allocate_row(frames) else {
            return ptr::null_mut();
        };
        let room = (frames * PAGE) as usize - HEADER;
        let slab = address as *mut Slab;
        let front = Slab {
            next: ptr::null_mut(),
            previous: ptr::null_mut(),
            free: ptr::null_mut(),
            fresh: room / SIZES[class] * SIZES[class],
            used: 0,
        };
        // SAFETY: the frames were just allocated, and the front fits.
        unsafe { slab.write(front) };
        self.lists[class] = slab;
        self.frames += frames;
        self.allocate(class)
    }

    #[inline(always)]
    fn free(&mut self, block: *mut u8, class: usize) {
        let size = slab_frames(class) as usize * PAGE as usize;
        let slab = block.map_addr(|address| address & !(size - 1)).cast::<Slab>();
        // SAFETY: the block came from this slab, whose front is intact.
        let slab = unsafe { &mut *slab };
        self.bytes -= SIZES[class] as u64;
        let was_full = slab.free.is_null() && slab.fresh == 0;
        let block = block.cast::<FreeBlock>();
        // SAFETY: nobody uses the block any more; every size has room for a link.
        unsafe { block.write(FreeBlock { next: slab.free }) };
        slab.free = block;
        slab.used -= 1;
        if was_full {
            self.link(slab, class);
        }
        if slab.used == 0 && !(slab.next.is_null() && slab.previous.is_null()) {
            self.unlink(slab, class);
            self.frames -= slab_frames(class);
            frames::free_row((&raw mut *slab).addr() as u64, slab_frames(class));
        }
    }

    /// Counts a large block that comes or goes.
    fn count_large(&mut self, pages: i64) {
        let bytes = pages * PAGE.cast_signed();
        self.bytes = self.bytes.wrapping_add_signed(bytes);
        self.large = self.large.wrapping_add_signed(bytes);
    }

    fn link(&mut self, slab: &mut Slab, class: usize) {
        slab.previous = ptr::null_mut();
        slab.next = self.lists[class];
        // SAFETY: slabs in a list are mapped and belong to the heap.
        if let Some(next) = unsafe { slab.next.as_mut() } {
            next.previous = slab;
        }
        self.lists[class] = slab;
    }

    fn unlink(&mut self, slab: &mut Slab, class: usize) {
        // SAFETY: slabs in a list are mapped and belong to the heap.
        match unsafe { slab.previous.as_mut() } {
            Some(previous) => previous.next = slab.next,
            None => self.lists[class] = slab.next,
        }
        // SAFETY: as above.
        if let Some(next) = unsafe { slab.next.as_mut() } {
            next.previous = slab.previous;
        }
    }
}

// SAFETY: blocks are disjoint, at least as large as asked, and aligned: slabs are aligned to their size, the header is a
// multiple of every alignment that slabs keep, and a size that serves an alignment above 16 is a multiple of it, because
// requests are rounded up to their alignment first and the sizes between multiples of it hold no such request.
unsafe impl GlobalAlloc for Heap {
    // Once only: the code that allocates is compiled for speed, and would have it in each of its functions.
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class(layout) else {
            return allocate_large(layout);
        };
        self.0.lock().allocate(class)
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match class(layout) {
            Some(class) => self.0.lock().free(block, class),
            None => free_large(block, layout),
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller vouches for the new size.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let fits = match (class(layout), class(wanted)) {
            (Some(old), Some(new)) => old == new,
            (None, None) => pages(layout) == pages(wanted),
            _ => false,
        };
        if fits {
            return block;
        }
        // SAFETY: the layout is not empty: the caller vouches for it.
        let new = unsafe { self.alloc(wanted) };
        if let Some(new) = NonNull::new(new) {
            // SAFETY: both blocks are at least this long and disjoint.
            unsafe { ptr::copy_nonoverlapping(block, new.as_ptr(), layout.size().min(size)) };
            // SAFETY: the block came from this allocator with this layout.
            unsafe { self.dealloc(block, layout) };
        }
        new
    }
}

/// How many frames a large request takes.
fn pages(layout: Layout) -> u64 {
    layout.size().max(layout.align()).div_ceil(PAGE as usize) as u64
}

#[cold]
fn allocate_large(layout: Layout) -> *mut u8 {
    let Some(address) = frames::allocate_row(pages(layout)) else {
        return ptr::null_mut();
    };
    HEAP.0.lock().count_large(pages(layout).cast_signed());
    address as *mut u8
}

#[cold]
fn free_large(block: *mut u8, layout: Layout) {
    HEAP.0.lock().count_large(-pages(layout).cast_signed());
    frames::free_row(block.addr() as u64, pages(layout));
}

/// Bytes handed out.
pub(crate) fn used() -> u64 {
    HEAP.0.lock().bytes
}

/// Bytes in slabs, and how many of them are handed out. Where long-lived blocks fall decides how full the slabs are, so the
/// first number is not the same each time that the second one is.
pub(crate) fn slabs() -> (u64, u64) {
    let slabs = HEAP.0.lock();
    (slabs.frames * PAGE, slabs.bytes - slabs.large)
}
