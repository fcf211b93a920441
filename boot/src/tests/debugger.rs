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

const NAME: &str = "gdb stops the kernel and shows procs, threads, nodes and refs of the driver";

/// What gdb is told once its script has run: to stop when everything is over, look, and let go.
const DEEDS: &str = "boot
backtrace 1
thbreak kernel::arch::x86_64::power::power_off
continue
binder procs
binder threads 1
binder nodes
binder refs
program demo
info symbol main
detach
";

/// What it must write, line by line; other lines may stand between.
const SHOWN: Stdout = Stdout::Lines(&[
    "#0  kernel::main",
    "  PID CONTEXT   THREADS NODES REFS",
    "    0 Kernel ",
    "    1 Kernel ",
    "  PID       TASK STATE",
    "    1          1 ",
    " NODE OWNER POINTER            STRONG LOCAL",
    "    1     0 0x0 ",
    "  PID HANDLE STRONG WEAK  NODE OWNER",
    "    1      0      1 ",
    "the symbols of demo are loaded",
]);

pub(super) fn run(tally: &mut Tally, word: &str, parts: &Parts) -> Result<()> {
    if NAME.contains(word) {
        let outcome = debug(parts).map_err(|error| format!("{error:#}"));
        tally.record(NAME, outcome.and_then(|shown| SHOWN.check(&shown)));
    }
    Ok(())
}

/// Runs a line under gdb and gives what gdb wrote.
fn debug(parts: &Parts) -> Result<String> {
    let case = Case {
        line: "true",
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
