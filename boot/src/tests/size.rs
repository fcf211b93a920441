//! The kernel's size: what of its file the boot loader loads, without symbols and debug information.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use object::{File, Object, ObjectSegment};

use super::tally::Tally;
use crate::build;

/// The recorded size in bytes. It may grow by one part in fifty.
const RECORDED: u64 = 365_100;

/// Compares the kernel's size with what is recorded, if the name contains `word`.
pub(super) fn run(tally: &mut Tally, word: &str) -> Result<()> {
    let name = "the kernel is no larger than recorded";
    if !name.contains(word) {
        return Ok(());
    }
    let size = loaded(&build::kernel()?)?;
    let outcome = if size <= RECORDED + RECORDED / 50 {
        Ok(())
    } else {
        Err(format!("{size} bytes are loaded; {RECORDED} are recorded"))
    };
    tally.record(name, outcome);
    Ok(())
}

/// How many bytes of a program file are loaded.
pub(super) fn loaded(file: &Path) -> Result<u64> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let file = File::parse(&*bytes).context("the kernel is no ELF file")?;
    Ok(file.segments().map(|segment| segment.file_range().1).sum())
}
