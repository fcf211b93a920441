//! Services of a user's own: made in a copy of the tree by the commands that a user types, and called.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::tally::Tally;
use crate::layout;

/// The service that is made in the tree, and the one outside.
const NAMES: [&str; 2] = ["greeter", "visitor"];

/// What is no source.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// What a user's commands are run with, so that the copy is built in less time. How fast it runs does not matter.
const QUICK: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

/// A check: its name and what it does with the copy.
type Check = (&'static str, fn(&Copied) -> Result<()>);

const CHECKS: [Check; 3] = [
    ("a new service is built, started, found and called", inside),
    ("names that a new service cannot have are refused", refused),
    ("a service outside the tree is built, added and called", outside),
];

/// Runs those whose names contain `word`.
pub(super) fn run(tally: &mut Tally, word: &str) -> Result<()> {
    let chosen: Vec<&Check> = CHECKS.iter().filter(|(name, _)| name.contains(word)).collect();
    if chosen.is_empty() {
        return Ok(());
    }
    println!("guest: services of one's own");
    let copied = Copied::new()?;
    for (name, check) in chosen {
        tally.record(name, check(&copied).map_err(|error| format!("{error:#}")));
    }
    Ok(())
}

/// A copy of the tree. It is kept from run to run, so that only what has changed is built again.
struct Copied {
    tree: PathBuf,
    outside: PathBuf,
    target: PathBuf,
}

/// What a command did.
struct Done {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Copied {
    fn new() -> Result<Self> {
        let folder = layout::target().join("own");
        let copied = Self {
            tree: folder.join("tree"),
            outside: folder.join("outside"),
            target: folder.join("target"),
        };
        remove(&copied.outside)?;
        for name in NAMES {
            remove(&copied.tree.join("userland/services").join(name))?;
        }
        synchronise(&layout::root(), &copied.tree)?;
        fs::create_dir_all(&copied.outside)?;
        fs::create_dir_all(copied.tree.join("target"))?;
        // The boot loader depends on nothing that a user changes, and takes minutes.
        let loader = copied.tree.join("target/image");
        if fs::symlink_metadata(&loader).is_err() {
            symlink(layout::cache().join("image"), &loader).context("cannot link the boot loader")?;
        }
        Ok(copied)
    }

    /// Runs a command in the copy's root.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Done> {
        self.run_in(&self.tree, program, arguments)
    }

    fn run_in(&self, folder: &Path, program: &str, arguments: &[&str]) -> Result<Done> {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .envs(QUICK)
            .env("CARGO_TARGET_DIR", &self.target)
            .output()
            .with_context(|| format!("cannot run {program}"))?;
        Ok(Done {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Done {
    /// Fails unless the command succeeded and printed all of these.
    fn expect(&self, wanted: &[&str]) -> Result<()> {
        let Self {
            status,
            stdout,
            stderr,
        } = self;
        ensure!(*status == 0, "status {status}\n{stdout}{stderr}");
        for text in wanted {
            ensure!(
                stdout.contains(text),
                "{text:?} was not printed\n{stdout}{stderr}"
            );
        }
        Ok(())
    }
}

fn inside(copied: &Copied) -> Result<()> {
    let [name, _] = NAMES;
    copied
        .run("./run-qemu.sh", &["new", name])?
        .expect(&["service call greeter 1 s16 you"])?;
    let line = "service check greeter && service call greeter 1 s16 you && greeter-client you";
    copied.run("./run-qemu.sh", &["--exec", line])?.expect(&[
        "Service greeter: found\n",
        "00000000 0000000b 00650048 006c006c '........H.e.l.l.'",
        "Hello, you!\n2 greeted so far\n",
    ])?;
    let clippy = [
        "clippy",
        "--quiet",
        "-p",
        name,
        "--target",
        "x86_64-unknown-linux-gnu",
        "--",
        "-D",
        "warnings",
    ];
    copied.run("cargo", &clippy)?.expect(&[])?;
    copied.run("cargo", &["fmt", "-p", name, "--check"])?.expect(&[])
}

fn refused(copied: &Copied) -> Result<()> {
    let refusals = [
        (
            "shell",
            "shell is the name of a program already, in userland/shell",
        ),
        ("9lives", "'9lives' is not an identifier"),
        ("two-words", "'two-words' is not an identifier"),
        ("fn", "'fn' means something else in Rust"),
        ("sleep", "'sleep' is a command of the shell"),
        ("trace", "'trace' is a command of the shell"),
        (
            "manager",
            "'manager' means something else to cargo or to servicemanager",
        ),
    ];
    for (name, complaint) in refusals {
        let done = copied.run("./run-qemu.sh", &["new", name])?;
        ensure!(done.status == 2, "{name}: status {}", done.status);
        ensure!(done.stderr.contains(complaint), "{name}: {}", done.stderr);
        let lines = done.stderr.lines();
        let said = lines
            .filter(|line| !line.starts_with("bindery: building"))
            .count();
        ensure!(said == 1, "{name}: {}", done.stderr);
    }
    Ok(())
}

fn outside(copied: &Copied) -> Result<()> {
    let [_, name] = NAMES;
    let folder = copied.outside.to_string_lossy();
    copied
        .run("./run-qemu.sh", &["new", name, "--at", &folder])?
        .expect(&["--add"])?;
    let package = copied.outside.join(name);
    copied
        .run_in(&package, "cargo", &["build", "--quiet", "--release"])?
        .expect(&[])?;
    copied
        .run_in(&package, "cargo", &["test", "--quiet"])?
        .expect(&["1 passed"])?;
    let programs = copied.target.join("release");
    let added = [programs.join(name), programs.join(format!("{name}-client"))];
    let [service, client] = added.each_ref().map(|file| file.to_string_lossy());
    let line = "visitor & visitor-client you && service call visitor 2";
    let arguments = ["--add", &service, "--add", &client, "--exec", line];
    copied.run("./run-qemu.sh", &arguments)?.expect(&[
        "Hello, you!\n1 greeted so far\n",
        "Result: Parcel(00000000 00000001",
    ])
}

/// Makes `to` the same as `from`, and touches only what differs.
fn synchronise(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let mut names = Vec::new();
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if LEFT_OUT.iter().any(|left_out| name == *left_out) {
            continue;
        }
        let (source, copy) = (entry.path(), to.join(&name));
        if entry.file_type()?.is_dir() {
            synchronise(&source, &copy)?;
        } else {
            let modified = entry.metadata()?.modified()?;
            let same = fs::metadata(&copy)
                .and_then(|data| data.modified())
                .is_ok_and(|time| time == modified);
            if !same {
                fs::copy(&source, &copy).with_context(|| format!("cannot copy {}", source.display()))?;
                fs::File::options()
                    .write(true)
                    .open(&copy)?
                    .set_modified(modified)?;
            }
        }
        names.push(name);
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        let name = entry.file_name();
        if !names.contains(&name) && !LEFT_OUT.iter().any(|left_out| name == *left_out) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a file or a folder, if there is one.
fn remove(path: &Path) -> Result<()> {
    let Ok(data) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if data.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
    .with_context(|| format!("cannot remove {}", path.display()))
}
