//! A run under gdb: the script finds the kernel, and its commands show the driver's state.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::case::{CASE, Case, Stdout};
use super::tally::Tally;
use crate::bindery;
use crate::gdb;
use crate::image::Parts;
use crate::layout::Scratch;
use crate::options::Options;
use crate::qemu::{Ended, Programs};

const NAME: &str =
    "gdb stops the kernel and a named program, and shows procs, threads, nodes and refs of the driver";

/// What gdb is told once its script has run: to stop in a program, and when everything is over, to look, and let go.
const DEEDS: &str = "boot
backtrace 1
program demo
thbreak demo::program_entered
continue
backtrace 1
thbreak kernel::arch::x86_64::power::power_off
continue
binder procs
binder threads
binder nodes
binder refs
detach
";

/// What it must write, line by line; other lines may stand between.
const SHOWN: Stdout = Stdout::Lines(&[
    "#0  kernel::main",
    "the symbols of demo are loaded",
    "#0  demo::program_entered",
    "  PID CONTEXT   THREADS NODES REFS",
    "    0 Kernel ",
    "    1 Kernel ",
    "  PID       TASK STATE",
    "    1          1 ",
    " NODE OWNER POINTER            STRONG LOCAL",
    "    1     0 0x0 ",
    "  PID HANDLE STRONG WEAK  NODE OWNER",
    "    1      0      1 ",
]);

/// The first words of the heads of the tables: of procs, and those of threads, nodes and refs, with the column in which
/// the procs tell how many of them there are.
const HEADS: [&str; 4] = ["PID CONTEXT", "PID TASK", "NODE OWNER", "PID HANDLE"];

pub(super) fn run(tally: &mut Tally, word: &str, parts: &Parts) -> Result<()> {
    if NAME.contains(word) {
        let outcome = debug(parts).map_err(|error| format!("{error:#}"));
        tally.record(
            NAME,
            outcome.and_then(|shown| SHOWN.check(&shown).and_then(|()| agree(&shown))),
        );
    }
    Ok(())
}

/// The tables agree: there are as many threads, nodes and refs as the procs say that they have. So a change of the
/// driver's own tables, which the commands read as memory, does not go unnoticed.
fn agree(shown: &str) -> Result<(), String> {
    let rows = |head: &str| -> Vec<Vec<&str>> {
        let mut lines = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let _head = lines.find(|words| words.join(" ").starts_with(head));
        // A row begins with a number.
        let is_row = |words: &Vec<&str>| words.first().is_some_and(|word| word.parse::<u32>().is_ok());
        lines.take_while(is_row).collect()
    };
    let [procs, tables @ ..] = HEADS;
    let procs = rows(procs);
    for (place, head) in tables.into_iter().enumerate() {
        let told = procs
            .iter()
            .filter_map(|row| row.get(2 + place)?.parse::<usize>().ok());
        // A node whose owner is dead is in the table while others refer to it, and no proc has it.
        let is_owned = |row: &&Vec<&str>| row.get(1) != Some(&"dead");
        let (told, listed) = (told.sum::<usize>(), rows(head).iter().filter(is_owned).count());
        if told == 0 || told != listed {
            return Err(format!(
                "procs tell of {told}, and {listed} are listed, in {head}\n{shown}"
            ));
        }
    }
    Ok(())
}

/// Runs a line under gdb and gives what gdb wrote.
fn debug(parts: &Parts) -> Result<String> {
    let case = Case {
        line: "demo callback",
        timeout: 120,
        ..CASE
    };
    let options = Options {
        gdb: true,
        ..case.options()?
    };
    let image = parts.image(&options.add, options.firmware)?;
    let scratch = Scratch::new()?;
    let machine = bindery::machine(&options, &image, &scratch)?;
    let socket = scratch.file(gdb::SOCKET);
    let script = gdb::write_script(&scratch.folder(), &options.add, &socket)?;
    thread::scope(|scope| {
        let debugger = scope.spawn(|| run_gdb(&script, &socket, &scratch.file("deeds")));
        let ended = machine.run(Programs::Captured(&mut Vec::new()))?;
        let shown = debugger
            .join()
            .unwrap_or_else(|_| anyhow::bail!("gdb's thread ended"))?;
        ensure!(
            ended == Ended::Status(0),
            "the run ended with {ended:?}; gdb wrote:\n{shown}"
        );
        Ok(shown)
    })
}

fn run_gdb(script: &Path, socket: &Path, deeds: &Path) -> Result<String> {
    fs::write(deeds, DEEDS).context("cannot write what gdb shall do")?;
    while !socket.exists() {
        thread::sleep(Duration::from_millis(20));
    }
    let done = Command::new("timeout")
        .args(["--kill-after=5", "90", "gdb", "-nx", "-q", "-batch", "-x"])
        .arg(script)
        .arg("-x")
        .arg(deeds)
        .output()
        .context("cannot run gdb")?;
    Ok(String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}
