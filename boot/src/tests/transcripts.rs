//! The transcripts in the documents: what a document shows as output has to be what a run writes.
//!
//! A block of a document that names no language is a transcript. Each of its lines must be written by one of the lines
//! that belong to the document, after one another; numbers count as equal, and `...` stands for lines left out.

use std::fs;

use anyhow::{Context, Result};

use super::case::{CASE, Case, Clock};
use super::guest::boot;
use super::tally::Tally;
use crate::image::Parts;
use crate::layout;

/// The documents, each with the lines that make its transcripts.
const DOCUMENTS: &[(&str, &[&str])] = &[
    (
        "docs/tour.md",
        &[
            "sleep 1; ps; handles 1; handles 3; handles 5; binder state",
            "demo start-service --explain",
            "demo start-service; sleep 1; binder state",
            "demo one-copy",
        ],
    ),
    (
        "docs/capabilities.md",
        &[
            "sleep 1; ps; handles 5",
            "demo confined",
            "demo delegate",
            "demo revoke",
        ],
    ),
];

/// Checks the documents whose test's name contains `word`.
pub(super) fn run(tally: &mut Tally, word: &str, parts: &Parts) -> Result<()> {
    for (document, lines) in DOCUMENTS {
        let name = format!("the transcripts in {document} are what runs write");
        if name.contains(word) {
            let outcome = check(document, lines, parts).map_err(|error| format!("{error:#}"));
            tally.record(&name, outcome.and_then(|missing| missing.map_or(Ok(()), Err)));
        }
    }
    Ok(())
}

/// What a document shows and no run writes.
fn check(document: &str, lines: &[&'static str], parts: &Parts) -> Result<Option<String>> {
    let text = fs::read_to_string(layout::root().join(document)).with_context(|| format!("no {document}"))?;
    let mut written = Vec::new();
    for line in lines {
        let case = Case {
            line,
            clock: Clock::Instructions,
            ..CASE
        };
        let options = case.options()?;
        let ran = boot(&options, parts)?;
        anyhow::ensure!(ran.status == 0, "{line}: status {}", ran.status);
        written.push(String::from_utf8_lossy(&ran.stdout).into_owned());
    }
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    Ok(transcripts(&text)
        .into_iter()
        .find_map(|block| missing(&block, &written)))
}

/// The blocks of a document that name no language.
fn transcripts(document: &str) -> Vec<Vec<&str>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if language.is_empty() {
            blocks.push(block);
        }
    }
    blocks
}

/// The first line of a transcript that has no place in any of the outputs behind the line before it.
fn missing(block: &[&str], outputs: &[&str]) -> Option<String> {
    // What was typed, and what is left out.
    let is_shown = |line: &&&str| !line.is_empty() && !line.starts_with("# ") && **line != "...";
    let lines: Vec<&str> = block.iter().filter(is_shown).copied().collect();
    let first_missing = |output: &&str| {
        let mut written = output.lines().map(general);
        lines.iter().position(|line| {
            let wanted = general(line);
            !written.any(|written| written == wanted)
        })
    };
    let mut furthest = 0;
    for output in outputs {
        furthest = furthest.max(first_missing(output)?);
    }
    Some(format!(
        "no run writes, behind the lines before it: {}",
        lines[furthest]
    ))
}

/// A line with all words that hold a digit, and all pairs of hexadecimal letters, made equal, and its blanks too.
pub(super) fn general(line: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut general = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        if end == 0 {
            if !first.is_whitespace() || !general.ends_with(' ') {
                general.push(if first.is_whitespace() { ' ' } else { first });
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, behind) = rest.split_at(end);
        let is_byte = word.len() == 2 && word.chars().all(|letter| letter.is_ascii_hexdigit());
        if is_byte || word.contains(|letter: char| letter.is_ascii_digit()) {
            general.push('0');
        } else {
            general.push_str(word);
        }
        rest = behind;
    }
    general.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{general, missing, transcripts};

    #[test]
    fn numbers_and_blanks_do_not_matter_and_words_do() {
        assert_eq!(general("  thread 5: l 12 u0000ff"), general("thread 17:  l 2 u1"));
        assert_eq!(general("0010  61 00 ff  a.n"), general("0020  00 ab 01  a.n"));
        assert_ne!(general("BR_REPLY 1"), general("BR_NOOP 1"));
    }

    #[test]
    fn a_transcript_is_a_part_of_an_output_in_order() {
        let outputs = ["one 1\ntwo 2\nthree 3\n", "four\n"];
        assert_eq!(missing(&["# cmd", "one 7", "...", "three 1"], &outputs), None);
        assert_eq!(missing(&["four"], &outputs), None);
        assert!(missing(&["two 1", "one 1"], &outputs).is_some());
        assert!(missing(&["one 1", "four"], &outputs).is_some());
    }

    #[test]
    fn only_blocks_without_a_language_are_transcripts() {
        let document = "text\n```sh\nls\n```\n```\na\nb\n```\n";
        assert_eq!(transcripts(document), [["a", "b"]]);
    }
}
