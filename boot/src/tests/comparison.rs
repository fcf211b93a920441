//! Runs lines on Bindery and on Linux with its binder driver and compares what programs write.

use std::thread;

use anyhow::Result;

use super::case::{CASE, Case, Clock, Services};
use super::comparisons::{COMPARISONS, Comparison};
use super::difference::compare;
use super::guest::{self, Ran};
use super::tally::Tally;
use crate::image::Parts;
use crate::linux;

/// What begins the output of a case among several.
const HEADING: &str = "case ";

/// Runs the comparisons whose names contain `word`.
pub(super) fn run(tally: &mut Tally, word: &str) -> Result<()> {
    let Some(parts) = guest::build(tally) else {
        return Ok(());
    };
    for comparison in COMPARISONS
        .iter()
        .filter(|comparison| comparison.name.contains(word))
    {
        println!("linux: {}", comparison.name);
        match run_both(comparison, &parts) {
            Ok((bindery, linux)) => judge(tally, comparison.name, &bindery, &linux),
            Err(error) => tally.record(comparison.name, Err(format!("{error:#}"))),
        }
    }
    Ok(())
}

/// Runs the line on both at the same time.
fn run_both(comparison: &Comparison, parts: &Parts) -> Result<(Ran, Ran)> {
    let Comparison {
        line, timeout, add, ..
    } = *comparison;
    // Counting instructions costs some speed, but a guest that waits does so in no time.
    let clock = Clock::Instructions;
    let bindery = Case {
        line,
        timeout,
        clock,
        services: Services::None,
        add,
        ..CASE
    }
    .options()?;
    let mut linux = linux::Options::for_line(line, parts.programs(), timeout);
    linux.icount = true;
    linux.add.extend(bindery.add.iter().cloned());
    thread::scope(|scope| {
        let linux = scope.spawn(|| linux::capture(&linux));
        let bindery = guest::boot(&bindery, parts);
        let (stdout, status, log) = linux.join().expect("the thread only returns errors")?;
        Ok((bindery?, Ran { stdout, status, log }))
    })
}

/// Compares both outputs case by case, then the statuses.
fn judge(tally: &mut Tally, name: &str, bindery: &Ran, linux: &Ran) {
    let texts = [bindery, linux].map(|ran| String::from_utf8_lossy(&ran.stdout).into_owned());
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
    if bindery.status != linux.status {
        let Ran { status, log, .. } = bindery;
        let difference = format!("status {status} on Bindery, {} on Linux\n{log}", linux.status);
        tally.record(&format!("{name}: the exit status"), Err(difference));
    }
}

/// Divides an output at its headings; what stands before the first has an empty one and counts only if it is not empty
/// or there is nothing else.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let mut sections = Vec::new();
    let mut heading = "";
    let mut start = 0;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        if let Some(next) = line.strip_prefix(HEADING) {
            sections.push((heading, &text[start..position]));
            heading = next.trim_end();
            start = position + line.len();
        }
        position += line.len();
    }
    sections.push((heading, &text[start..]));
    if sections.len() > 1 && sections[0].1.is_empty() {
        sections.remove(0);
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn an_output_without_headings_is_one_case() {
        assert_eq!(sections("a\nb\n"), [("", "a\nb\n")]);
        assert_eq!(sections(""), [("", "")]);
    }

    #[test]
    fn headings_divide_an_output_into_cases() {
        assert_eq!(sections("case one\na\ncase two\n"), [("one", "a\n"), ("two", "")]);
        assert_eq!(sections("x\ncase one\na\n"), [("", "x\n"), ("one", "a\n")]);
    }
}
