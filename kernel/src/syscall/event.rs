//! Files that exist to be waited for: event counters and timers.

use super::path::file_of;
use super::time::from_realtime;
use crate::arch::time;
use crate::file::{CloseOnExec, Counts, EventCounter, File, OpenFile, Schedule, Share, TimerFile};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::event::{EFD_SEMAPHORE, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET};
use abi::file::OpenFlags;
use abi::time::{CLOCK_BOOTTIME, CLOCK_MONOTONIC, CLOCK_REALTIME, TimeSpec};
use alloc::boxed::Box;
use alloc::sync::Arc;

/// `eventfd2`.
pub(crate) fn eventfd2(kernel: &mut Kernel, [count, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let flags = flags as u32;
    let share = if flags & EFD_SEMAPHORE != 0 {
        Share::One
    } else {
        Share::All
    };
    let counter = EventCounter::new(u64::from(count as u32), share);
    install(
        kernel,
        Box::new(counter),
        flags & !EFD_SEMAPHORE,
        b"anon_inode:[eventfd]",
    )
}

/// `timerfd_create`.
pub(crate) fn timerfd_create(kernel: &mut Kernel, [clock, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let counts = match u64::from(clock as u32) {
        CLOCK_MONOTONIC | CLOCK_BOOTTIME => Counts::FromBoot,
        CLOCK_REALTIME => Counts::FromEpoch,
        _ => return Err(Errno::EINVAL.into()),
    };
    let timer = TimerFile::new(counts);
    install(kernel, Box::new(timer), flags as u32, b"anon_inode:[timerfd]")
}

fn install(kernel: &mut Kernel, file: Box<dyn File>, flags: u32, name: &[u8]) -> Result<u64, Flow> {
    let flags = OpenFlags::from_bits_retain(flags);
    if !(OpenFlags::CLOSE_ON_EXEC | OpenFlags::NONBLOCK).contains(flags) {
        return Err(Errno::EINVAL.into());
    }
    let close_on_exec = if flags.contains(OpenFlags::CLOSE_ON_EXEC) {
        CloseOnExec::Yes
    } else {
        CloseOnExec::No
    };
    let open = OpenFile::nameless(file, flags | OpenFlags::READ_WRITE, name.to_vec());
    kernel.install(open, close_on_exec, 0)
}

/// `timerfd_settime`.
pub(crate) fn timerfd_settime(
    kernel: &mut Kernel,
    [descriptor, flags, new, old, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let flags = flags as u32;
    let [period, first]: [TimeSpec; 2] = user::read_value(new)?;
    let nanoseconds = |time: TimeSpec| time.to_nanoseconds().ok_or(Errno::EINVAL);
    let (period, first) = (nanoseconds(period)?, nanoseconds(first)?);
    if flags & !(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) != 0 {
        return Err(Errno::EINVAL.into());
    }
    with_timer(kernel, descriptor, |kernel, timer| {
        let before = timer.left();
        let first = match (first, timer.counts) {
            (0, _) => None,
            (first, Counts::FromBoot) if flags & TFD_TIMER_ABSTIME != 0 => Some(first),
            (first, Counts::FromEpoch) if flags & TFD_TIMER_ABSTIME != 0 => Some(from_realtime(first)),
            (first, _) => Some(time::now().saturating_add(first)),
        };
        timer.set(kernel, Schedule { first, period });
        if old == 0 { Ok(()) } else { tell(old, before) }
    })
}

/// `timerfd_gettime`.
pub(crate) fn timerfd_gettime(kernel: &mut Kernel, [descriptor, into, ..]: [u64; 6]) -> Result<u64, Flow> {
    with_timer(kernel, descriptor, |_, timer| tell(into, timer.left()))
}

/// Writes what is left of a schedule as `struct itimerspec`.
fn tell(into: u64, (next, period): (u64, u64)) -> Result<(), Errno> {
    user::write_value(into, &TimeSpec::from_nanoseconds(period))?;
    let behind = into.wrapping_add(size_of::<TimeSpec>() as u64);
    Ok(user::write_value(behind, &TimeSpec::from_nanoseconds(next))?)
}

fn with_timer(
    kernel: &mut Kernel,
    descriptor: u64,
    action: impl FnOnce(&mut Kernel, &TimerFile) -> Result<(), Errno>,
) -> Result<u64, Flow> {
    let open = Arc::clone(file_of(kernel, descriptor)?);
    let result = match open.downcast::<TimerFile>() {
        Some(timer) => action(kernel, timer),
        None => Err(Errno::EINVAL),
    };
    kernel.release_file(open);
    result?;
    Ok(0)
}
