//! `new NAME`: a service of the user's own, made from `userland/template`.
//!
//! In the tree it becomes a package in `userland/services`, which is built and started like the others there. Outside it
//! becomes a crate that depends on `libbinder` by its path, whose programs are added with `--add`.

use std::fs;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::layout;

/// What the template calls itself, in both spellings.
const PLACEHOLDERS: [&str; 2] = ["template", "Template"];

/// The manifest of a crate outside the tree, among the template's files.
const OUTSIDE_MANIFEST: &str = "outside.toml";

/// Cargo's settings for such a crate, among the template's files and in the crate.
const OUTSIDE_SETTINGS: (&str, &str) = ("outside-config.toml", ".cargo/config.toml");

/// What stands for the path of libbinder in the manifest.
const LIBBINDER: &str = "@libbinder@";

/// Names that mean something else in Rust: its keywords, and the crates that every program has.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// The words that the guest's shell takes as commands of its own: a program of that name could not be started by it.
const SHELL_WORDS: &[&str] = &[
    "binder", "cat", "dmesg", "dumpsys", "echo", "exit", "export", "false", "free", "handles", "help",
    "jobs", "kill", "ls", "panic", "poweroff", "ps", "reboot", "service", "set", "sleep", "trace", "true",
    "unset", "uptime", "wait",
];

/// Names that cargo keeps for folders and libraries of its own, and the one under which servicemanager knows itself.
const KEPT: &[&str] = &["build", "deps", "examples", "incremental", "manager"];

/// What `run-qemu.sh new` understands.
#[derive(Args, Debug)]
#[command(override_usage = "./run-qemu.sh new NAME [--at FOLDER]")]
pub(crate) struct Options {
    /// The service's name: small letters, digits and underscores.
    name: String,
    /// Makes it in FOLDER/NAME, outside the tree.
    #[arg(long, value_name = "FOLDER")]
    at: Option<PathBuf>,
}

/// Makes it and says how to go on.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let Options { name, at } = options;
    check(name)?;
    let userland = layout::root().join("userland");
    let place = match at {
        None => userland.join("services").join(name),
        Some(folder) => absolute(folder)
            .with_context(|| format!("cannot find {}", folder.display()))?
            .join(name),
    };
    ensure!(!place.exists(), "{} exists already", place.display());
    if let Some(package) = taken(&layout::root(), name)? {
        bail!(
            "{name} is the name of a program already, in {}",
            package.display()
        );
    }
    let made = copy(&userland, &place, name, at.is_some());
    if made.is_err() {
        // Half a package would be in the way of the next attempt.
        let _ = fs::remove_dir_all(&place);
    }
    made?;
    format(&place)?;
    println!("{}", advice(name, &place, at.is_some()));
    Ok(ExitCode::SUCCESS)
}

/// Refuses what cannot name a crate, a program and a service.
fn check(name: &str) -> Result<()> {
    let mut letters = name.chars();
    let is_first = |letter: char| letter.is_ascii_lowercase();
    let is_next = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    ensure!(
        letters.next().is_some_and(is_first) && letters.all(is_next),
        "'{name}' is not an identifier of small letters, digits and underscores"
    );
    ensure!(name.len() <= 40, "'{name}' is longer than 40 letters");
    ensure!(!RESERVED.contains(&name), "'{name}' means something else in Rust");
    ensure!(
        !SHELL_WORDS.contains(&name),
        "'{name}' is a command of the shell, which would hide the program"
    );
    ensure!(
        !KEPT.contains(&name),
        "'{name}' means something else to cargo or to servicemanager"
    );
    ensure!(
        !PLACEHOLDERS.contains(&name),
        "'{name}' is what the template is called"
    );
    Ok(())
}

/// The package in the tree that has a program or a crate of this name.
fn taken(root: &Path, name: &str) -> Result<Option<PathBuf>> {
    let line = format!("name = \"{name}\"");
    let client = format!("name = \"{name}-client\"");
    for folder in ["", "kernel", "userland", "userland/services"] {
        let folder = root.join(folder);
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let package = entry?.path();
            let Ok(manifest) = fs::read_to_string(package.join("Cargo.toml")) else {
                continue;
            };
            if manifest.lines().any(|text| text == line || text == client) {
                return Ok(Some(package.strip_prefix(root).unwrap_or(&package).to_path_buf()));
            }
        }
    }
    Ok(None)
}

