//! Futexes: threads that sleep until another says so, found by the address of a word.

use super::wait::On;
use super::{Flow, Kernel, Wait};
use crate::mm::user;
use abi::Errno;
use binder_driver::Resumption;

/// What names a futex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FutexKey {
    /// The address space or the shared memory.
    memory: Memory,
    /// The place in it.
    place: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

impl Kernel {
    /// The futex at an address of the current thread's memory.
    pub(crate) fn futex_key(&self, address: u64, sharing: Sharing) -> Result<FutexKey, Errno> {
        if !address.is_multiple_of(4) {
            return Err(Errno::EINVAL);
        }
        let space = &self.thread().space;
        let shared = match sharing {
            Sharing::Private => None,
            Sharing::Possible => space.shared_identity(address),
        };
        Ok(match shared {
            Some((object, offset)) => FutexKey {
                memory: Memory::Shared(object),
                place: offset,
            },
            None => FutexKey {
                memory: Memory::Private(space.id()),
                place: address,
            },
        })
    }

    /// Waits on a futex while its word has the value.
    pub(crate) fn futex_wait(
        &mut self,
        address: u64,
        sharing: Sharing,
        value: u32,
        bits: u32,
        deadline: Option<u64>,
    ) -> Result<Flow, Errno> {
        if bits == 0 {
            return Err(Errno::EINVAL);
        }
        let key = self.futex_key(address, sharing)?;
        if user::load_u32(address)? != value {
            return Err(Errno::EAGAIN);
        }
        let wait = Wait {
            on: On::Futex { key, bits },
            deadline,
        };
        Ok(Flow::Block(wait))
    }

    /// Wakes up to `limit` waiters whose bits meet these. How many there were.
    pub(crate) fn futex_wake(&mut self, key: FutexKey, limit: usize, bits: u32) -> usize {
        let woken = self.futexes.find(key, limit, |waiting| waiting & bits != 0);
        for &task in &woken {
            self.make_ready(task, Resumption::Woken);
        }
        woken.len()
    }
}
