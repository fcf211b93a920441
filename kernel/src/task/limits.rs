//! What a process may use at most.

use abi::thread::{
    RLIM_INFINITY, RLIM_NLIMITS, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_NOFILE,
    RLIMIT_NPROC, RLIMIT_RTPRIO, RLIMIT_SIGPENDING, RLIMIT_STACK, ResourceLimit,
};

/// The size of a program's first stack.
pub(crate) const STACK: u64 = 8 << 20;

/// The limits of a process, by their `RLIMIT_` number. Descriptors and nice values are enforced; the others are kept
/// and answered.
#[derive(Clone, Debug)]
pub(crate) struct Limits([ResourceLimit; RLIM_NLIMITS]);

impl Limits {
    /// What the first program gets.
    pub(crate) const INITIAL: Self = {
        const fn limit(current: u64, maximum: u64) -> ResourceLimit {
            ResourceLimit { current, maximum }
        }
        let mut limits = [limit(RLIM_INFINITY, RLIM_INFINITY); RLIM_NLIMITS];
        limits[RLIMIT_CORE] = limit(0, RLIM_INFINITY);
        limits[RLIMIT_STACK] = limit(STACK, RLIM_INFINITY);
        limits[RLIMIT_NPROC] = limit(4096, 4096);
        limits[RLIMIT_NOFILE] = limit(1024, 524_288);
        limits[RLIMIT_MEMLOCK] = limit(8 << 20, 8 << 20);
        limits[RLIMIT_SIGPENDING] = limit(4096, 4096);
        limits[RLIMIT_MSGQUEUE] = limit(819_200, 819_200);
        limits[RLIMIT_NICE] = limit(0, 0);
        limits[RLIMIT_RTPRIO] = limit(0, 0);
        Self(limits)
    };

    /// The limit of this kind.
    pub(crate) fn get(&self, kind: usize) -> Option<ResourceLimit> {
        self.0.get(kind).copied()
    }

    /// Changes the limit of this kind.
    pub(crate) fn set(&mut self, kind: usize, limit: ResourceLimit) {
        if let Some(slot) = self.0.get_mut(kind) {
            *slot = limit;
        }
    }

    /// One more than the highest descriptor that may be opened.
    pub(crate) fn descriptors(&self) -> usize {
        usize::try_from(self.0[RLIMIT_NOFILE].current).unwrap_or(usize::MAX)
    }

    /// The lowest nice value that a process without privileges may be given by the driver, if it may be given any.
    pub(crate) fn best_nice(&self) -> Option<i8> {
        let reach = self.0[RLIMIT_NICE].current.min(40) as i8;
        (reach > 0).then_some(20 - reach)
    }

    /// The lowest nice value that a process without privileges may take.
    pub(crate) fn lowest_nice(&self) -> i8 {
        let reach = self.0[RLIMIT_NICE].current.min(40) as i8;
        20 - reach.max(1)
    }
}
