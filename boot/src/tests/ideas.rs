//! That `docs/ideas.md` gives every idea of the specification, and every bug that other drivers had, a place that exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::layout;

/// How many ideas there are under each letter, from A on.
const COUNTS: [usize; 16] = [24, 15, 12, 16, 20, 9, 8, 19, 23, 21, 16, 12, 8, 6, 11, 10];

/// What invents its cases.
const INVENTORS: [&str; 2] = ["random steps", "grammar"];

fn read(path: &str) -> String {
    let path = layout::root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All text of the files below a folder whose names end so.
fn texts(folder: &Path, ending: &str) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all += &texts(&path, ending);
        } else if path.to_string_lossy().ends_with(ending) {
            all += &fs::read_to_string(&path).expect("a text");
        }
    }
    all
}

/// The names of the fixed cases.
fn cases() -> BTreeSet<String> {
    let scripts = texts(&layout::root().join("userland/conformance/cases"), ".script");
    let names = scripts.lines().filter_map(|line| line.strip_prefix("case "));
    names
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// The rows of the page's tables: the first column and the last.
fn rows(page: &str) -> Vec<(&str, &str)> {
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.ends_with("| Where |"));
    rows.map(|row| {
        let row = row.trim_matches(['|', ' ']);
        let (first, rest) = row.split_once(" | ").expect("a row has columns");
        let (_, last) = rest.rsplit_once(" | ").expect("a row has three columns");
        (first, last)
    })
    .collect()
}

/// Whether a place exists.
fn exists(place: &str, cases: &BTreeSet<String>, host: &str) -> bool {
    if let Some(test) = place.strip_prefix("test `") {
        return host.contains(&format!("fn {}()", test.trim_end_matches('`')));
    }
    if let Some((program, case)) = place.strip_prefix('`').and_then(|place| place.split_once("`: ")) {
        return read(&format!("boot/programs/{program}.c")).contains(&format!("\"{case}"));
    }
    INVENTORS.contains(&place) || cases.contains(place)
}

#[test]
fn every_idea_has_a_place() {
    let page = read("docs/ideas.md");
    let ideas: Vec<&str> = rows(&page).into_iter().map(|(idea, _)| idea).collect();
    for (letter, count) in ('A'..).zip(COUNTS) {
        for number in 1..=count {
            let idea = format!("{letter}{number}");
            let places = ideas.iter().filter(|&&other| other == idea).count();
            assert_eq!(places, 1, "{idea}");
        }
    }
    assert_eq!(COUNTS.iter().sum::<usize>(), 230);
}

#[test]
fn every_place_exists() {
    let page = read("docs/ideas.md");
    let cases = cases();
    let host = texts(&layout::root().join("kernel/binder"), ".rs");
    for (idea, places) in rows(&page) {
        for place in places.split("; ") {
            assert!(exists(place, &cases, &host), "{idea}: {place:?}");
        }
    }
}
