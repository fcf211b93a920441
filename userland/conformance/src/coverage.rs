//! Which commands, returns and requests the cases contain.
//!
//! Printed as the rows of a table for `docs/conformance.md`, so that what is not compared shows.

use crate::script::{Action, Step};
use abi::binder::{command, ioctl, reply};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use rt::sync::Mutex;

/// The cases in which each code occurred, in the order of their playing.
static SEEN: Mutex<BTreeMap<u32, Vec<String>>> = Mutex::new(BTreeMap::new());

/// Requests of the driver that a program may make.
const REQUESTS: [(u32, &str); 16] = [
    (ioctl::BINDER_WRITE_READ, "BINDER_WRITE_READ"),
    (ioctl::BINDER_SET_IDLE_TIMEOUT, "BINDER_SET_IDLE_TIMEOUT"),
    (ioctl::BINDER_SET_MAX_THREADS, "BINDER_SET_MAX_THREADS"),
    (ioctl::BINDER_SET_IDLE_PRIORITY, "BINDER_SET_IDLE_PRIORITY"),
    (ioctl::BINDER_SET_CONTEXT_MGR, "BINDER_SET_CONTEXT_MGR"),
    (ioctl::BINDER_THREAD_EXIT, "BINDER_THREAD_EXIT"),
    (ioctl::BINDER_VERSION, "BINDER_VERSION"),
    (ioctl::BINDER_GET_NODE_DEBUG_INFO, "BINDER_GET_NODE_DEBUG_INFO"),
    (
        ioctl::BINDER_GET_NODE_INFO_FOR_REF,
        "BINDER_GET_NODE_INFO_FOR_REF",
    ),
    (ioctl::BINDER_SET_CONTEXT_MGR_EXT, "BINDER_SET_CONTEXT_MGR_EXT"),
    (ioctl::BINDER_FREEZE, "BINDER_FREEZE"),
    (ioctl::BINDER_GET_FROZEN_INFO, "BINDER_GET_FROZEN_INFO"),
    (
        ioctl::BINDER_ENABLE_ONEWAY_SPAM_DETECTION,
        "BINDER_ENABLE_ONEWAY_SPAM_DETECTION",
    ),
    (ioctl::BINDER_GET_EXTENDED_ERROR, "BINDER_GET_EXTENDED_ERROR"),
    (0x1234, "an unknown request"),
    (0xc030_6202, "a request of the wrong number"),
];

/// Returns that cannot be compared, each with its reason.
const NOT_COMPARED: [(u32, &str); 6] = [
    (
        reply::BR_ERROR,
        "only when the kernel has no memory for a small object",
    ),
    (reply::BR_OK, "never returned"),
    (
        reply::BR_TRANSACTION_SEC_CTX,
        "P5 and P5b, compared on their own: Linux has a context only with a security module",
    ),
    (reply::BR_ACQUIRE_RESULT, "never returned"),
    (reply::BR_ATTEMPT_ACQUIRE, "never returned"),
    (reply::BR_FINISHED, "never returned"),
];

fn note(code: u32, case: &str) {
    let mut seen = SEEN.lock();
    let cases = seen.entry(code).or_default();
    if cases.last().is_none_or(|last| last != case) {
        cases.push(String::from(case));
    }
}

/// Notes the commands or the request of a step.
pub(crate) fn step(case: &str, step: &Step) {
    match &step.action {
        Action::WriteRead(call) => {
            note(ioctl::BINDER_WRITE_READ, case);
            for command in &call.commands {
                for &code in command.codes() {
                    note(code, case);
                }
            }
        }
        Action::Ioctl { request, .. }
        | Action::IoctlOfProcess { request, .. }
        | Action::IoctlAt { request, .. } => note(*request, case),
        _ => {}
    }
}

/// Notes a return.
pub(crate) fn reply(case: &str, code: u32) {
    note(code, case);
}

/// Whether a code has occurred.
pub(crate) fn has(code: u32) -> bool {
    SEEN.lock().contains_key(&code)
}

/// Prints a row for each code. False if one that can occur did not.
pub(crate) fn print() -> bool {
    let commands = command::ALL.iter().map(|&code| (code, command::name(code)));
    let replies = reply::ALL.iter().map(|&code| (code, reply::name(code)));
    let requests = REQUESTS.iter().map(|&(code, name)| (code, Some(name)));
    rt::println!("| Code | Cases |");
    rt::println!("|---|---|");
    commands
        .chain(replies)
        .chain(requests)
        .map(|(code, name)| row(code, name.unwrap_or("?")))
        .filter(|covered| !covered)
        .count()
        == 0
}

fn row(code: u32, name: &str) -> bool {
    let seen = SEEN.lock();
    let reason = NOT_COMPARED.iter().find(|(other, _)| *other == code);
    match (seen.get(&code), reason) {
        (Some(cases), _) => {
            let first = cases.iter().take(MOST_NAMED).map(String::as_str);
            let first: Vec<&str> = first.collect();
            let more = match cases.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => alloc::format!(" and {more} more"),
            };
            rt::println!("| `{name}` | {}{more} |", first.join(" "));
            true
        }
        (None, Some((_, reason))) => {
            rt::println!("| `{name}` | – ({reason}) |");
            true
        }
        (None, None) => {
            rt::println!("| `{name}` | not covered |");
            false
        }
    }
}

/// Cases that a row names.
const MOST_NAMED: usize = 8;
