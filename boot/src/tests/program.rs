//! Programs of other people's kind, built on the host for Linux, static: small ones in C, and those of `interop/`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::interop::{self, ANYWHERE};
use crate::added::Added;
use crate::layout::{self, Scratch};

/// What sources in `boot/programs` may include.
const SHARED: [&str; 2] = ["try.h", "talk.h"];

/// A source in `boot/programs`, by its name without `.c`, or a program of `interop/`. A name with `-pie` at its end is the
/// same program, built so that it may lie anywhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Program(pub(super) &'static str);

impl Program {
    /// Builds it and gives it as a file to be added under its own name.
    pub(super) fn build(self) -> Result<Added> {
        let Self(name) = self;
        if let Some(package) = interop::package_of(name) {
            return interop::build(name, package);
        }
        let sources = layout::root().join("boot/programs");
        let (stem, flags): (_, &[_]) = match name.strip_suffix(ANYWHERE) {
            Some(stem) => (stem, &["-static-pie", "-fPIE"]),
            None => (name, &["-static"]),
        };
        let source = sources.join(format!("{stem}.c"));
        let directory = layout::target().join("programs");
        let file = directory.join(name);
        let times = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        let shared = SHARED.iter().map(|name| times(&sources.join(name))).max();
        let changed = times(&source).max(shared.flatten());
        if times(&file).is_none() || times(&file) < changed {
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            let scratch = Scratch::new()?;
            let made = scratch.file(name);
            let compiler = Command::new("cc")
                .args(flags)
                .args(["-O1", "-o"])
                .arg(&made)
                .arg(&source)
                .output();
            let done = compiler.context("cannot run cc")?;
            ensure!(
                done.status.success(),
                "cc: {}",
                String::from_utf8_lossy(&done.stderr)
            );
            fs::rename(&made, &file).with_context(|| format!("cannot make {}", file.display()))?;
        }
        Ok(Added {
            file,
            name: name.to_owned(),
        })
    }
}
