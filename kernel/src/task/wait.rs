//! A blocked system call as a value.
//!
//! A thread that has to wait leaves nothing on a stack: what it waits for is a [`Wait`] in the thread, its registers
//! still hold the arguments. Most calls are simply *made again* when something they wait on happened, so their code
//! has one shape: "ready? answer; else block". Nothing may have been consumed before they block.

use super::futex::FutexKey;
use alloc::vec::Vec;
use binder_driver::ThreadId;
use core::sync::atomic::{AtomicU64, Ordering};

/// Something that happens again and again, on which threads wait: input at the console, room in a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channel(u64);

impl Channel {
    /// Input at the console.
    pub(crate) const CONSOLE: Self = Self(0);

    /// The first number that [`Channel::new`] gives.
    const FIRST: u64 = 1;

    /// A channel that nothing else uses, ever.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(Channel::FIRST);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Its number.
    pub(super) const fn number(self) -> u64 {
        self.0
    }
}

/// What a blocked thread waits for.
#[derive(Debug)]
pub(crate) struct Wait {
    /// What ends the wait, and how the call goes on then.
    pub(crate) on: On,
    /// When it ends at the latest, in nanoseconds since boot.
    pub(crate) deadline: Option<u64>,
}

/// What ends a wait, besides its deadline and a signal.
#[derive(Debug)]
pub(crate) enum On {
    /// One of these is woken. The call is made again.
    Channels(Channels),
    /// The binder driver names the thread, which freezes a process. The driver carries the call on.
    BinderFreeze(ThreadId),
    /// Another thread wakes this futex. The call answers 0.
    Futex {
        /// The word.
        key: FutexKey,
        /// Which wakers count.
        bits: u32,
    },
    /// The child that borrows this process's memory lets go of it. The call's result is set already.
    Vfork,
}

/// The channels of a wait. Most waits have one at most, and need no allocation.
#[derive(Debug)]
pub(crate) enum Channels {
    /// None: only the deadline, a signal or the driver ends the wait.
    None,
    /// One.
    One(Channel),
    /// Several, as in poll.
    Many(Vec<Channel>),
}

impl Channels {
    /// The channels in order.
    pub(crate) fn as_slice(&self) -> &[Channel] {
        match self {
            Self::None => &[],
            Self::One(channel) => core::slice::from_ref(channel),
            Self::Many(channels) => channels,
        }
    }
}

impl Wait {
    /// A wait that only a deadline or a signal ends.
    pub(crate) fn never() -> Self {
        Self::new(On::Channels(Channels::None))
    }

    /// A wait until this channel is woken.
    pub(crate) fn on(channel: Channel) -> Self {
        Self::new(On::Channels(Channels::One(channel)))
    }

    /// A wait until any of these is woken.
    pub(crate) fn on_any(channels: Vec<Channel>) -> Self {
        Self::new(On::Channels(Channels::Many(channels)))
    }

    /// The same wait, which ends at this time (nanoseconds since boot) at the latest.
    pub(crate) fn until(self, deadline: u64) -> Self {
        Self {
            deadline: Some(deadline),
            ..self
        }
    }

    /// A wait for the binder driver to freeze a process, up to a time (nanoseconds since boot).
    pub(crate) fn for_freeze(thread: ThreadId, deadline: u64) -> Self {
        Self::new(On::BinderFreeze(thread)).until(deadline)
    }

    /// A wait for the child that borrows the caller's memory.
    pub(crate) fn for_vfork() -> Self {
        Self::new(On::Vfork)
    }

    fn new(on: On) -> Self {
        Self { on, deadline: None }
    }
}
