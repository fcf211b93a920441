//! `docs/performance.md`: the figures as tables and curves.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::measurement::Measurements;
use super::plot;
use super::profile::Profile;
use crate::layout;

/// A system and what was measured on it.
pub(super) struct System {
    /// Its name.
    pub(super) name: &'static str,
    /// Its figures.
    pub(super) figures: Measurements,
}

/// What each quantity of the benchmark means, in the order of the tables.
const QUANTITIES: &[(&str, &str)] = &[
    ("unknown_call", "a system call that does not exist"),
    ("getppid", "`getppid`"),
    ("ioctl_version", "`ioctl` `BINDER_VERSION`"),
    ("ioctl_empty_write_read", "`ioctl` `BINDER_WRITE_READ`, empty"),
    (
        "open_map_version_close",
        "open a device, map its region, one `ioctl`, close",
    ),
    ("roundtrip_kernel", "round trip, N bytes there, kernel only"),
    (
        "roundtrip_total",
        "round trip, N bytes there, both programs included",
    ),
    (
        "roundtrip_both_ways_kernel",
        "round trip, N bytes there and back, kernel only",
    ),
    (
        "oneway_kernel",
        "one-way message of N bytes, both sides, kernel only",
    ),
    ("nested_total", "calls nested N deep, both programs included"),
    (
        "new_node_and_handle_kernel",
        "a call with a new node, N handles known, kernel only",
    ),
    (
        "roundtrip_kernel_by_handles",
        "round trip, N handles known, kernel only",
    ),
    (
        "roundtrip_kernel_by_buffers",
        "round trip, N buffers not freed, kernel only",
    ),
    (
        "roundtrip_kernel_by_threads",
        "round trip, N threads waiting, kernel only",
    ),
    (
        "roundtrip_total_by_clients",
        "round trip, N clients and as many threads, all included",
    ),
    (
        "roundtrip_kernel_long",
        "10,000 round trips of 0 bytes, kernel only",
    ),
    (
        "fork_execute_start",
        "`fork`, `execve`, and a program's first instruction of `main`",
    ),
    ("death_with_handles", "the end of a process that holds N handles"),
];

/// The curves: a file's name, a title, what the axis counts, the quantity.
const CURVES: &[(&str, &str, &str, &str)] = &[
    ("roundtrip", "Round trip by payload", "bytes", "roundtrip_kernel"),
    ("nested", "Calls within calls", "depth", "nested_total"),
    (
        "handles",
        "Round trip by handles",
        "handles held",
        "roundtrip_kernel_by_handles",
    ),
    (
        "new-nodes",
        "New node and handle in a call",
        "handles held",
        "new_node_and_handle_kernel",
    ),
    (
        "buffers",
        "Round trip by unfreed buffers",
        "buffers",
        "roundtrip_kernel_by_buffers",
    ),
    (
        "threads",
        "Round trip by idle threads",
        "threads",
        "roundtrip_kernel_by_threads",
    ),
    (
        "clients",
        "Round trip by clients",
        "clients",
        "roundtrip_total_by_clients",
    ),
];

/// How it was measured.
const METHOD: &str = "# Performance

This page is written by `./test.sh bench`. It shows what the same static program, `binder-bench`, measured on Bindery and
on Debian's Linux with its binder driver, in the same QEMU.

The unit is the guest instruction. With `--icount` QEMU lets one nanosecond pass for each instruction, so the processor's
counter counts instructions, and the same figures come out again. The processor model has no fast string moves, since an
emulator counts each byte of those. Linux comes to rest for 40 s of its time before it is measured. *Kernel only* leaves out
what the two programs do outside the kernel. A figure is the middle of all measurements (p50). Cycles of real hardware are
not measured here. Linux 6.1 is not measured with many handles: it looks for a free one by trying all.

A round trip is Linux's: three `ioctl` calls, a call and a reply, each freed; `BR_TRANSACTION_COMPLETE` of the reply is read
on its own.
";

/// How size and footprint were measured.
const FOOTPRINT: &str = "
## Size and footprint

The kernel's size is what the boot loader loads of its file: code, constants, initial data; no symbols, no debug information.
The rest is what `demo footprint` says. It starts 32 programs that open binder, map 1 MiB and wait, and divides the frames
that are no longer free by their number: page tables, kernel objects, the program's own data and stack. It compares what
six programs with 512 waiting threads each take of the kernel's heap with what six without take: threads that wait in the read of
a pipe, and threads that wait in a read of binder. And it asks servicemanager for all services
as soon as the system is up; until the answer the machine has taken so many instructions since the kernel's first.

