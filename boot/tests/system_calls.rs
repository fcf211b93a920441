//! Holds the table in `docs/system-calls.md` against the kernel's own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read_to_string(root.join(path)).expect("the tree is whole")
}

/// The numbers of the contract crate, by constant: name and number.
fn numbers() -> BTreeMap<String, (String, u64)> {
    let source = read("kernel/abi/src/syscall.rs");
    let entry = |line: &str| {
        let mut words = line.trim().strip_suffix(',')?.split(' ');
        let (name, constant, number) = (words.next()?, words.next()?, words.next()?.parse().ok()?);
        Some((constant.to_owned(), (name.to_owned(), number)))
    };
    source.lines().filter_map(entry).collect()
}

/// The calls that the kernel dispatches, by number.
fn dispatched() -> BTreeMap<u64, String> {
    let numbers = numbers();
    let source = read("kernel/src/syscall/table.rs");
    let constants = source.split("number::").skip(1).map(|rest| {
        let end = rest.find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric());
        &rest[..end.unwrap_or(rest.len())]
    });
    constants
        .map(|constant| {
            let (name, number) = &numbers[constant];
            (*number, name.clone())
        })
        .collect()
}

/// The rows `| number | `name` |` of the documentation.
fn documented() -> BTreeMap<u64, String> {
    let row = |line: &str| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let number = cells.next()?.parse().ok()?;
        Some((number, cells.next()?.trim_matches('`').to_owned()))
    };
    read("docs/system-calls.md").lines().filter_map(row).collect()
}

#[test]
fn every_call_of_the_kernel_is_documented_and_no_other() {
    let dispatched = dispatched();
    assert!(dispatched.len() > 100, "the kernel's table was not understood");
    assert_eq!(dispatched, documented());
}
