//! What belongs to one thread.

use super::local::Slot;
use crate::syscall::{gettid, raw};
use abi::syscall;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::arch::asm;
use core::cell::{Cell, UnsafeCell};
use core::ptr::{NonNull, null};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

const SET_FS: u64 = 0x1002;

/// Whether the FS register points to a block. Not so where another runtime made the process, as in tests on the host.
static ADOPTED: AtomicBool = AtomicBool::new(false);

/// What a thread runs.
pub(super) type Body = Box<dyn FnOnce() + Send>;

/// One thread's own data. The FS register holds its address.
#[repr(C, align(64))]
pub(super) struct Block {
    /// The block's own address: what `fs:0` reads.
    this: Cell<*const Block>,
    /// The thread's number; the kernel writes 0 and wakes the waiters when the thread is gone.
    pub(super) id: AtomicU32,
    /// How far thread and handle are, see [`super::handle`].
    pub(super) phase: AtomicU32,
    /// The memory that stack and block lie in.
    pub(super) mapping: Option<(NonNull<u8>, usize)>,
    /// What to run. Taken by the thread itself.
    pub(super) body: Cell<Option<Body>>,
    /// The values of [`super::Local`]s, by key. Only the thread itself reaches them.
    pub(super) locals: UnsafeCell<Vec<Slot>>,
}

impl Block {
    /// A block for memory that will hold it at its final place.
    pub(super) const fn new(mapping: Option<(NonNull<u8>, usize)>, body: Option<Body>) -> Self {
        Self {
            this: Cell::new(null()),
            id: AtomicU32::new(0),
            phase: AtomicU32::new(0),
            mapping,
            body: Cell::new(body),
            locals: UnsafeCell::new(Vec::new()),
        }
    }

    /// Notes the block's final place. Before this, `fs:0` would not find it.
    pub(super) fn settle(&self) {
        self.this.set(self);
    }
}

/// The block of the first thread.
struct MainBlock(Block);

// SAFETY: its cells are used by the first thread only; the rest is atomic.
unsafe impl Sync for MainBlock {}

static MAIN: MainBlock = MainBlock(Block::new(None, None));

/// Gives the first thread its block.
pub(crate) fn adopt_main() {
    let block = &MAIN.0;
    block.settle();
    block.id.store(gettid().cast_unsigned(), Ordering::Relaxed);
    // SAFETY: nothing uses the FS register yet: there is no other runtime in the process.
    let result = unsafe { raw::call2(syscall::ARCH_PRCTL, SET_FS, &raw const *block as u64) };
    ADOPTED.store(result.is_ok(), Ordering::Relaxed);
}

/// The calling thread's block, if this runtime made the thread.
pub(super) fn current() -> Option<&'static Block> {
    if !ADOPTED.load(Ordering::Relaxed) {
        return None;
    }
    let block: *const Block;
    // SAFETY: the FS register points to a settled block, whose first word is its address.
    unsafe {
        asm!("mov {}, fs:0", out(reg) block, options(nostack, preserves_flags, pure, readonly));
    }
    // SAFETY: a thread's block lives as long as the thread, and only the thread itself asks here.
    unsafe { block.as_ref() }
}
