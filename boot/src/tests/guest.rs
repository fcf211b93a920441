//! Runs the table of guest cases, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::Result;

use super::case::Case;
use super::cases::CASES;
use super::tally::Tally;
use crate::bindery::{self, hide_firmware};
use crate::failure;
use crate::image;
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
    let chosen: Vec<&Case> = CASES.iter().filter(|case| case.name.contains(word)).collect();
    println!("guest: {} cases", chosen.len());
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(4);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (next, chosen) = (&next, &chosen);
            scope.spawn(move || {
                while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // The receiver lives until all workers have gone.
                    let _ = sender.send((case.name, judge(case)));
                }
            });
        }
        drop(sender);
        for (name, outcome) in receiver {
            tally.record(name, outcome);
        }
    });
    Ok(())
}

/// Runs a case; `Err` tells what was different.
fn judge(case: &Case) -> Result<(), String> {
    let ran = case
        .options()
        .and_then(|options| boot(&options))
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

/// Boots Bindery for one line and keeps what programs write.
pub(super) fn boot(options: &Options) -> Result<Ran> {
    /// Cargo and the images are dealt with by one thread at a time.
    static MAKING: Mutex<()> = Mutex::new(());
    let image = {
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        image::make(&options.add, options.firmware)?
    };
    let scratch = Scratch::new()?;
    let mut machine = bindery::machine(options, &image, &scratch)?;
    if options.firmware == Firmware::Uefi {
        hide_firmware(&mut machine, &scratch)?;
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
