//! The figures in `docs/figures`: sequence diagrams of real runs.
//!
//! The guest's clock counts instructions, so that a figure changes only with what it shows.

use anyhow::{Context, Result, ensure};

use super::case::{CASE, Case, Clock};
use super::tally::Tally;
use crate::bindery;
use crate::image::Parts;
use crate::layout::{self, Scratch};
use crate::options::Options;
use crate::qemu::{Ended, Programs};
use crate::trace::{self, Output};

/// The figures by their names, with the line that each shows and the programs in it.
const FIGURES: &[(&str, &str, &[&str])] = &[
    (
        "start-service",
        "demo start-service",
        &["demo", "servicemanager", "activity"],
    ),
    ("callback", "demo callback", &["demo", "servicemanager"]),
    ("nested", "demo nested", &["demo", "servicemanager"]),
    ("death", "demo death", &["demo", "servicemanager"]),
    ("thread-pool", "demo thread-pool", &["demo", "servicemanager"]),
    ("shared-memory", "demo shared-memory", &["demo", "servicemanager"]),
    ("delegate", "demo delegate", &["demo", "servicemanager"]),
    (
        "service-call",
        "service call activity 1 s16 org.example/.Song",
        &["shell", "servicemanager", "activity"],
    ),
];

/// Makes those whose names contain `word`.
pub(super) fn run(tally: &mut Tally, word: &str) -> Result<()> {
    let parts = Parts::build()?;
    for (name, line, programs) in FIGURES.iter().filter(|(name, ..)| name.contains(word)) {
        let made = make(name, line, programs, &parts);
        tally.record(name, made.map_err(|error| format!("{error:#}")));
    }
    Ok(())
}

fn make(name: &str, line: &'static str, programs: &[&str], parts: &Parts) -> Result<()> {
    let case = Case {
        line,
        clock: Clock::Instructions,
        ..CASE
    };
    let file = layout::root().join(format!("docs/figures/{name}.svg"));
    let output = Output::svg(file);
    let options = Options {
        trace: Some(output.clone()),
        trace_of: programs.iter().map(|name| (*name).to_owned()).collect(),
        ..case.options()?
    };
    let image = parts.image(&options.add, options.firmware)?;
    let scratch = Scratch::new()?;
    let machine = bindery::machine(&options, &image, &scratch)?;
    let ended = machine.run(Programs::Captured(&mut Vec::new()))?;
    ensure!(ended == Ended::Status(0), "the run ended with {ended:?}");
    trace::write(&output, &options, machine.log(), &scratch).context("no figure")
}
