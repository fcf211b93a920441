//! Holds what `docs/rooms.md` says about the kernel's size and its dependencies against the sources.

use std::fs;
use std::path::{Path, PathBuf};

/// How far the documented numbers may be from the truth, in percent.
const TOLERANCE: usize = 10;

/// The room of the calls and the room of the files that they work on.
const ROOMS: [&str; 2] = ["kernel/src/syscall", "kernel/src/file"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The sources below a folder, tests left out.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the tree is whole") {
            let path = entry.expect("the tree is whole").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let below = path.strip_prefix(root()).expect("it was found there");
                let text = fs::read_to_string(&path).expect("sources are text");
                found.push((below.to_string_lossy().into_owned(), text));
            }
        }
    }
    found
}

fn lines(folder: &str) -> usize {
    sources(folder).iter().map(|(_, text)| text.lines().count()).sum()
}

/// The rows `| what | lines |` of the documentation.
fn documented(what: &str) -> usize {
    let text = fs::read_to_string(root().join("docs/rooms.md")).expect("the tree is whole");
    let row = text.lines().find_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        (cells.next()? == what).then(|| cells.next().map(str::to_owned))?
    });
    let number = row.unwrap_or_else(|| panic!("docs/rooms.md has no row for {what}"));
    number.replace(',', "").parse().expect("a number of lines")
}

#[test]
fn the_documented_sizes_are_those_of_the_sources() {
    let folders = [
        "kernel/src",
        "kernel/binder/src",
        "kernel/abi/src",
        "kernel/formats/src",
    ];
    let whole: usize = folders.iter().map(|folder| lines(folder)).sum();
    let [calls, files] = ROOMS.map(lines);
    let rows = [
        ("the whole kernel", whole),
        ("the room of the calls, `kernel/src/syscall`", calls),
        ("the room of the files, `kernel/src/file`", files),
        ("the kernel without both", whole - calls - files),
    ];
    for (what, counted) in rows {
        let said = documented(what);
        assert!(
            said.abs_diff(counted) * 100 <= counted * TOLERANCE,
            "docs/rooms.md says {said} lines for {what}, there are {counted}"
        );
    }
}

#[test]
fn nothing_knows_the_calls_but_who_starts_the_kernel() {
    let users: Vec<String> = sources("kernel/src")
        .into_iter()
        .filter(|(path, text)| {
            let inside = path.starts_with(ROOMS[0]) || path == "kernel/src/lib.rs";
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let names = |line: &str| line.contains("crate::syscall") || line.contains("super::syscall");
            !inside && code.into_iter().any(names)
        })
        .map(|(path, _)| path)
        .collect();
    assert!(users.is_empty(), "{users:?} depend on the room of the calls");
}

#[test]
fn neither_driver_nor_memory_nor_machine_know_of_files_or_calls() {
    for folder in ["kernel/binder/src", "kernel/src/mm", "kernel/src/arch"] {
        for (path, text) in sources(folder) {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let knows = |line: &str| line.contains("crate::syscall") || line.contains("crate::file");
            assert!(
                !code.into_iter().any(knows),
                "{path} depends on the rooms above it"
            );
        }
    }
}

/// What the core may name of the room of the files: descriptors, and the tree that programs' files are found in.
const OF_FILES: [&str; 8] = [
    "CloseOnExec",
    "Content",
    "FileSystem",
    "FileTable",
    "Last",
    "OpenFile",
    "changes",
    "fill_random",
];

#[test]
fn the_core_knows_descriptors_and_no_kind_of_file() {
    let mut found = 0;
    for (path, text) in sources("kernel/src") {
        if ROOMS.iter().any(|room| path.starts_with(room)) {
            continue;
        }
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for named in code.filter_map(|line| line.split_once("crate::file::").map(|(_, named)| named)) {
            let named = named.split(';').next().unwrap_or_default();
            let words = named.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            for word in words.filter(|word| !matches!(*word, "" | "tree")) {
                assert!(
                    OF_FILES.contains(&word),
                    "{path} names {word} of the room of the files"
                );
                found += 1;
            }
        }
    }
    assert!(found > 10, "the imports were not understood");
}
