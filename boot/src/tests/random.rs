//! Random steps on Bindery and on Linux: equal for equal seeds, or shrunk to what differs.

use std::fmt::Write;
use std::fs;
use std::ops::RangeInclusive;
use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use clap::Args;

use super::both;
use super::difference::compare;
use super::guest::Ran;
use super::sections::{sections, steps};
use super::shrink::{Script, shrink};
use super::tally::Tally;
use crate::added::Added;
use crate::image::Parts;
use crate::layout::{self, Scratch};

/// What is shown, as a sentence.
pub(super) const NAME: &str = "random steps have the same trace";

/// Seeds that one boot plays: many save boots, few let a run be followed.
const SEEDS_OF_A_BOOT: usize = 5;

/// Seconds that a thousand steps may take on a busy machine.
const SECONDS_OF_1000: u64 = 60;

/// Seconds that one boot may take while a script is shrunk.
const SECONDS_OF_SHRINKING: u64 = 900;

/// Which random steps are played.
#[derive(Args, Debug)]
pub(super) struct Steps {
    /// The seeds of the random steps that Bindery and Linux play.
    #[arg(long, value_name = "FIRST-LAST", default_value = "1-5")]
    seeds: Seeds,
    /// The number of random steps for each seed.
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
}

/// A range of seeds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seeds(RangeInclusive<u64>);

impl FromStr for Seeds {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let seed = |word: &str| word.parse().with_context(|| format!("'{word}' is no seed"));
        let (first, last) = (seed(first)?, seed(last)?);
        ensure!(first <= last, "the last seed comes before the first");
        Ok(Self(first..=last))
    }
}

/// Plays the steps; each seed counts as a test.
pub(super) fn run(tally: &mut Tally, steps: &Steps, parts: &Parts) {
    let seeds: Vec<u64> = steps.seeds.0.clone().collect();
    for seeds in seeds.chunks(SEEDS_OF_A_BOOT) {
        let count = steps.steps;
        let lines: Vec<String> = seeds
            .iter()
            .map(|seed| format!("conformance random {seed} {count}"))
            .collect();
        let timeout = 60 + SECONDS_OF_1000 * seeds.len() as u64 * count.div_ceil(1000);
        let ran = both::run(&lines.join("; "), timeout, &[], parts);
        for seed in seeds {
            let outcome = match &ran {
                Ok((bindery, linux)) => judge(*seed, bindery, linux, parts),
                Err(error) => Err(format!("{error:#}")),
            };
            tally.record(&format!("seed {seed}: {count} random steps"), outcome);
        }
    }
}

/// Compares the cases of a seed; the first that differs is shrunk.
fn judge(seed: u64, bindery: &Ran, linux: &Ran, parts: &Parts) -> Result<(), String> {
    let texts = [bindery, linux].map(|ran| String::from_utf8_lossy(&ran.stdout).into_owned());
    let prefix = format!("R{seed}-");
    let [ours, theirs] = texts.each_ref().map(|text| {
        let mut cases = sections(text);
        cases.retain(|(heading, _)| heading.starts_with(&prefix));
        cases
    });
    if theirs.is_empty() || linux.status != 0 {
        return Err(format!("Linux ended with status {}\n{}", linux.status, linux.log));
    }
    for (index, (heading, wanted)) in theirs.iter().enumerate() {
        let written = ours.get(index).map_or("", |(_, text)| *text);
        let Err(difference) = compare("Linux  ", wanted, "Bindery", written) else {
            continue;
        };
        let mut report = format!("case {heading}: {difference}\n");
        if bindery.status != 0 {
            let _ = write!(report, "status {} on Bindery\n{}", bindery.status, bindery.log);
        }
        report.push_str(&reproduction(heading, steps(wanted), parts));
        return Err(report);
    }
    if ours.len() == theirs.len() {
        Ok(())
    } else {
        Err("Bindery has cases that Linux has not".to_owned())
    }
}

/// The shortest script found that makes the two differ, with both traces.
fn reproduction(heading: &str, script: Script, parts: &Parts) -> String {
    let name = heading.split(' ').next().unwrap_or(heading);
    println!("    case {name} differs; shrinking its {} lines", script.len());
    let shrunk = differing(std::slice::from_ref(&script), parts).and_then(|shown| {
        ensure!(
            shown == [true],
            "its lines alone, played again, make no difference"
        );
        shrink(script, |scripts| differing(scripts, parts))
    });
    match shrunk.and_then(|script| keep(name, &script, parts)) {
        Ok(report) => report,
        Err(error) => format!("not shrunk: {error:#}"),
    }
}

/// Keeps a script below `target/`, and shows it with its difference.
fn keep(name: &str, script: &Script, parts: &Parts) -> Result<String> {
    let text = as_case(name, script);
    let file = layout::target().join(format!("{name}.script"));
    fs::write(&file, &text).with_context(|| format!("cannot write {}", file.display()))?;
    let [ours, theirs] = play(std::slice::from_ref(script), parts)?;
    Ok(format!(
        "shrunk to {} lines in {}:\n{text}on Linux:\n{}on Bindery:\n{}",
        script.len(),
        file.display(),
        shown(&theirs),
        shown(&ours)
    ))
}

fn shown(traces: &[Option<String>]) -> &str {
    traces.first().and_then(Option::as_deref).unwrap_or_default()
}

/// Whether each of these scripts makes the two differ.
fn differing(scripts: &[Script], parts: &Parts) -> Result<Vec<bool>> {
    let [ours, theirs] = play(scripts, parts)?;
    Ok(ours
        .iter()
        .zip(&theirs)
        .map(|(ours, theirs)| ours != theirs)
        .collect())
}

/// The traces of scripts, on Bindery and on Linux, from one boot of each.
fn play(scripts: &[Script], parts: &Parts) -> Result<[Vec<Option<String>>; 2]> {
    let scratch = Scratch::new()?;
    let file = scratch.file("candidates");
    let cases: String = scripts
        .iter()
        .enumerate()
        .map(|(number, script)| as_case(&number.to_string(), script))
        .collect();
    fs::write(&file, cases).with_context(|| format!("cannot write {}", file.display()))?;
    let added = Added {
        file,
        name: "candidates".to_owned(),
    };
    let line = "conformance script /bin/candidates";
    let (bindery, linux) = both::run(line, SECONDS_OF_SHRINKING, &[added], parts)?;
    Ok([bindery, linux].map(|ran| {
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let cases = sections(&text);
        let trace = |number: usize| {
            let wanted = format!("{number} shrunk");
            let found = cases.iter().find(|(heading, _)| *heading == wanted);
            found.map(|(_, trace)| (*trace).to_owned())
        };
        (0..scripts.len()).map(trace).collect()
    }))
}

fn as_case(name: &str, script: &Script) -> String {
    format!("case {name} shrunk\n{}\n\n", script.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::Seeds;

    #[test]
    fn seeds_are_one_or_a_range() {
        assert_eq!("7".parse::<Seeds>().expect("one"), Seeds(7..=7));
        assert_eq!("1-20".parse::<Seeds>().expect("a range"), Seeds(1..=20));
        for text in ["", "x", "5-", "9-3"] {
            assert!(text.parse::<Seeds>().is_err(), "{text:?} was taken");
        }
    }
}