| | Bindery | wanted |
|---|---:|---:|
";

/// How the profile was made.
const PROFILE: &str = "
## Where a round trip's instructions go

A hundred round trips of 0 bytes, one instruction at a time; `./test.sh profile` prints the same table. A function counts
without those that it calls or that the compiler made part of it, which have rows of their own; what comes from libraries
counts for the function that uses them. Each of the three calls counts from its entry to the next call's.

";

/// The rows: what, the figure's name, what is wanted.
const FOOTPRINT_ROWS: [(&str, &str, u64); 4] = [
    (
        "bytes for an idle process with a mapped region",
        "idle_process_bytes",
        72 << 10,
    ),
    (
        "bytes of the kernel's heap for a thread that waits in a pipe",
        "blocked_in_pipe_bytes",
        1 << 10,
    ),
    (
        "bytes of the kernel's heap for a thread that waits in binder",
        "blocked_in_binder_bytes",
        1 << 10,
    ),
    (
        "instructions from the kernel's first to servicemanager's answer",
        "start_to_answer",
        60_000_000,
    ),
];

/// The size the kernel is wanted to have at most.
const SIZE_WANTED: u64 = 384 << 10;

/// Writes the document and the curves.
pub(super) fn write(
    systems: &[System],
    footprint: &Measurements,
    size: u64,
    profile: &Profile,
) -> Result<()> {
    let mut text = METHOD.to_owned();
    text.push_str(FOOTPRINT);
    writeln!(
        text,
        "| bytes of the kernel that are loaded | {size} | {SIZE_WANTED} |"
    )?;
    for (meaning, name, wanted) in FOOTPRINT_ROWS {
        let figure = footprint
            .find(name, 0)
            .context("a figure of the footprint is missing")?;
        writeln!(text, "| {meaning} | {} | {wanted} |", figure.p50)?;
    }
    let known = |name: &str| QUANTITIES.iter().any(|(known, _)| *known == name);
    text.push_str("\n## Figures\n");
    for (name, meaning) in QUANTITIES {
        table(&mut text, name, &format!("{meaning} (`{name}`)"), systems)?;
    }
    let mut others: Vec<&str> = Vec::new();
    for figure in systems.iter().flat_map(|system| system.figures.iter()) {
        if !known(&figure.name) && !others.contains(&figure.name.as_str()) {
            others.push(&figure.name);
        }
    }
    for name in others {
        table(&mut text, name, &format!("`{name}`"), systems)?;
    }
    text.push_str(PROFILE);
    text.push_str(&profile.table());
    text.push_str("\n## Curves\n");
    for (file, title, axis, name) in CURVES {
        let lines: Vec<_> = systems
            .iter()
            .map(|system| (system.name, system.figures.curve(name)))
            .filter(|(_, curve)| curve.len() > 1)
            .collect();
        if lines.is_empty() {
            continue;
        }
        let path = format!("docs/figures/performance-{file}.svg");
        plot::draw(&layout::root().join(&path), title, axis, &lines)?;
        write!(text, "\n![{title}](figures/performance-{file}.svg)\n")?;
    }
    let path = layout::root().join("docs/performance.md");
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A quantity's table: a row for each parameter, a column for each system, and how Linux compares.
fn table(text: &mut String, name: &str, heading: &str, systems: &[System]) -> Result<()> {
    let mut parameters: Vec<u64> = Vec::new();
    for (parameter, _) in systems.iter().flat_map(|system| system.figures.curve(name)) {
        if !parameters.contains(&parameter) {
            parameters.push(parameter);
        }
    }
    let [own, others @ ..] = systems else {
        return Ok(());
    };
    if parameters.is_empty() {
        return Ok(());
    }
    write!(text, "\n**{heading}**\n\n| N | {}", own.name)?;
    for other in others {
        write!(text, " | {} | times", other.name)?;
    }
    write!(text, " |\n|---:|---:{}|\n", "|---:|---:".repeat(others.len()))?;
    for parameter in parameters {
        let figure = own.figures.find(name, parameter);
        let shown = figure.map_or_else(|| "–".to_owned(), |figure| figure.p50.to_string());
        write!(text, "| {parameter} | {shown}")?;
        for other in others {
            match (figure, other.figures.find(name, parameter)) {
                (Some(own), Some(other)) => {
                    let times = other.p50 as f64 / own.p50.max(1) as f64;
                    write!(text, " | {} | {times:.1}", other.p50)?;
                }
                (None, Some(other)) => write!(text, " | {} | –", other.p50)?,
                (_, None) => text.push_str(" | – | –"),
            }
        }
        text.push_str(" |\n");
    }
    Ok(())
}
