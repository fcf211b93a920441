//! The script with which gdb finds the running kernel and its programs, and shows the driver's state.

use std::fmt::Write as _;
use std::fs;
use std::path::{self, Path, PathBuf};

use anyhow::{Context, Result};

use crate::added::Added;
use crate::build;

/// The commands, for gdb's Python.
const COMMANDS: &str = include_str!("bindery.py");

/// What gdb reads first. The words in capitals stand for files.
const SCRIPT: &str = include_str!("bindery.gdb");

/// The socket among the files of a run at which a machine waits for its debugger.
pub(crate) const SOCKET: &str = "gdb";

/// Writes `bindery.gdb` into a folder and gives its path. Kernel and programs are linked where they run, so their
/// symbols need no offset.
pub(crate) fn write_script(folder: &Path, added: &[Added], socket: &Path) -> Result<PathBuf> {
    let commands = folder.join("bindery.gdb.py");
    let built = build::programs()?.into_iter().map(Added::from);
    let mut programs = String::from("PROGRAMS = {\n");
    for Added { file, name } in built.chain(added.iter().cloned()) {
        let file = path::absolute(&file).unwrap_or(file);
        // Rust writes texts as Python reads them, as far as names of files go.
        let _ = writeln!(programs, "    {name:?}: {:?},", file.display().to_string());
    }
    programs.push_str("}\n\n");
    fs::write(&commands, programs + COMMANDS)
        .with_context(|| format!("cannot write {}", commands.display()))?;
    let script = folder.join("bindery.gdb");
    let text = SCRIPT
        .replace("KERNEL", &build::kernel()?.display().to_string())
        .replace("COMMANDS", &commands.display().to_string())
        .replace("SOCKET", &socket.display().to_string());
    fs::write(&script, text).with_context(|| format!("cannot write {}", script.display()))?;
    Ok(script)
}
