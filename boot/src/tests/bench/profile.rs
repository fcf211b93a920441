//! Where the kernel's instructions of a round trip go, function by function.
//!
//! The emulator runs one instruction at a time and notes the address of each that lies in the kernel. What it notes is
//! read while it runs, through a pipe, and cut at the entries of system calls. Most of a round trip's functions are part
//! of one another in the compiled file; the debug information says which instruction comes from which.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::thread;

use addr2line::Loader;
use anyhow::{Context, Result, bail, ensure};
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use rustc_demangle::demangle;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::super::case::{CASE, Case, Clock, Services};
use crate::bindery;
use crate::image::Parts;
use crate::layout::Scratch;
use crate::qemu::{Ended, Programs};

/// The line whose last round trips are looked at.
const LINE: &str = "binder-bench profile";

/// Seconds until it is given up: the emulator is slow at it.
const TIMEOUT: u64 = 300;

/// How many round trips are looked at.
const ROUND_TRIPS: usize = 100;

/// A round trip's system calls, in the order in which they begin.
const CALLS: [&str; 3] = [
    "client: frees, calls, and the server reads",
    "server: frees, replies",
    "server: waits, and the client reads",
];

/// The symbol at which each system call enters the kernel, and that of the function for `BINDER_WRITE_READ`.
const ENTRY: &str = "entry_system_call";
const WRITE_READ: &str = "kernel_write_read";

/// How many instructions of each function, in each of a round trip's calls.
pub(in crate::tests) struct Profile {
    functions: Vec<(Function, [usize; CALLS.len()])>,
}

/// A function by its name and the file that it stands in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Function {
    file: String,
    name: String,
}

/// What the kernel's file says about its code.
struct Code {
    all: Range<u64>,
    entry: u64,
    write_read: u64,
}

/// Makes a profile of the kernel that the parts are made of.
pub(in crate::tests) fn measure(parts: &Parts) -> Result<Profile> {
    let code = Code::read(parts.kernel())?;
    let scratch = Scratch::new()?;
    let pipe = scratch.file("instructions");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).context("cannot make a pipe")?;
    let case = Case {
        line: LINE,
        services: Services::None,
        clock: Clock::Instructions,
        timeout: TIMEOUT,
        ..CASE
    };
    let options = case.options()?;
    let image = parts.image(&options.add, options.firmware)?;
    let mut machine = bindery::machine(&options, &image, &scratch)?;
    machine.note_instructions(&code.all, &pipe);
    let (calls, ended) = thread::scope(|scope| {
        let reader = scope.spawn(|| last_round_trips(&pipe, &code));
        let ended = machine.run(Programs::Captured(&mut Vec::new()));
        if ended.is_err() {
            // An emulator that never ran has not opened the pipe, and its reader would wait for ever.
            let _ = File::options().write(true).open(&pipe);
        }
        let calls = reader
            .join()
            .unwrap_or_else(|_| bail!("the reader of instructions failed"));
        (calls, ended)
    });
    let ended = ended?;
    ensure!(ended == Ended::Status(0), "the profiled run ended with {ended:?}");
    Profile::of(&calls?, parts.kernel())
}

impl Code {
    fn read(kernel: &Path) -> Result<Self> {
        let bytes = fs::read(kernel).with_context(|| format!("cannot read {}", kernel.display()))?;
        let file = object::File::parse(&*bytes).context("cannot read the kernel's file")?;
        let symbol = |wanted: &str| {
            let mut symbols = file.symbols();
            let found = symbols.find(|symbol| symbol.name() == Ok(wanted));
            found
                .map(|symbol| symbol.address())
                .with_context(|| format!("the kernel has no symbol {wanted}"))
        };
        let mut all: Option<Range<u64>> = None;
        for section in file
            .sections()
            .filter(|section| section.kind() == SectionKind::Text)
        {
            let (start, end) = (section.address(), section.address() + section.size());
            all = Some(all.map_or(start..end, |all| all.start.min(start)..all.end.max(end)));
        }
        Ok(Self {
            all: all.context("the kernel has no code")?,
            entry: symbol(ENTRY)?,
            write_read: symbol(WRITE_READ)?,
        })
    }
}

/// The addresses of the instructions of each of the last calls, as the emulator noted them. Calls of other kinds begin
/// anew: what is left are the round trips that the program ends with.
fn last_round_trips(pipe: &Path, code: &Code) -> Result<Vec<Vec<u64>>> {
    let wanted = ROUND_TRIPS * CALLS.len();
    let mut best = Vec::new();
    let mut calls: Vec<Vec<u64>> = Vec::new();
    let mut current: Option<Vec<u64>> = None;
    let file = File::open(pipe).context("cannot read the instructions")?;
    for line in BufReader::with_capacity(1 << 20, file).lines() {
        let Some(address) = address(&line.context("cannot read the instructions")?) else {
            continue;
        };
        if address == code.entry
            && let Some(call) = current.replace(Vec::new())
        {
            if call.contains(&code.write_read) {
                calls.push(call);
            } else {
                calls.clear();
            }
            // Some more, so that the first ones, which may wait for pages, can be left out.
            if calls.len() == 2 * wanted {
                best = calls.split_off(wanted);
                calls.clear();
            }
        }
        if let Some(call) = &mut current {
            call.push(address);
        }
    }
    ensure!(
        best.len() == wanted,
        "the program made too few round trips to be looked at"
    );
    // The client's call is the longest: it takes in two sides.
    let first = (0..CALLS.len()).max_by_key(|&at| best[at].len()).unwrap_or(0);
    best.rotate_left(first);
    Ok(best)
}

