//! Figures: how a series of measurements is summed up and printed.

use alloc::vec::Vec;

/// The measurements of one quantity, in ticks.
#[derive(Default)]
pub(crate) struct Series(Vec<u64>);

impl Series {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Vec::with_capacity(count))
    }

    pub(crate) fn add(&mut self, ticks: u64) {
        self.0.push(ticks);
    }

    /// Prints `NAME PARAMETER min P50 p99 mean`, one line for each quantity and parameter, for tables and plots.
    pub(crate) fn print(mut self, name: &str, parameter: u64) {
        self.0.sort_unstable();
        let count = self.0.len();
        let (Some(&least), Some(&middle), Some(&high)) = (
            self.0.first(),
            self.0.get(count / 2),
            self.0.get(count * 99 / 100),
        ) else {
            rt::println!("{name} {parameter} failed");
            return;
        };
        let mean = self.0.iter().sum::<u64>() / count as u64;
        rt::println!("{name} {parameter} min {least} p50 {middle} p99 {high} mean {mean} of {count}");
    }
}
