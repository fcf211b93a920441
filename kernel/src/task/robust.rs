//! Robust mutexes: what a thread that ends still holds is given up in its name.
//!
//! A thread says where its C library lists the mutexes that it holds. When it ends, however that comes about, each word
//! on the list that carries its number is marked, and one of those who wait for it is woken to find the mark. The list
//! is the program's own memory: nothing in it is believed, and a broken one is left where it breaks.

use super::futex::{FutexKey, Sharing};
use super::{Kernel, TaskId};
use crate::mm::AddressSpace;
use abi::Errno;
use abi::thread::{FUTEX_OWNER_DIED, FUTEX_TID_MASK, FUTEX_WAITERS, RobustListHead};
use alloc::sync::Arc;
use zerocopy::{FromZeros, IntoBytes};

/// No more entries of a list are looked at, as it may be a ring.
const ENTRIES_MOST: usize = 2048;

/// Marks a mutex with priority inheritance. Nobody waits for such a one here.
const INHERITS: u64 = 1;

/// How far the thread is with a mutex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is on the list.
    Held,
    /// It is being taken or given up, so its word may be cleared already.
    Pending,
}

impl Kernel {
    /// Gives up the mutexes that a thread holds. It is about to end, or to lose its memory.
    pub(super) fn give_up_mutexes(&mut self, task: TaskId) {
        let Some(thread) = self.threads.get_mut(task.0) else {
            return;
        };
        let list = core::mem::take(&mut thread.robust_list);
        if list != 0 {
            let space = Arc::clone(&thread.space);
            // A list that breaks off is given up as far as it goes.
            let _broken = self.walk_mutexes(task, &space, list);
        }
    }

    fn walk_mutexes(&mut self, task: TaskId, space: &AddressSpace, list: u64) -> Result<(), Errno> {
        let mut head = RobustListHead::new_zeroed();
        space.read(list, head.as_mut_bytes())?;
        let mut entry = head.first;
        for _ in 0..ENTRIES_MOST {
            if entry & !INHERITS == list {
                break;
            }
            // Once its word is marked, another thread may take the entry into a list of its own.
            let mut next = 0_u64;
            let followed = space.read(entry & !INHERITS, next.as_mut_bytes());
            if entry & !INHERITS != head.pending & !INHERITS {
                self.give_up(task, space, entry, head.offset, Stage::Held)?;
            }
            followed?;
            entry = next;
        }
        match head.pending & !INHERITS {
            0 => Ok(()),
            _ => self.give_up(task, space, head.pending, head.offset, Stage::Pending),
        }
    }

    fn give_up(
        &mut self,
        task: TaskId,
        space: &AddressSpace,
        entry: u64,
        offset: i64,
        stage: Stage,
    ) -> Result<(), Errno> {
        let address = (entry & !INHERITS).wrapping_add_signed(offset);
        let key = FutexKey::of(space, address, Sharing::Possible)?;
        let mut word = 0_u32;
        space.read(address, word.as_mut_bytes())?;
        if stage == Stage::Pending && word == 0 && entry & INHERITS == 0 {
            // It was given up, but perhaps nobody was woken yet.
            self.futex_wake(key, 1, u32::MAX);
            return Ok(());
        }
        if word & FUTEX_TID_MASK != task.0 {
            return Ok(());
        }
        let marked = word & FUTEX_WAITERS | FUTEX_OWNER_DIED;
        space.write(address, marked.as_bytes())?;
        if word & FUTEX_WAITERS != 0 && entry & INHERITS == 0 {
            self.futex_wake(key, 1, u32::MAX);
        }
        Ok(())
    }
}
