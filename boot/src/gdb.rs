//! The script with which gdb finds the running kernel.

use std::fs;

use anyhow::{Context, Result};

use crate::build;
use crate::layout;

/// Writes `bindery.gdb` and says how to use it. The kernel is linked where it runs, so its symbols need no offset.
pub(crate) fn write_script() -> Result<()> {
    let script = layout::target().join("bindery.gdb");
    let kernel = build::kernel()?;
    let text = format!(
        "set architecture i386:x86-64\nfile {}\ntarget remote localhost:1234\n",
        kernel.display()
    );
    fs::write(&script, text).with_context(|| format!("cannot write {}", script.display()))?;
    eprintln!("bindery: the machine waits for: gdb -x {}", script.display());
    Ok(())
}