/// Copies the template with the new names.
fn copy(userland: &Path, place: &Path, name: &str, is_outside: bool) -> Result<()> {
    let template = userland.join("template");
    let libbinder = userland.join("libbinder");
    let manifest = if is_outside {
        OUTSIDE_MANIFEST
    } else {
        "Cargo.toml"
    };
    let mut files = vec![
        (manifest, "Cargo.toml"),
        ("build.rs", "build.rs"),
        ("src/lib.rs", "src/lib.rs"),
        ("src/main.rs", "src/main.rs"),
        ("src/client.rs", "src/client.rs"),
    ];
    if is_outside {
        files.push(OUTSIDE_SETTINGS);
    }
    for (from, to) in files {
        let from = template.join(from);
        let text = fs::read_to_string(&from).with_context(|| format!("cannot read {}", from.display()))?;
        let text = rename(&text, name).replace(LIBBINDER, &libbinder.to_string_lossy());
        let to = place.join(to);
        let folder = to.parent().unwrap_or(place);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&to, text).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

/// Puts imports into their order, which depends on the name.
fn format(place: &Path) -> Result<()> {
    let done = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(layout::root())
        .args(["lib", "main", "client"].map(|file| place.join(format!("src/{file}.rs"))))
        .output()
        .context("cannot run rustfmt")?;
    ensure!(
        done.status.success(),
        "rustfmt: {}",
        String::from_utf8_lossy(&done.stderr).trim()
    );
    Ok(())
}

/// Puts a name in the place of the template's, in both spellings.
fn rename(text: &str, name: &str) -> String {
    let [small, capital] = PLACEHOLDERS;
    text.replace(small, name).replace(capital, &type_name(name))
}

/// The name as that of a type: `two_words` becomes `TwoWords`.
fn type_name(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect()
}

/// What to do next.
fn advice(name: &str, place: &Path, is_outside: bool) -> String {
    let place = place.display();
    if is_outside {
        format!(
            "made {place}; try it:\n    (cd {place} && cargo build --release)\n    ./run-qemu.sh \
             --add {place}/target/release/{name} --add {place}/target/release/{name}-client \
             --exec '{name} & {name}-client you'"
        )
    } else {
        format!(
            "made {place}; try it:\n    ./run-qemu.sh --exec 'service call {name} 1 s16 you; {name}-client you'"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SHELL_WORDS, check, rename, taken};
    use crate::layout;

    #[test]
    fn names_that_are_no_identifiers_are_refused() {
        for name in [
            "",
            "9lives",
            "two-words",
            "Hello",
            "a b",
            "../x",
            "fn",
            "core",
            "test",
            "template",
            "é",
        ] {
            assert!(check(name).is_err(), "{name:?} was taken");
        }
        for name in ["hello", "two_words", "x9"] {
            assert!(check(name).is_ok(), "{name:?} was refused");
        }
    }

    #[test]
    fn commands_of_the_shell_are_refused() {
        let shell = layout::root().join("userland/shell/src");
        let read = |file: &str| fs::read_to_string(shell.join(file)).expect("the shell has this file");
        let builtins = read("builtin/mod.rs");
        let (_, builtins) = builtins.split_once("builtins! {\n").expect("a list of builtins");
        let builtins = builtins
            .lines()
            .map_while(|line| line.split(" = \"").nth(1)?.split('"').next());
        let commands = read("commands/mod.rs");
        let (_, commands) = commands
            .split_once("pub(crate) const NAMES")
            .expect("a list of commands");
        let (commands, _) = commands.split_once("];").expect("it ends");
        // The name is the first text behind each parenthesis.
        let commands = commands
            .split('(')
            .skip(1)
            .filter_map(|text| text.split('"').nth(1));
        let mut words: Vec<&str> = builtins.chain(commands).filter(|word| *word != ":").collect();
        words.sort_unstable();
        assert_eq!(words, SHELL_WORDS);
        assert!(words.iter().all(|word| check(word).is_err()));
    }

    #[test]
    fn names_of_programs_are_taken() {
        let root = layout::root();
        for name in [
            "shell",
            "demo",
            "misbehave",
            "activity",
            "libbinder",
            "binder-driver",
        ] {
            let taken = taken(&root, name).expect("the tree is whole");
            assert!(taken.is_some(), "{name} is free");
        }
        assert_eq!(
            taken(&root, "a_name_that_nobody_has").expect("the tree is whole"),
            None
        );
    }

    #[test]
    fn both_spellings_are_replaced() {
        assert_eq!(
            rename("ITemplate: template-client", "two_words"),
            "ITwoWords: two_words-client"
        );
    }
}
