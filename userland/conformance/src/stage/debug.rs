//! The driver's debug files without what differs from run to run.
//!
//! Numbers of processes become the letters of their actors; debug ids, thread numbers, kernel addresses and elapsed
//! times are left out, and so is everything about processes that are no actors.

use alloc::string::String;
use core::fmt::Write;

/// Prints the lines of a debug file.
pub(super) fn print(text: &str, actor_of: impl Fn(i32) -> Option<char>) {
    // What stands before the first process counts everything since the start of the machine.
    let mut of_an_actor = !text.starts_with("binder stats:");
    for line in text.lines() {
        if let Some(pid) = line.strip_prefix("proc ") {
            of_an_actor = pid.parse().ok().and_then(&actor_of).is_some();
        }
        // Linux's own reading of a node for this file puts such work there.
        if of_an_actor && !line.starts_with("  node work") {
            rt::println!("  {}", normal(line, &actor_of));
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
