//! The driver's debug files without what differs from run to run.
//!
//! Numbers of processes become the letters of their actors; debug ids, thread numbers, kernel addresses, elapsed
//! times and lines of the driver's source are left out, and so is everything about processes that are no actors.

use alloc::string::String;
use core::fmt::Write;

/// Prints the entries of a transaction log that actors have to do with.
pub(super) fn print_log(text: &str, actor_of: impl Fn(i32) -> Option<char>) {
    for line in text.lines() {
        if let Some(entry) = log_entry(line, &actor_of) {
            rt::println!("  {entry}");
        }
    }
}

/// An entry of a log without what differs from run to run. `None` if neither side is an actor.
fn log_entry(line: &str, actor_of: &impl Fn(i32) -> Option<char>) -> Option<String> {
    let (_, entry) = line.split_once(": ")?;
    let mut out = String::new();
    let mut concerns_an_actor = false;
    let mut before = "";
    for word in entry.split_ascii_whitespace() {
        let number = |digits: &str| if digits == "0" { '0' } else { '*' };
        match before {
            "from" | "to" => {
                let (process, thread) = word.split_once(':')?;
                let actor = process.parse().ok().and_then(actor_of);
                concerns_an_actor |= actor.is_some();
                let _ = write!(
                    out,
                    "{}:{} ",
                    actor.unwrap_or_else(|| number(process)),
                    number(thread)
                );
            }
            "node" => {
                let _ = write!(out, "{} ", number(word));
            }
            _ if word.starts_with("l=") => {}
            _ => {
                let _ = write!(out, "{word} ");
            }
        }
        before = word;
    }
    concerns_an_actor.then(|| String::from(out.trim_end()))
}

/// Prints the lines of a debug file.
pub(super) fn print(text: &str, actor_of: impl Fn(i32) -> Option<char>) {
    // What stands before the first process counts everything since the start of the machine.
    let mut of_an_actor = !text.starts_with("binder stats:");
    let shows_idle_processes = !text.starts_with("binder transactions:");
    let mut held_back = String::new();
    for line in text.lines() {
        let heads_a_process = line.starts_with("proc ") || line.starts_with("context ");
        if let Some(pid) = line.strip_prefix("proc ") {
            of_an_actor = pid.parse().ok().and_then(&actor_of).is_some();
            held_back.clear();
        }
        if !of_an_actor {
            continue;
        }
        let _ = writeln!(held_back, "  {}", normal(line, &actor_of));
        if shows_idle_processes || !heads_a_process {
            rt::print!("{held_back}");
            held_back.clear();
        }
    }
}

/// A line without what differs from run to run.
fn normal(line: &str, actor_of: &impl Fn(i32) -> Option<char>) -> String {
    let indentation = line.len() - line.trim_start().len();
    let mut out = String::from(&line[..indentation]);
    let process = |out: &mut String, word: &str| {
        let number = word.split(':').next().and_then(|pid| pid.parse().ok());
        match number.and_then(actor_of) {
            Some(actor) => {
                let _ = write!(out, "{actor} ");
            }
            None => {
                let _ = write!(out, "{word} ");
            }
        }
    };
    let mut before = "";
    let mut in_processes = false;
    for word in line.split_ascii_whitespace() {
        let is_number = word.trim_end_matches(':').parse::<u64>().is_ok();
        match before {
            "proc" | "from" | "to" => process(&mut out, word),
            _ if in_processes && is_number => process(&mut out, word),
            "thread" | "node" | "ref" | "buffer" | "transaction" | "work" if is_number => {}
            "elapsed" => {}
            // The address of a transaction, or of the watch of a reference.
            _ if is_address(word) => {
                out.push_str(if word.bytes().all(|digit| digit == b'0') {
                    "0 "
                } else {
                    "* "
                });
            }
            _ => {
                out.push_str(word);
                out.push(' ');
            }
        }
        in_processes |= word == "proc";
        before = word;
    }
    String::from(out.trim_end())
}

fn is_address(word: &str) -> bool {
    word.len() == 16 && word.bytes().all(|digit| digit.is_ascii_hexdigit())
}
