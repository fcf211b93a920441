//! Starting a thread, and waiting for its end.

use super::block::Block;
use super::start::start;
use crate::Result;
use crate::memory::{forbid, map_anonymous, unmap};
use crate::sync::Mutex;
use crate::syscall::{Scope, futex_wait};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::ptr::NonNull;
use core::sync::atomic::Ordering;

const PAGE: usize = 4096;

/// The thread runs and its handle exists. Whoever leaves first changes the phase; the second frees the stack.
const BOTH: u32 = 0;
/// One of them has left.
const ONE: u32 = 1;

/// Who frees the stack of an ending thread.
pub(super) enum Ending {
    /// The handle's owner.
    Joined,
    /// The thread itself.
    Alone,
}

/// Notes that the thread of `block` ends.
pub(super) fn end(block: &Block) -> Ending {
    match block.phase.swap(ONE, Ordering::AcqRel) {
        BOTH => Ending::Joined,
        _ => Ending::Alone,
    }
}

/// A thread that can be waited for. Dropping it lets the thread run on by itself.
pub struct JoinHandle<T> {
    block: NonNull<Block>,
    id: i32,
    result: Arc<Mutex<Option<T>>>,
}

// SAFETY: of the block, the handle uses atomic fields only.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: as above; the result is behind a lock.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

/// See [`super::spawn`].
pub(super) fn spawn<T: Send + 'static>(
    stack: usize,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    let result = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&result);
    let body = Box::new(move || {
        let value = run();
        *theirs.lock() = Some(value);
    });
    let top = stack.next_multiple_of(PAGE) + PAGE;
    let length = top + size_of::<Block>().next_multiple_of(PAGE);
    let base = map_anonymous(length)?;
    // SAFETY: `top` lies inside the mapping.
    let block = unsafe { base.add(top) }.cast::<Block>();
    // SAFETY: the mapping was just made; its last pages are aligned and large enough for the block.
    unsafe { block.write(Block::new(Some((base, length)), Some(body))) };
    // SAFETY: just written, at its final place.
    unsafe { block.as_ref() }.settle();
    // SAFETY: the lowest page of the fresh mapping is in nobody's use.
    let guarded = unsafe { forbid(base, PAGE) };
    // SAFETY: the block is settled above its stack; the handle frees the mapping only when the thread is gone.
    let started = guarded.and_then(|()| unsafe { start(block) });
    if let Err(errno) = started {
        // SAFETY: there is no thread, so the block is this function's alone.
        unsafe { block.drop_in_place() };
        // SAFETY: as above.
        unsafe { unmap(base, length) };
        return Err(errno);
    }
    // SAFETY: the block lives until handle and thread have both left.
    let id = unsafe { block.as_ref() }.id.load(Ordering::Relaxed).cast_signed();
    Ok(JoinHandle { block, id, result })
}

impl<T> JoinHandle<T> {
    /// The thread's number.
    pub const fn id(&self) -> i32 {
        self.id
    }

    /// Whether the thread has finished its work.
    pub fn is_finished(&self) -> bool {
        // SAFETY: the block lives until handle and thread have both left.
        unsafe { self.block.as_ref() }.phase.load(Ordering::Acquire) != BOTH
    }

    /// Waits for the thread to end and gives what it returned.
    ///
    /// # Panics
    ///
    /// Never: a thread that has ended has returned, as a panic ends the whole process.
    pub fn join(self) -> T {
        self.wait();
        let value = self.result.lock().take();
        match value {
            Some(value) => value,
            None => unreachable!("a thread ended without a result"),
        }
    }

    /// Sleeps until the kernel has cleared the thread's number.
    fn wait(&self) {
        // SAFETY: the block lives until handle and thread have both left.
        let id = &unsafe { self.block.as_ref() }.id;
        loop {
            match id.load(Ordering::Acquire) {
                0 => return,
                // Any failure means that the number has changed or a signal came: look again.
                value => {
                    let _ = futex_wait(id, value, None, Scope::Shared);
                }
            }
        }
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        // SAFETY: the block lives until handle and thread have both left.
        let block = unsafe { self.block.as_ref() };
        let mapping = block.mapping;
        if block.phase.swap(ONE, Ordering::AcqRel) == BOTH {
            return;
        }
        self.wait();
        if let Some((base, length)) = mapping {
            // SAFETY: the thread is gone, and the handle is the last that knew the mapping. The block's other fields
            // were emptied by the thread.
            unsafe { unmap(base, length) };
        }
    }
}
