//! System calls, by family.
//!
//! The functions are safe: they take slices and values instead of addresses, and give a [`crate::Result`]. What can
//! break memory is in [`raw`], and only this crate uses it.

mod descriptor;
mod directory;
mod event;
mod file;
mod futex;
mod identity;
mod path;
mod poll;
pub mod raw;
mod time;

pub use descriptor::{
    DescriptorFlags, close, closes_on_exec, dup, dup_to, duplicate_from, is_nonblocking, pipe,
    set_close_on_exec, set_nonblocking,
};
pub use directory::{
    Entry, EntryKind, change_directory, entries, make_directory, read_link, remove_directory, unlink,
    working_directory,
};
pub use event::{EpollChange, epoll_control};
pub use event::{EpollEvent, epoll_create, epoll_wait, eventfd, timerfd};
pub use file::{OpenFlags, Whence, memfd, open, pread, read, seek, truncate, write, write_all};
pub use futex::{Scope, futex_wait, futex_wake};
pub use identity::{
    effective_user, getpid, getppid, gettid, group, kill, nice, set_nice, set_user, system_name, tgkill, user,
};
pub(crate) use path::with_c_string;
pub use poll::{PollEvents, PollFd, poll};
pub use time::{clock_monotonic_ns, clock_realtime_ns, sleep_ns, yield_now};

use crate::Result;
use abi::syscall;

/// Ends the whole process.
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: the call does not return; nothing of this process is used afterwards.
        let _ = unsafe { raw::call1(syscall::EXIT_GROUP, word(status)) };
    }
}

/// A signed argument as the register that carries it.
pub(crate) const fn word(value: i32) -> u64 {
    (value as i64).cast_unsigned()
}

/// A small result that the kernel promises to fit.
pub(crate) fn small(result: Result<u64>) -> Result<i32> {
    result.map(|value| value as i32)
}
