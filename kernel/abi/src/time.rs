//! Time as it crosses the system call boundary.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// `CLOCK_REALTIME`: time of day.
pub const CLOCK_REALTIME: u64 = 0;
/// `CLOCK_MONOTONIC`: since boot.
pub const CLOCK_MONOTONIC: u64 = 1;
/// `CLOCK_PROCESS_CPUTIME_ID`: time on the processor, all threads.
pub const CLOCK_PROCESS_CPUTIME_ID: u64 = 2;
/// `CLOCK_THREAD_CPUTIME_ID`: time on the processor, this thread.
pub const CLOCK_THREAD_CPUTIME_ID: u64 = 3;
/// `CLOCK_MONOTONIC_RAW`.
pub const CLOCK_MONOTONIC_RAW: u64 = 4;
/// `CLOCK_REALTIME_COARSE`.
pub const CLOCK_REALTIME_COARSE: u64 = 5;
/// `CLOCK_MONOTONIC_COARSE`.
pub const CLOCK_MONOTONIC_COARSE: u64 = 6;
/// `CLOCK_BOOTTIME`.
pub const CLOCK_BOOTTIME: u64 = 7;

/// `TIMER_ABSTIME` of `clock_nanosleep`: the time is absolute.
pub const TIMER_ABSTIME: u64 = 1;

/// Nanoseconds in a second.
pub const NANOSECONDS: u64 = 1_000_000_000;

/// `struct timespec`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TimeSpec {
    /// Seconds.
    pub seconds: i64,
    /// And nanoseconds, below a milliard.
    pub nanoseconds: i64,
}

impl TimeSpec {
    /// As one number, as far as it fits; nothing for a value that is none.
    pub fn to_nanoseconds(self) -> Option<u64> {
        let seconds = u64::try_from(self.seconds).ok()?;
        let rest = u64::try_from(self.nanoseconds)
            .ok()
            .filter(|&rest| rest < NANOSECONDS)?;
        Some(seconds.saturating_mul(NANOSECONDS).saturating_add(rest))
    }

    /// From nanoseconds.
    pub const fn from_nanoseconds(time: u64) -> Self {
        Self {
            seconds: (time / NANOSECONDS) as i64,
            nanoseconds: (time % NANOSECONDS) as i64,
        }
    }
}

/// `struct timeval`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct TimeValue {
    /// Seconds.
    pub seconds: i64,
    /// And microseconds.
    pub microseconds: i64,
}

#[cfg(test)]
mod tests {
    use super::TimeSpec;

    #[test]
    fn a_time_that_is_none_is_refused() {
        let spec = |seconds, nanoseconds| TimeSpec { seconds, nanoseconds }.to_nanoseconds();
        assert_eq!(spec(1, 5), Some(1_000_000_005));
        assert_eq!(spec(-1, 0), None);
        assert_eq!(spec(0, 1_000_000_000), None);
        assert_eq!(spec(0, -1), None);
        assert_eq!(spec(i64::MAX, 0), Some(u64::MAX));
    }
}
