//! The test suites: on the host, in the guest, and against Linux.

mod bench;
mod both;
mod case;
mod cases;
mod comparison;
mod comparisons;
mod coverage;
mod debugger;
mod difference;
mod figures;
mod guest;
mod host;
#[cfg(test)]
mod ideas;
mod interop;
mod own;
mod parts;
mod processes;
mod program;
mod random;
mod recorded;
mod sections;
mod shrink;
mod size;
mod tally;
mod traces;
mod transcripts;
mod viewer;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use coverage::Table;
use random::Steps;
use tally::Tally;

/// What `test.sh` understands.
#[derive(Args, Debug)]
#[command(
    override_usage = "./test.sh [host|guest|linux|bench|profile|figures] [WORD] [--seeds FIRST-LAST] [--steps N] [--document]"
)]
pub(crate) struct Options {
    /// The part to run; all but the benchmarks without one.
    #[arg(value_enum)]
    part: Option<Part>,
    /// Runs only the guest or Linux cases whose names contain this.
    word: Option<String>,
    #[command(flatten)]
    steps: Steps,
    /// Writes what the fixed cases contain into docs/conformance.md instead of comparing it.
    #[arg(long)]
    document: bool,
}

/// A part of the tests.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// `cargo test`, clippy and the format, without any emulator.
    Host,
    /// Programs on Bindery.
    Guest,
    /// The same programs on Bindery and on Linux, which must agree.
    Linux,
    /// Measurements on both.
    Bench,
    /// No tests: prints where the kernel's instructions of a round trip go.
    Profile,
    /// No tests: makes the figures in docs/figures anew, from real runs.
    Figures,
}

/// Runs what is asked for and ends with the line `N passed, N failed`.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let parts = match options.part {
        Some(part) => vec![part],
        None => vec![Part::Host, Part::Guest, Part::Linux],
    };
    let word = options.word.as_deref().unwrap_or_default();
    let table = if options.document {
        Table::Written
    } else {
        Table::Compared
    };
    let mut tally = Tally::default();
    for part in parts {
        match part {
            Part::Host => host::run(&mut tally)?,
            Part::Guest => {
                guest::run(&mut tally, word)?;
                own::run(&mut tally, word)?;
            }
            Part::Linux => comparison::run(&mut tally, word, &options.steps, table)?,
            Part::Bench => bench::run(&mut tally)?,
            Part::Profile => bench::profile(&mut tally)?,
            Part::Figures => figures::run(&mut tally, word)?,
        }
    }
    println!("{tally}");
    Ok(tally.exit_code())
}
