//! Runs the table of guest cases, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use anyhow::Result;

use super::case::Case;
use super::cases;
use super::debugger;
use super::figures;
use super::recorded::RECORDED;
use super::size;
use super::tally::Tally;
use super::traces;
use super::transcripts;
use crate::bindery::{self, hide_firmware, tell};
use crate::failure;
use crate::image::Parts;
use crate::layout::Scratch;
use crate::options::{Firmware, Options};
use crate::qemu::{Ended, Programs};

/// What a run gave.
pub(super) struct Ran {
    /// What programs wrote.
    pub(super) stdout: Vec<u8>,
    /// The exit status the tool would end with.
    pub(super) status: u8,
    /// The end of the kernel log.
    pub(super) log: String,
}

/// Runs the cases whose names contain `word`.
pub(super) fn run(tally: &mut Tally, word: &str) -> Result<()> {
    let all = cases::all().chain(RECORDED);
    let chosen: Vec<&Case> = all.filter(|case| case.name.contains(word)).collect();
    println!("guest: {} cases", chosen.len());
    let Some(parts) = build(tally) else { return Ok(()) };
    let defective = if chosen.iter().any(|case| case.defect.is_some()) {
        parts.defective()?
    } else {
        parts.clone()
    };
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(4);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (next, chosen) = (&next, &chosen);
            let parts = |case: &Case| case.defect.map_or(&parts, |_| &defective);
            scope.spawn(move || {
                while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver lives until all workers have gone.
                    let _ = sender.send((case.name, judge(case, parts(case))));
                }
            });
        }
        drop(sender);
        for (name, outcome) in receiver {
            tally.record(name, outcome);
        }
    });
    size::run(tally, word)?;
    traces::run(tally, word, &parts)?;
    debugger::run(tally, word, &parts)?;
    figures::check(tally, word, &parts)?;
    transcripts::run(tally, word, &parts)
}

/// Runs a case; `Err` tells what was different.
fn judge(case: &Case, parts: &Parts) -> Result<(), String> {
    let ran = case
        .options()
        .and_then(|options| boot_with(&options, parts, case.defect))
        .map_err(|error| format!("{error:#}"))?;
    let status = if ran.status == case.status {
        String::new()
    } else {
        format!(
            "status {} instead of {}; the kernel log ends with\n{}",
            ran.status, case.status, ran.log
        )
    };
    let stdout = case
        .stdout
        .check(&String::from_utf8_lossy(&ran.stdout))
        .err()
        .unwrap_or_default();
    if status.is_empty() && stdout.is_empty() {
        Ok(())
    } else {
        Err(format!("{stdout}\n{status}"))
    }
}

/// Builds everything once; a failure counts as one test.
pub(super) fn build(tally: &mut Tally) -> Option<Parts> {
    match Parts::build() {
        Ok(parts) => Some(parts),
        Err(error) => {
            tally.record("Bindery can be built", Err(format!("{error:#}")));
            None
        }
    }
}

/// Boots Bindery for one line and keeps what programs write.
pub(super) fn boot(options: &Options, parts: &Parts) -> Result<Ran> {
    boot_with(options, parts, None)
}

fn boot_with(options: &Options, parts: &Parts, defect: Option<&str>) -> Result<Ran> {
    let image = parts.image(&options.add, options.firmware)?;
    let scratch = Scratch::new()?;
    let mut machine = bindery::machine(options, &image, &scratch)?;
    if options.firmware == Firmware::Uefi {
        hide_firmware(&mut machine, &scratch)?;
    }
    if let Some(defect) = defect {
        tell(&mut machine, &scratch, "defect", defect)?;
    }
    let mut stdout = Vec::new();
    let ended = machine.run(Programs::Captured(&mut stdout))?;
    let (status, log) = match ended {
        Ended::Status(status) => (status, machine.log().tail()),
        Ended::TimedOut => (failure::TIMED_OUT, machine.log().tail()),
        Ended::Panicked => (failure::PANICKED, machine.log().panic_report()),
        Ended::Rebooting | Ended::TripleFault | Ended::Silent => {
            (failure::PANICKED, format!("{ended:?}\n{}", machine.log().tail()))
        }
    };
    Ok(Ran { stdout, status, log })
}
