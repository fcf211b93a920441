//! The script with which gdb finds the running kernel.

use std::fs;

use anyhow::{Context, Result};

use crate::build;
use crate::layout;

/// Where the boot loader places the kernel: the begin of the range the kernel asks for.
const KERNEL_BASE: u64 = 0xffff_8000_0000_0000;

/// Writes `bindery.gdb` and says how to use it.
pub(crate) fn write_script() -> Result<()> {
    let script = layout::target().join("bindery.gdb");
    let kernel = build::kernel()?;
    let text = format!(
        "set architecture i386:x86-64\nadd-symbol-file {} -o {KERNEL_BASE:#x}\ntarget remote localhost:1234\n",
        kernel.display()
    );
    fs::write(&script, text).with_context(|| format!("cannot write {}", script.display()))?;
    eprintln!("bindery: the machine waits for: gdb -x {}", script.display());
    Ok(())
}
