//! The command line.

use std::process::exit;

use clap::{Parser, Subcommand};

use crate::failure;
use crate::linux::Options as LinuxOptions;
use crate::new::Options as NewOptions;
use crate::options::Options;
use crate::tests::Options as TestOptions;

/// Builds Bindery, packs its image, runs it in QEMU and runs its test suites.
#[derive(Debug, Parser)]
#[command(name = "bindery", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Boots Bindery: to a shell on this terminal, or for one line.
    Run(Options),
    /// Makes a service from the template.
    New(NewOptions),
    /// Runs the test suites.
    Test(TestOptions),
    /// Runs a line on Debian's Linux kernel with its binder driver.
    Linux(LinuxOptions),
}

/// Reads the command line; on a mistake prints one line and ends with status 2.
pub(crate) fn parse() -> Command {
    match Arguments::try_parse() {
        Ok(arguments) => arguments.command,
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            eprintln!("bindery: {}", first_line(&error.to_string()));
            exit(i32::from(failure::USAGE));
        }
    }
}

/// The sentence of a clap error that says what is wrong, without usage and hints.
fn first_line(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).take_while(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    lines.fold(first.to_owned(), |sentence, line| format!("{sentence} {line}"))
}
