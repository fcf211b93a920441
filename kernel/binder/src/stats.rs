//! Statistics: what the debug files count.

use crate::driver::Driver;
use abi::binder::number;
use abi::binder::{command, reply};

/// How many commands and returns there were, by their number.
#[derive(Debug)]
pub(crate) struct CommandStats {
    pub(crate) commands: [u32; command::ALL.len()],
    pub(crate) returns: [u32; RETURNS],
}

/// Numbers of returns: one less than names, since calls with and without security context share theirs.
pub(crate) const RETURNS: usize = reply::ALL.len().saturating_sub(1);

impl CommandStats {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            commands: [0; command::ALL.len()],
            returns: [0; RETURNS],
        }
    }

    /// Counts from nothing.
    pub(crate) fn reset(&mut self) {
        self.commands.fill(0);
        self.returns.fill(0);
    }

    /// Counts a command, also one that is wrong but has the number of a right one.
    #[inline]
    pub(crate) fn command(&mut self, code: u32) {
        if let Some(count) = self.commands.get_mut(usize::from(number(code))) {
            *count = count.wrapping_add(1);
        }
    }

    /// Adds what others counted.
    pub(crate) fn add(&mut self, other: &Self) {
        add_each(&mut self.commands, &other.commands);
        add_each(&mut self.returns, &other.returns);
    }

    /// Counts a return.
    #[inline]
    pub(crate) fn returned(&mut self, code: u32) {
        if let Some(count) = self.returns.get_mut(usize::from(number(code))) {
            *count = count.wrapping_add(1);
        }
    }
}

fn add_each(counts: &mut [u32], others: &[u32]) {
    for (count, more) in counts.iter_mut().zip(others) {
        *count = count.wrapping_add(*more);
    }
}

/// Objects of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) active: u32,
    pub(crate) total: u32,
}

impl Tally {
    const NONE: Self = Self { active: 0, total: 0 };

    /// One was made.
    #[inline]
    pub(crate) fn made(&mut self) {
        self.active = self.active.wrapping_add(1);
        self.total = self.total.wrapping_add(1);
    }

    /// One has ended.
    #[inline]
    pub(crate) fn gone(&mut self) {
        self.active = self.active.wrapping_sub(1);
    }
}

/// How many objects of a kind were made whose table knows how many there are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Total(u32);

impl Total {
    /// One was made.
    #[inline(always)]
    pub(crate) fn made(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }

    /// With how many there are now.
    pub(crate) fn with(self, active: usize) -> Tally {
        Tally {
            active: u32::try_from(active).unwrap_or(u32::MAX),
            total: self.0,
        }
    }
}

/// How many objects of a kind there are of which as many were made as of another kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Active(u32);

impl Active {
    /// There is one more.
    #[inline(always)]
    pub(crate) fn begin(&mut self) {
        self.0 = self.0.wrapping_add(1);
    }

    /// One has ended.
    #[inline(always)]
    pub(crate) fn gone(&mut self) {
        self.0 = self.0.wrapping_sub(1);
    }

    /// With how many were made.
    pub(crate) fn of(self, total: Total) -> Tally {
        total.with(self.0 as usize)
    }
}

/// Objects of all kinds.
#[derive(Debug)]
pub(crate) struct ObjectStats {
    pub(crate) procs: Tally,
    pub(crate) threads: Tally,
    pub(crate) nodes: Tally,
    pub(crate) refs: Tally,
    pub(crate) deaths: Tally,
    pub(crate) transactions: Total,
    /// One is made with each transaction.
    pub(crate) completions: Active,
    pub(crate) freezes: Tally,
}

/// All counters of the driver.
#[derive(Debug)]
pub(crate) struct Stats {
    pub(crate) objects: ObjectStats,
    /// What procs counted that are no more.
    pub(crate) retired: CommandStats,
}

impl Stats {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            objects: ObjectStats {
                procs: Tally::NONE,
                threads: Tally::NONE,
                nodes: Tally::NONE,
                refs: Tally::NONE,
                deaths: Tally::NONE,
                transactions: Total(0),
                completions: Active(0),
                freezes: Tally::NONE,
            },
            retired: CommandStats::new(),
        }
    }
}

/// How many objects of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Opens of a device.
    pub procs: usize,
    /// Threads that have made a call.
    pub threads: usize,
    /// Nodes, dead ones that are still referred to included.
    pub nodes: usize,
    /// References, one per handle.
    pub refs: usize,
    /// Death notifications asked for.
    pub deaths: usize,
    /// Freeze notifications asked for.
    pub freezes: usize,
    /// Transactions under way.
    pub transactions: usize,
    /// Buffers in receivers' regions.
    pub buffers: usize,
    /// Backed pages of receivers' regions.
    pub pages: usize,
}

impl Driver {
    /// The commands and returns of all procs that ever were.
    pub(crate) fn all_commands(&self) -> CommandStats {
        let mut all = CommandStats::new();
        all.add(&self.stats.retired);
        for (_, proc) in self.procs.iter() {
            all.add(&proc.stats);
        }
        all
    }

    /// How many objects there are.
    pub fn counts(&self) -> Counts {
        Counts {
            procs: self.procs.len(),
            threads: self.threads.len(),
            nodes: self.nodes.len(),
            refs: self.refs.len(),
            deaths: self.deaths.len(),
            freezes: self.freezes.len(),
            transactions: self.transactions.len(),
            buffers: self.buffers.len(),
            pages: self
                .procs
                .iter()
                .filter_map(|(_, proc)| proc.region.as_ref())
                .map(|region| {
                    let pages = region.space.page_counts();
                    pages.active.saturating_add(pages.lru)
                })
                .sum(),
        }
    }
}
