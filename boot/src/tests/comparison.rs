//! Runs lines on Bindery and on Linux with its binder driver and compares what programs write.

use anyhow::Result;

use super::both;
use super::comparisons::{COMPARISONS, Comparison};
use super::coverage::{self, Table};
use super::difference::compare;
use super::guest::{self, Ran};
use super::processes::renumbered;
use super::random::{self, Steps};
use super::sections::sections;
use super::tally::Tally;
use crate::image::Parts;

/// Runs the comparisons whose names contain `word`; random steps are one of them.
pub(super) fn run(tally: &mut Tally, word: &str, steps: &Steps, table: Table) -> Result<()> {
    let Some(parts) = guest::build(tally) else {
        return Ok(());
    };
    for comparison in COMPARISONS
        .iter()
        .filter(|comparison| comparison.name.contains(word))
    {
        println!("linux: {}", comparison.name);
        match run_both(comparison, &parts) {
            Ok((bindery, linux)) => {
                judge(tally, comparison.name, &bindery, &linux);
                coverage::judge(tally, &linux, table);
            }
            Err(error) => tally.record(comparison.name, Err(format!("{error:#}"))),
        }
    }
    if random::NAME.contains(word) {
        println!("linux: {}", random::NAME);
        random::run(tally, steps, &parts);
    }
    Ok(())
}

fn run_both(comparison: &Comparison, parts: &Parts) -> Result<(Ran, Ran)> {
    let mut added = Vec::new();
    for program in comparison.add {
        added.push(program.build()?);
    }
    both::run(comparison.line, comparison.timeout, &added, parts)
}

/// Compares both outputs case by case; both lines must have succeeded.
fn judge(tally: &mut Tally, name: &str, bindery: &Ran, linux: &Ran) {
    let texts = [bindery, linux].map(|ran| renumbered(&String::from_utf8_lossy(&ran.stdout)));
    let [ours, theirs] = &texts;
    let (ours, theirs) = (sections(ours), sections(theirs));
    for (heading, wanted) in &theirs {
        let written = ours
            .iter()
            .find(|(other, _)| other == heading)
            .map_or("", |(_, text)| *text);
        let title = if heading.is_empty() { name } else { heading };
        tally.record(title, compare("Linux  ", wanted, "Bindery", written));
    }
    for (heading, _) in ours
        .iter()
        .filter(|(heading, _)| !theirs.iter().any(|(other, _)| other == heading))
    {
        tally.record(heading, Err("Linux has no such case".to_owned()));
    }
    if (bindery.status, linux.status) != (0, 0) {
        let Ran { status, log, .. } = bindery;
        let difference = format!("status {status} on Bindery, {} on Linux\n{log}", linux.status);
        tally.record(&format!("{name}: the exit status"), Err(difference));
    }
}
