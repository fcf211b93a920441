//! Futexes: threads that sleep until another says so, found by the address of a word.

use super::wait::On;
use super::waiters::Thing;
use super::{Flow, Kernel, Wait};
use crate::mm::{AddressSpace, user};
use abi::Errno;
use binder_driver::Resumption;

/// What names a futex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FutexKey {
    /// The address space or the shared memory.
    memory: Memory,
    /// The place in it.
    place: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    Private(u64),
    Shared(u64),
}

/// Whether other processes may use the same word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    Private,
    Possible,
}

impl FutexKey {
    /// A number that few others have.
    pub(super) fn number(&self) -> u64 {
        let (Memory::Private(memory) | Memory::Shared(memory)) = self.memory;
        memory ^ (self.place / 4)
    }

    /// The futex at an address of this memory.
    ///
    /// # Errors
    ///
    /// EINVAL if no word can lie there.
    pub(super) fn of(space: &AddressSpace, address: u64, sharing: Sharing) -> Result<Self, Errno> {
        if !address.is_multiple_of(4) {
            return Err(Errno::EINVAL);
        }
        let shared = match sharing {
            Sharing::Private => None,
            Sharing::Possible => space.shared_identity(address),
        };
        Ok(match shared {
            Some((object, offset)) => Self {
                memory: Memory::Shared(object),
                place: offset,
            },
            None => Self {
                memory: Memory::Private(space.id()),
                place: address,
            },
        })
    }
}

impl Kernel {
    /// The futex at an address of the current thread's memory.
    ///
    /// # Errors
    ///
    /// As [`FutexKey::of`].
    pub(crate) fn futex_key(&self, address: u64, sharing: Sharing) -> Result<FutexKey, Errno> {
        FutexKey::of(&self.thread().space, address, sharing)
    }

    /// Waits on a futex while its word has the value.
    pub(crate) fn futex_wait(
        &mut self,
        address: u64,
        sharing: Sharing,
        value: u32,
        bits: u32,
        deadline: Option<u64>,
    ) -> Result<u64, Flow> {
        if bits == 0 {
            return Err(Errno::EINVAL.into());
        }
        let key = self.futex_key(address, sharing)?;
        if user::load_u32(address)? != value {
            return Err(Errno::EAGAIN.into());
        }
        let wait = Wait {
            on: On::Futex { key, bits },
            deadline,
        };
        Err(self.wait_for(wait))
    }

    /// Wakes up to `limit` waiters whose bits meet these. How many there were.
    pub(crate) fn futex_wake(&mut self, key: FutexKey, limit: usize, bits: u32) -> usize {
        let woken = self.waiters.find(Thing::Futex(key), limit, bits);
        for &task in &woken {
            self.make_ready(task, Resumption::Woken);
        }
        woken.len()
    }

    /// Wakes up to `limit` waiters of one futex and lets up to `more` others wait on another from now on. How many both
    /// were.
    pub(crate) fn futex_requeue(&mut self, from: FutexKey, to: FutexKey, limit: usize, more: usize) -> usize {
        let woken = self.futex_wake(from, limit, u32::MAX);
        let moved = self.waiters.requeue(Thing::Futex(from), Thing::Futex(to), more);
        for task in &moved {
            let thread = self.threads.get_mut(task.0);
            if let Some(wait) = thread.and_then(|thread| thread.wait.as_mut())
                && let On::Futex { key, .. } = &mut wait.on
            {
                *key = to;
            }
        }
        woken + moved.len()
    }
}
