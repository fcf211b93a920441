//! Runs the benchmark on Bindery and on two versions of Linux, counting instructions, and writes what came out.

mod document;
mod measurement;
mod plot;
mod profile;

use anyhow::Result;

use self::document::System;
pub(super) use self::measurement::Measurements;
use super::case::{CASE, Case, Clock, Services};
use super::guest::{self, Ran};
use super::size;
use super::tally::Tally;
use crate::{build, linux};

/// The line that measures.
const LINE: &str = "binder-bench";

/// The line that tells what processes and threads cost.
const FOOTPRINT: &str = "demo footprint";

/// What Linux does first: come to rest after its start. Measured at once its figures look worse than they are. Counting
/// instructions, the wait costs next to nothing.
const SETTLE: &str = "sleep 40; ";

/// The Linux versions that are measured, by the names in the tables, with the line for each. Linux 6.1 looks for the lowest
/// free handle one by one, so 100,000 of them would keep it busy for an hour.
const LINUX: [(&str, &str, &str); 2] = [
    ("Linux 6.12", "6.12", LINE),
    (
        "Linux 6.1",
        "6.1",
        "binder-bench calls roundtrip oneway nested buffers threads clients start",
    ),
];

/// Seconds until a measurement is given up.
const TIMEOUT: u64 = 900;

/// Prints where the kernel's instructions of a round trip go.
pub(super) fn profile(tally: &mut Tally) -> Result<()> {
    if let Some(parts) = guest::build(tally) {
        print!("{}", profile::measure(&parts)?.table());
    }
    Ok(())
}

/// Measures on all, and writes `docs/performance.md`.
pub(super) fn run(tally: &mut Tally) -> Result<()> {
    let Some(parts) = guest::build(tally) else {
        return Ok(());
    };
    let bindery = Case {
        line: LINE,
        timeout: TIMEOUT,
        memory: 512,
        services: Services::None,
        clock: Clock::Instructions,
        ..CASE
    };
    println!(
        "bench: Bindery, then {}",
        LINUX.map(|(name, ..)| name).join(" and ")
    );
    let mut systems = Vec::new();
    let ran = guest::boot(&bindery.options()?, &parts);
    systems.extend(take(tally, "Bindery", ran));
    for (name, version, line) in LINUX {
        let mut options = linux::Options::for_line(&format!("{SETTLE}{line}"), parts.programs(), TIMEOUT);
        options.icount = true;
        version.clone_into(&mut options.kernel);
        let ran = linux::capture(&options).map(|(stdout, status, log)| Ran { stdout, status, log });
        systems.extend(take(tally, name, ran));
    }
    let footprint = Case {
        line: FOOTPRINT,
        services: Services::All,
        memory: CASE.memory,
        ..bindery
    };
    let ran = guest::boot(&footprint.options()?, &parts);
    let footprint = take(tally, "Bindery", ran);
    if let Some(footprint) = footprint
        && systems.len() == LINUX.len() + 1
    {
        let size = size::loaded(&build::kernel()?)?;
        let profile = profile::measure(&parts)?;
        document::write(&systems, &footprint.figures, size, &profile)?;
        println!("bench: written to docs/performance.md");
    }
    Ok(())
}

/// Shows what a system printed and keeps its figures, if it measured to the end.
fn take(tally: &mut Tally, system: &'static str, ran: Result<Ran>) -> Option<System> {
    let label = format!("the benchmark on {system}");
    match ran {
        Ok(ran) => {
            let text = String::from_utf8_lossy(&ran.stdout);
            println!("{system}:\n{text}");
            let outcome = if ran.status == 0 {
                Ok(())
            } else {
                Err(format!("status {}\n{}", ran.status, ran.log))
            };
            let complete = outcome.is_ok();
            tally.record(&label, outcome);
            complete.then(|| System {
                name: system,
                figures: Measurements::parse(&text),
            })
        }
        Err(error) => {
            tally.record(&label, Err(format!("{error:#}")));
            None
        }
    }
}
