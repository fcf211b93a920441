//! Which pages of a region have a frame.
//!
//! A page gets its frame when a buffer first needs it and keeps it when the buffer is freed: the next message finds it
//! there. While no buffer touches it, it is idle, and the kernel may take the frame away, from the page that has been
//! idle longest. The order of idle pages is a time stamp per page, not a list: freeing a small buffer then costs one
//! store, and only taking frames away, which is rare, has to look for the oldest.

use crate::filled::filled;
use crate::machine::NoMemory;
use alloc::vec::Vec;
use core::ops::Range;

/// No frame.
const ABSENT: u64 = 0;
/// A frame, and buffers in it. Anything larger is the time since when the page is idle.
const ACTIVE: u64 = 1;

/// How many pages are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageCounts {
    /// With a frame and in use.
    pub(crate) active: usize,
    /// With a frame that could be taken away.
    pub(crate) lru: usize,
    /// Without a frame.
    pub(crate) free: usize,
}

/// The pages of a region.
///
/// - **P1** A page that has a frame is active exactly if an allocated chunk touches it.
/// - **P2** No two pages are idle since the same time, and none since a future one.
#[derive(Debug)]
pub(super) struct Pages {
    states: Vec<u64>,
    now: u64,
    /// One more than the highest page that ever had a frame.
    high: usize,
}

impl Pages {
    /// So many pages without frames.
    pub(super) fn new(count: usize) -> Result<Self, NoMemory> {
        Ok(Self {
            states: filled(ABSENT, count)?,
            now: ACTIVE,
            high: 0,
        })
    }

    /// A buffer needs these pages. Those that have no frame stay without.
    ///
    /// Says whether all have one.
    #[inline]
    pub(super) fn activate(&mut self, pages: Range<usize>) -> bool {
        let mut complete = true;
        for state in &mut self.states[pages] {
            if *state == ABSENT {
                complete = false;
            } else {
                *state = ACTIVE;
            }
        }
        complete
    }

    /// The first run of pages without frames among these.
    pub(super) fn absent(&self, pages: Range<usize>) -> Option<Range<usize>> {
        let is_absent = |page: &usize| self.states[*page] == ABSENT;
        let start = pages.clone().find(is_absent)?;
        let end = (start..pages.end)
            .find(|page| !is_absent(page))
            .unwrap_or(pages.end);
        Some(start..end)
    }

    /// These pages, which a buffer needs, have frames now.
    pub(super) fn furnish(&mut self, pages: Range<usize>) {
        self.high = self.high.max(pages.end);
        self.states[pages].fill(ACTIVE);
    }

    /// No buffer touches these pages any more.
    #[inline]
    pub(super) fn retire(&mut self, pages: Range<usize>) {
        for state in &mut self.states[pages] {
            if *state != ABSENT {
                self.now += 1;
                *state = self.now;
            }
        }
    }

    /// Takes the frame of the page that has been idle longest.
    pub(super) fn reclaim(&mut self) -> Option<usize> {
        let idle = self
            .states
            .iter()
            .enumerate()
            .filter(|(_, state)| **state > ACTIVE);
        let (page, _) = idle.min_by_key(|(_, state)| **state)?;
        self.states[page] = ABSENT;
        Some(page)
    }

    pub(super) fn counts(&self) -> PageCounts {
        let mut counts = PageCounts::default();
        for &state in &self.states {
            match state {
                ABSENT => counts.free += 1,
                ACTIVE => counts.active += 1,
                _ => counts.lru += 1,
            }
        }
        counts
    }

    pub(super) fn high(&self) -> usize {
        self.high
    }

    /// Asserts the invariants; `in_use` says whether an allocated chunk touches a page.
    pub(super) fn check(&self, in_use: impl Fn(usize) -> bool) {
        for (page, &state) in self.states.iter().enumerate() {
            assert!(
                state == ABSENT || in_use(page) == (state == ACTIVE),
                "P1: page {page} is in state {state}"
            );
            assert!(state <= self.now, "P2: page {page} is idle since the future");
        }
        let mut idle: Vec<u64> = self
            .states
            .iter()
            .copied()
            .filter(|state| *state > ACTIVE)
            .collect();
        let count = idle.len();
        idle.sort_unstable();
        idle.dedup();
        assert_eq!(idle.len(), count, "P2: two pages are idle since the same time");
    }
}
