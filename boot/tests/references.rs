//! Holds what the documentation says about the code against the code.
//!
//! A path in backticks is a file of the tree. Where the next word is in backticks, too, with nothing but a space between,
//! the file has an item of that name: `` `kernel/src/lib.rs` `main` ``.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose files documentation may name; a path elsewhere is one of the guest or of the user.
const FOLDERS: [&str; 5] = ["boot/", "docs/", "interop/", "kernel/", "userland/"];

/// Words that stand before an item's name where it is defined.
const DEFINING: [&str; 9] = [
    "fn",
    "struct",
    "enum",
    "trait",
    "const",
    "static",
    "type",
    "mod",
    "macro_rules!",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// README and everything in `docs`, as path and text.
fn documents() -> Vec<(String, String)> {
    let mut names = vec!["README.md".to_owned()];
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).expect("the tree is whole");
        for entry in entries {
            let name = entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".md") {
                names.push(format!("{folder}/{name}"));
            }
        }
    }
    names
        .into_iter()
        .map(|name| (name.clone(), read(&name)))
        .collect()
}

/// What a text refers to: paths, each with the item behind it if one follows.
fn references(text: &str) -> Vec<(&str, Option<&str>)> {
    let pieces: Vec<&str> = text.split('`').collect();
    let is_path = |piece: &str| {
        FOLDERS.iter().any(|folder| piece.starts_with(folder))
            && piece
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter))
    };
    // Every second piece is inside backticks.
    let quoted = (1..pieces.len())
        .step_by(2)
        .filter(|&place| is_path(pieces[place]));
    quoted
        .map(|place| {
            let follows = pieces
                .get(place + 1)
                .is_some_and(|gap| matches!(*gap, " " | "\n"));
            let item = pieces.get(place + 2).filter(|item| follows && !is_path(item));
            (pieces[place], item.copied())
        })
        .collect()
}

/// Whether a file defines an item, or for one that is not Rust, contains the words.
fn defines(path: &str, item: &str) -> bool {
    let source = read(path);
    if !path.ends_with(".rs") {
        return source.contains(item);
    }
    let name = item.rsplit("::").next().unwrap_or(item).trim_end_matches("()");
    let is_name = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
    DEFINING.iter().any(|word| {
        let definition = format!("{word} {name}");
        source.match_indices(&definition).any(|(at, _)| {
            let before = source[..at].chars().next_back();
            let after = source[at + definition.len()..].chars().next();
            !before.is_some_and(is_name) && !after.is_some_and(is_name)
        })
    })
}

#[test]
fn what_documents_name_in_the_tree_is_there() {
    let mut wrong = Vec::new();
    let mut items = 0;
    for (document, text) in documents() {
        for (path, item) in references(&text) {
            if !root().join(path).exists() {
                wrong.push(format!("{document}: there is no {path}"));
            } else if let Some(item) = item {
                items += 1;
                if !defines(path, item) {
                    wrong.push(format!("{document}: {path} has no {item}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(items > 50, "only {items} references were understood");
}

#[test]
fn links_of_documents_lead_to_files() {
    let mut wrong = Vec::new();
    for (document, text) in documents() {
        let folder = Path::new(&document)
            .parent()
            .unwrap_or(Path::new(""))
            .to_path_buf();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            if !root().join(&folder).join(file).exists() {
                wrong.push(format!("{document}: {target}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these links lead nowhere:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_code_of_the_protocol_is_explained() {
    let codes = |path: &str, prefix: &str| -> BTreeSet<String> {
        read(path)
            .lines()
            .filter_map(|line| line.trim().split_once(" = "))
            .filter(|(name, rest)| name.starts_with(prefix) && rest.ends_with(';'))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let mut known = codes("kernel/abi/src/binder/command.rs", "BC_");
    known.append(&mut codes("kernel/abi/src/binder/reply.rs", "BR_"));
    let explained: BTreeSet<String> = read("docs/protocol.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned))
        .collect();
    assert!(known.len() >= 46, "the codes were not understood");
    assert_eq!(known, explained);
}

#[test]
fn references_are_told_from_other_words() {
    let text = "see `kernel/src/lib.rs` `main`, `/bin/shell` and `docs/tour.md` or `kernel/src`\n`Thing`";
    assert_eq!(
        references(text),
        [
            ("kernel/src/lib.rs", Some("main")),
            ("docs/tour.md", None),
            ("kernel/src", Some("Thing"))
        ]
    );
    assert!(defines("kernel/src/lib.rs", "main"));
    assert!(!defines("kernel/src/lib.rs", "mai"));
    assert!(!defines("kernel/src/lib.rs", "no_such_item"));
}
