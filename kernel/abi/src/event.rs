//! Files that exist to be waited for: epoll sets, event counters and timers.

use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

bitflags! {
    /// How an epoll set watches a file, beside the bits of poll.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct EpollFlags: u32 {
        /// Of several sets that watch the file, one at least is told.
        const EXCLUSIVE = 1 << 28;
        /// Keeps a battery's machine awake.
        const WAKE_UP = 1 << 29;
        /// Tells once, until it is asked for again.
        const ONE_SHOT = 1 << 30;
        /// Tells only of what is new.
        const EDGE = 1 << 31;
    }
}

/// `epoll_ctl` takes a file in.
pub const EPOLL_CTL_ADD: u32 = 1;
/// `epoll_ctl` takes a file out.
pub const EPOLL_CTL_DEL: u32 = 2;
/// `epoll_ctl` waits for other events.
pub const EPOLL_CTL_MOD: u32 = 3;

/// `struct epoll_event`, which is packed: the caller's word is not aligned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct EpollEvent {
    /// What there is, or what to wait for.
    pub events: u32,
    /// The caller's word, its lower half first.
    pub data: [u32; 2],
}

/// `eventfd2`: each read takes one.
pub const EFD_SEMAPHORE: u32 = 1;

/// `timerfd_settime`: the time is a point in time.
pub const TFD_TIMER_ABSTIME: u32 = 1;
/// `timerfd_settime`: reads fail when the clock is set.
pub const TFD_TIMER_CANCEL_ON_SET: u32 = 2;
