//! Tests that need no emulator: cargo's, clippy's opinion, the format.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::tally::Tally;
use crate::build;

/// Runs them all.
pub(super) fn run(tally: &mut Tally) -> Result<()> {
    println!("host: cargo test");
    cargo_test(tally)?;
    let deny = ["--", "-D", "warnings"];

    let mut own = build::cargo("clippy");
    // Not the shell's program: a freestanding one cannot be built together with what needs the standard library.
    own.args(["--quiet", "--lib", "--tests", "--examples", "--bin", "boot"])
        .args(deny);
    check(
        tally,
        "clippy has nothing to say about what runs on the host",
        own,
    )?;

    let mut kernel = build::cargo("clippy");
    build::for_bare_metal(&mut kernel);
    kernel
        .args(["--quiet", "-p", "kernel", "-p", "kernel-program"])
        .args(deny);
    check(tally, "clippy has nothing to say about the kernel", kernel)?;

    let mut programs = build::cargo("clippy");
    build::for_linux(&mut programs);
    programs.args(["--quiet", "--bins", "--lib"]).args(deny);
    check(tally, "clippy has nothing to say about the programs", programs)?;

    let mut format = build::cargo("fmt");
    format.args(["--all", "--check"]);
    check(tally, "all is formatted", format)?;

    let mut interop = build::cargo("fmt");
    interop.args(["--manifest-path", "interop/Cargo.toml", "--check"]);
    check(tally, "the programs of interop/ are formatted", interop)
}

/// Runs `cargo test` in view of the user and counts its tests.
fn cargo_test(tally: &mut Tally) -> Result<()> {
    let mut command = build::cargo("test");
    command.args(["--quiet", "--no-fail-fast"]).stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot run cargo")?;
    let mut sum = Tally::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("cannot read what cargo writes")?;
            println!("{line}");
            sum.add(Tally::of_cargo_line(&line).unwrap_or_default());
        }
    }
    let status = child.wait().context("cannot wait for cargo")?;
    tally.add(sum);
    if !status.success() && !sum.has_failures() {
        tally.record("cargo test", Err(format!("cargo ended with {status}")));
    }
    Ok(())
}

fn check(tally: &mut Tally, name: &str, mut command: Command) -> Result<()> {
    let done = command.output().context("cannot run cargo")?;
    let complaints = [done.stdout, done.stderr].concat();
    let complaints = String::from_utf8_lossy(&complaints).into_owned();
    tally.record(
        name,
        if done.status.success() {
            Ok(())
        } else {
            Err(complaints)
        },
    );
    Ok(())
}