/// The address in a line of the form `Trace 0: HOST [CS_BASE/ADDRESS/FLAGS/…] NAME`.
fn address(line: &str) -> Option<u64> {
    let (_, behind) = line.strip_prefix("Trace ")?.split_once('[')?;
    u64::from_str_radix(behind.split('/').nth(1)?, 16).ok()
}

impl Profile {
    fn of(calls: &[Vec<u64>], kernel: &Path) -> Result<Self> {
        let loader = Loader::new(kernel).map_err(|error| anyhow::anyhow!("no debug information: {error}"))?;
        let mut counts: BTreeMap<u64, [usize; CALLS.len()]> = BTreeMap::new();
        for (at, call) in calls.iter().enumerate() {
            for address in call {
                counts.entry(*address).or_default()[at % CALLS.len()] += 1;
            }
        }
        let mut functions: BTreeMap<Function, [usize; CALLS.len()]> = BTreeMap::new();
        for (address, count) in counts {
            let sums = functions.entry(function(&loader, address)).or_default();
            for (sum, count) in sums.iter_mut().zip(count) {
                *sum += count;
            }
        }
        let mut functions: Vec<_> = functions.into_iter().collect();
        functions.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
        Ok(Self { functions })
    }

    /// A table: a row for each function, a column for each call and one for all.
    pub(in crate::tests) fn table(&self) -> String {
        let mut text = String::from("| function | file | all |");
        for call in CALLS {
            let _ = write!(text, " {call} |");
        }
        text.push_str("\n|---|---|---:|");
        text.push_str(&"---:|".repeat(CALLS.len()));
        text.push('\n');
        let mut all = [0; CALLS.len()];
        let mut rest = [0; CALLS.len()];
        for (function, counts) in &self.functions {
            let is_shown = counts.iter().sum::<usize>() >= LEAST * ROUND_TRIPS;
            if is_shown {
                row(&mut text, &format!("`{}`", function.name), &function.file, counts);
            }
            for at in 0..CALLS.len() {
                all[at] += counts[at];
                rest[at] += if is_shown { 0 } else { counts[at] };
            }
        }
        row(&mut text, "all others", "", &rest);
        row(&mut text, "**together**", "", &all);
        text
    }
}

/// Fewer instructions than that are not worth a row.
const LEAST: usize = 5;

fn row(text: &mut String, name: &str, file: &str, counts: &[usize; CALLS.len()]) {
    let per_round_trip = |count: usize| (count + ROUND_TRIPS / 2) / ROUND_TRIPS;
    let all = per_round_trip(counts.iter().sum());
    let _ = write!(text, "| {name} | {file} | {all} |");
    for count in counts {
        let _ = write!(text, " {} |", per_round_trip(*count));
    }
    text.push('\n');
}

/// The function of this tree that an instruction comes from: the innermost one, where libraries are a part of it.
fn function(loader: &Loader, address: u64) -> Function {
    let mut found = None;
    if let Ok(mut frames) = loader.find_frames(address) {
        while let Ok(Some(frame)) = frames.next() {
            let file = frame.location.as_ref().and_then(|location| location.file);
            let name = frame
                .function
                .as_ref()
                .and_then(|function| function.demangle().ok());
            if let (Some(file), Some(name)) = (file, name)
                && let Some(file) = own_file(file)
            {
                found = Some((file.to_owned(), plain_name(&name)));
                break;
            }
        }
    }
    // What is written in assembler has no debug information, but a symbol.
    let (file, name) = found.unwrap_or_else(|| {
        let symbol = loader.find_symbol(address).unwrap_or("?");
        (String::new(), format!("{:#}", demangle(symbol)))
    });
    Function { file, name }
}

/// A source file's path in this tree, if it is one of the kernel's.
fn own_file(file: &str) -> Option<&str> {
    let at = file.rfind("kernel/")?;
    let own = file.get(at..)?;
    let in_registry = file.contains("/registry/") || file.contains("/rustc/") || file.contains("/library/");
    (!in_registry).then_some(own)
}

/// A function's name without its path, its hash and its type parameters.
fn plain_name(name: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0;
    for character in name.chars() {
        match character {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    let parts: Vec<&str> = plain.split("::").filter(|part| !part.is_empty()).collect();
    let is_hash = |part: &str| part.len() == 17 && part.starts_with('h');
    let parts = match parts.as_slice() {
        [rest @ .., last] if is_hash(last) => rest,
        all => all,
    };
    match parts {
        [.., outer, inner] if inner.starts_with('{') => format!("{outer}::{inner}"),
        [.., last] => (*last).to_owned(),
        [] => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{address, own_file, plain_name};

    #[test]
    fn addresses_are_taken_from_the_emulators_lines() {
        let line = "Trace 0: 0x7f3a8c [0000000000000000/ffffffff80012000/0040c0b0/ff000201] entry";
        assert_eq!(address(line), Some(0xffff_ffff_8001_2000));
        assert_eq!(address("CPU Reset (CPU 0)"), None);
    }

    #[test]
    fn functions_are_named_without_paths_hashes_and_types() {
        assert_eq!(
            plain_name("binder_driver::table::Table<T,I>::pair::hf9bcbbba8131cb54"),
            "pair"
        );
        assert_eq!(
            plain_name("<kernel::binder::Caller<R> as binder_driver::Machine>::nice::{{closure}}"),
            "nice::{{closure}}"
        );
        assert_eq!(plain_name("kernel_write_read"), "kernel_write_read");
    }

    #[test]
    fn only_files_of_the_tree_count_as_own() {
        assert_eq!(
            own_file("/somewhere/kernel/binder/src/table.rs"),
            Some("kernel/binder/src/table.rs")
        );
        assert_eq!(own_file("/rustc/0123/library/core/src/option.rs"), None);
        assert_eq!(own_file("/x/registry/src/i/spin-0.12/src/mutex.rs"), None);
    }
}
