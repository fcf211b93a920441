//! Builds the kernel and the programs with cargo.
//!
//! Cargo tells by itself what is out of date; asking it costs a tenth of a second per target.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::layout;

/// The kernel's target: no operating system below it.
const BARE_METAL: &str = "x86_64-unknown-none";

/// The programs' target: what Bindery runs is what Linux runs.
pub(crate) const LINUX: &str = "x86_64-unknown-linux-gnu";

/// Set by the entry scripts where the toolchain has no precompiled libraries for the bare-metal target.
const BUILD_STD: &str = "BINDERY_BUILD_STD";

/// How long cargo may look around before the user is told that it builds something.
const PATIENCE: Duration = Duration::from_millis(800);

/// An executable made from the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Executable {
    /// The name in the guest's `/bin`.
    pub(crate) name: String,
    /// The unstripped file on the host.
    pub(crate) file: PathBuf,
}

/// Builds the kernel.
pub(crate) fn kernel() -> Result<PathBuf> {
    let mut command = cargo_build();
    for_bare_metal(&mut command);
    command.args(["-p", "kernel-program"]);
    let mut made = executables(command, &layout::root().join("kernel"))?;
    made.pop()
        .map(|kernel| kernel.file)
        .context("cargo made no kernel")
}

/// Builds a kernel that can be broken on purpose, beside the real one. What it does matters, not how fast.
pub(crate) fn defective_kernel() -> Result<PathBuf> {
    let mut command = cargo_build();
    for_bare_metal(&mut command);
    command
        .args(["-p", "kernel-program", "--features", "defects", "--target-dir"])
        .arg(layout::target().join("defects"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    let mut made = executables(command, &layout::root().join("kernel"))?;
    made.pop()
        .map(|kernel| kernel.file)
        .context("cargo made no kernel")
}

/// Builds the programs: the binaries of all packages below `userland/`, sorted by name.
pub(crate) fn programs() -> Result<Vec<Executable>> {
    let mut command = cargo_build();
    for_linux(&mut command);
    command.arg("--bins");
    let mut made = executables(command, &layout::root().join("userland"))?;
    // What others are made from is no program itself.
    made.retain(|program| !program.name.starts_with("template"));
    made.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(made)
}

/// Cargo with one of its commands, at the root of the tree.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(layout::root())
        .env("CARGO_TARGET_DIR", layout::target())
        .arg(subcommand);
    command
}

/// Makes cargo work for the machine without an operating system.
pub(crate) fn for_bare_metal(command: &mut Command) {
    command.args(["--target", BARE_METAL]);
    if env::var_os(BUILD_STD).is_some() {
        command
            .arg("-Zbuild-std=core,alloc,compiler_builtins")
            .env("RUSTC_BOOTSTRAP", "1");
    }
}

/// Makes cargo work on the packages that hold programs. They have frame pointers, which the kernel follows when one
/// of them faults.
pub(crate) fn for_linux(command: &mut Command) {
    command.env(
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
        "-Cforce-frame-pointers=yes",
    );
    command.args([
        "--target",
        LINUX,
        "--workspace",
        "--exclude",
        "boot",
        "--exclude",
        "kernel",
        "--exclude",
        "kernel-program",
    ]);
}

fn cargo_build() -> Command {
    let mut command = cargo("build");
    command.args([
        "--quiet",
        "--release",
        "--message-format",
        "json-render-diagnostics",
    ]);
    command
}

/// Runs cargo and gives the executables of the packages below `folder`; cargo's complaints go to stderr.
///
/// Nothing is said when cargo finds at once that nothing is to be done.
fn executables(mut command: Command, folder: &Path) -> Result<Vec<Executable>> {
    let child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo")?;
    let (done_sender, done_receiver) = mpsc::channel::<()>();
    let name = folder.file_name().unwrap_or_default().display().to_string();
    let patience = thread::spawn(move || {
        if done_receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            eprintln!("bindery: building the {name}");
        }
    });
    let done = child.wait_with_output().context("cannot wait for cargo")?;
    drop(done_sender);
    // The thread only writes a line.
    let _ = patience.join();
    ensure!(done.status.success(), "cargo could not build Bindery");
    let messages = String::from_utf8_lossy(&done.stdout);
    Ok(messages
        .lines()
        .filter_map(|line| executable(line, folder))
        .collect())
}

/// The executable that one of cargo's messages tells of.
fn executable(message: &str, folder: &Path) -> Option<Executable> {
    let message: Value = serde_json::from_str(message).ok()?;
    let package = Path::new(message.get("manifest_path")?.as_str()?);
    if !package.starts_with(folder) {
        return None;
    }
    Some(Executable {
        name: message.get("target")?.get("name")?.as_str()?.to_owned(),
        file: message.get("executable")?.as_str()?.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Executable, executable};

    #[test]
    fn only_executables_of_the_wanted_folder_count() {
        let made = r#"{"reason":"compiler-artifact","manifest_path":"/t/userland/shell/Cargo.toml",
            "target":{"kind":["bin"],"name":"shell"},"executable":"/o/shell"}"#;
        let library =
            r#"{"manifest_path":"/t/userland/rt/Cargo.toml","target":{"name":"rt"},"executable":null}"#;
        let folder = Path::new("/t/userland");
        let shell = Executable {
            name: "shell".to_owned(),
            file: "/o/shell".into(),
        };
        assert_eq!(executable(made, folder), Some(shell));
        assert_eq!(executable(made, Path::new("/t/kernel")), None);
        assert_eq!(executable(library, folder), None);
        assert_eq!(executable("plain text", folder), None);
    }
}
