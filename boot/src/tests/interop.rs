//! The programs of `interop/`: rsbinder's own tools and what is written with that crate.
//!
//! They form a workspace of their own with its own lock file. Everything is compiled once, so that it may lie anywhere;
//! only the last step differs between a program at fixed addresses and one that may lie anywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};

use crate::added::Added;
use crate::build::LINUX;
use crate::layout;

/// Each program and the package it comes from.
const PROGRAMS: &[(&str, &str)] = &[
    ("rsb_hub", "rsbinder-tools"),
    ("rsb_service", "rsbinder-tools"),
    ("rs-hello", "interop"),
    ("rs-hello-async", "interop"),
];

/// What a program's name ends with when it is to be built so that it may lie anywhere.
pub(super) const ANYWHERE: &str = "-pie";

/// The package of the program with that name, if it is one of these.
pub(super) fn package_of(name: &str) -> Option<&'static str> {
    let stem = name.strip_suffix(ANYWHERE).unwrap_or(name);
    PROGRAMS
        .iter()
        .find(|(program, _)| *program == stem)
        .map(|(_, package)| *package)
}

/// Builds a program of that package.
pub(super) fn build(name: &str, package: &str) -> Result<Added> {
    // Both kinds of a program leave cargo under one name, so one is built and kept at a time; each once in a run.
    static BUILT: Mutex<BTreeMap<String, Added>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(added) = built.get(name) {
        return Ok(added.clone());
    }
    let added = make(name, package)?;
    built.insert(name.to_owned(), added.clone());
    Ok(added)
}

fn make(name: &str, package: &str) -> Result<Added> {
    let work = layout::target().join("interop");
    if !work.exists() {
        eprintln!("bindery: building rsbinder and its compiler; this happens once and takes some minutes");
    }
    let stem = name.strip_suffix(ANYWHERE).unwrap_or(name);
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(layout::root().join("interop"))
        .env("CARGO_TARGET_DIR", &work)
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .args(["rustc", "--quiet", "--release", "--locked", "--target", LINUX])
        .args(["--package", package, "--bin", stem, "--"]);
    if stem == name {
        command.args(["-C", "relocation-model=static"]);
    }
    let done = command.output().context("cannot run cargo")?;
    ensure!(
        done.status.success(),
        "cargo: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    let file = layout::target().join("programs").join(name);
    keep(&work.join(LINUX).join("release").join(stem), &file)?;
    Ok(Added {
        file,
        name: name.to_owned(),
    })
}

/// Copies a program to its place, unless it lies there already: an image is made anew when a file in it is newer.
fn keep(made: &Path, file: &Path) -> Result<()> {
    let content = fs::read(made).with_context(|| format!("cannot read {}", made.display()))?;
    if fs::read(file).is_ok_and(|kept| kept == content) {
        return Ok(());
    }
    let Some(directory) = file.parent() else {
        bail!("{} is no file", file.display());
    };
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    fs::write(file, content).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::package_of;

    #[test]
    fn programs_are_known_in_both_kinds() {
        assert_eq!(package_of("rsb_hub"), Some("rsbinder-tools"));
        assert_eq!(package_of("rsb_hub-pie"), Some("rsbinder-tools"));
        assert_eq!(package_of("raw"), None);
    }
}
