//! The figures in `docs/figures`: sequence diagrams of real runs.
//!
//! The guest's clock counts instructions, so that a figure changes only with what it shows.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::case::{CASE, Case, Clock};
use super::difference;
use super::tally::Tally;
use super::transcripts;
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
        "service call activity 1 i32 1 i32 64 s16 PLAY s16 org.example s16 .Song",
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

/// Draws those of which the test's name contains `word`, and compares them with what the documents show.
pub(super) fn check(tally: &mut Tally, word: &str, parts: &Parts) -> Result<()> {
    for (figure, line, programs) in FIGURES {
        let name = format!("docs/figures/{figure}.svg shows what a run does");
        if name.contains(word) {
            let outcome = compare(figure, line, programs, parts).map_err(|error| format!("{error:#}"));
            tally.record(&name, outcome.and_then(|same| same));
        }
    }
    Ok(())
}

fn make(name: &str, line: &'static str, programs: &[&str], parts: &Parts) -> Result<()> {
    draw(place(name), line, programs, parts)
}

/// Where a figure is kept.
fn place(name: &str) -> PathBuf {
    layout::root().join(format!("docs/figures/{name}.svg"))
}

fn compare(name: &str, line: &'static str, programs: &[&str], parts: &Parts) -> Result<Result<(), String>> {
    let scratch = Scratch::new()?;
    let drawn = scratch.file("figure.svg");
    draw(drawn.clone(), line, programs, parts)?;
    let read =
        |file: &Path| fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()));
    let [kept, drawn] = [labels(&read(&place(name))?), labels(&read(&drawn)?)];
    let same = difference::compare("in the figure", &kept, "in a run", &drawn);
    Ok(same.map_err(|different| format!("./test.sh figures draws it anew\n{different}")))
}

/// What is written in a diagram, but for times; sorted, as who runs first is of no account, and with all numbers equal,
/// as they change with everything.
fn labels(svg: &str) -> String {
    let texts = svg.lines().filter_map(|line| {
        let (head, text) = line.strip_prefix("<text ")?.split_once('>')?;
        let text = text.strip_suffix("</text>")?;
        (!head.contains("class=\"time\"")).then(|| transcripts::general(text))
    });
    let mut texts: Vec<String> = texts.collect();
    texts.sort_unstable();
    texts.join("\n") + "\n"
}

/// Runs a line and writes its diagram.
fn draw(file: PathBuf, line: &'static str, programs: &[&str], parts: &Parts) -> Result<()> {
    let case = Case {
        line,
        clock: Clock::Instructions,
        ..CASE
    };
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

#[cfg(test)]
mod tests {
    use super::labels;

    #[test]
    fn labels_are_compared_without_times_and_numbers() {
        let text = |class: &str, text: &str| format!("<text class=\"{class}\" x=\"1\">{text}</text>\n");
        let one = text("time", "1.5") + &text("label", "BC_REPLY #7") + &text("label", "BR_REPLY #8");
        let other = text("label", "BR_REPLY #1") + &text("label", "BC_REPLY #2");
        assert_eq!(labels(&one), labels(&other));
        assert_ne!(labels(&one), labels(&text("label", "BC_REPLY #2")));
    }
}
