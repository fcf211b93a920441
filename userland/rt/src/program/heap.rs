//! The heap: the `talc` allocator on anonymous memory.

use crate::memory::map_anonymous;
use crate::sync::RawMutex;
use core::alloc::{GlobalAlloc, Layout};
use talc::TalcLock;
use talc::base::Talc;
use talc::base::binning::Binning;
use talc::source::Source;

/// How much memory the heap asks for at least when it is empty. Pages cost nothing until they are touched.
const STEP: usize = 1 << 20;

/// The program's allocator. The type exists so that a program names it without knowing what it is made of.
pub struct Heap(TalcLock<RawMutex, Mappings>);

impl Heap {
    /// An empty heap.
    #[expect(clippy::new_without_default, reason = "only made in a static")]
    pub const fn new() -> Self {
        Self(TalcLock::new(Mappings))
    }
}

// SAFETY: every method does what the inner allocator does, and that one keeps the contract.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { self.0.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { self.0.realloc(pointer, layout, size) }
    }
}

/// Where the heap's memory comes from: a new anonymous mapping each time.
#[derive(Debug)]
struct Mappings;

// SAFETY: `acquire` only claims memory that it has just mapped, and allocates nothing itself.
unsafe impl Source for Mappings {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        // Twice the first heap's overhead covers the allocator's own data and both ends of a region.
        let overhead = 2 * talc::min_first_heap_size::<B>();
        let needed = layout
            .size()
            .checked_add(layout.align())
            .and_then(|sum| sum.checked_add(overhead))
            .ok_or(())?;
        let length = needed.next_multiple_of(STEP);
        let base = map_anonymous(length).map_err(drop)?;
        // SAFETY: the mapping was just made, is readable and writable, and nobody else knows of it.
        unsafe { talc.claim(base.as_ptr(), length) }.map(drop).ok_or(())
    }
}
