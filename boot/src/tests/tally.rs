//! Counts what passed and what failed, and prints it as it comes.

use std::fmt;
use std::process::ExitCode;

/// What happened so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts a test and prints its line; `Err` tells what was wrong.
    pub(super) fn record(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => {
                self.passed += 1;
                println!("ok {name}");
            }
            Err(difference) => {
                self.failed += 1;
                println!("FAILED {name}");
                for line in difference.lines() {
                    println!("    {line}");
                }
            }
        }
    }

    /// Counts tests that another program ran and printed.
    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// The sum in a line like `test result: ok. 3 passed; 0 failed; ...`, as cargo's test programs end.
    pub(super) fn of_cargo_line(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?;
        let mut words = counts.split([' ', ';']).filter(|word| !word.is_empty()).skip(1);
        let passed = words.next()?.parse().ok()?;
        words.next().filter(|word| *word == "passed")?;
        let failed = words.next()?.parse().ok()?;
        Some(Self { passed, failed })
    }

    /// Whether anything failed.
    pub(super) fn has_failures(self) -> bool {
        self.failed > 0
    }

    /// The tool's exit status: 1 when anything failed.
    pub(super) fn exit_code(self) -> ExitCode {
        ExitCode::from(u8::from(self.has_failures()))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn the_counts_of_cargo_are_understood() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(
            Tally::of_cargo_line(line),
            Some(Tally {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(Tally::of_cargo_line("running 3 tests"), None);
    }
}
