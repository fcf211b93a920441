//! Demonstrations, one idea each.
//!
//! `demo` lists them, `demo NAME` runs one, `demo all` runs them all. Each prints what it shows and ends with status 0
//! only if that held. A demonstration that needs other processes starts them itself.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod callback;
mod confined;
mod death;
mod delegate;
mod escape;
mod failure;
mod footprint;
mod freeze;
mod leak;
mod nested;
mod one_copy;
mod oneway_order;
mod peer;
mod priority;
mod program;
mod revoke;
mod shared_memory;
mod start_service;
mod thread_pool;

use alloc::vec::Vec;

use failure::Failure;

rt::program!(main);

/// A demonstration: its arguments, and whether what it shows held.
type Run = fn(&[&str]) -> Result<(), Failure>;

/// All demonstrations, in the order in which a newcomer should see them.
const DEMOS: &[(&str, &str, Run)] = &[
    (
        "start-service",
        "A call from proxy to service and back; --explain shows every station.",
        start_service::run,
    ),
    (
        "one-copy",
        "Kernel and receiver see a message on the same frames; it is copied once.",
        one_copy::run,
    ),
    (
        "callback",
        "An object travels in a call, and the callee calls it.",
        callback::run,
    ),
    (
        "nested",
        "Calls that call back are served by the threads that wait.",
        nested::run,
    ),
    (
        "oneway-order",
        "One-way calls arrive in order and one at a time.",
        oneway_order::run,
    ),
    (
        "thread-pool",
        "The driver asks a busy process for more threads.",
        thread_pool::run,
    ),
    (
        "death",
        "A process is killed while it serves; everybody learns of it.",
        death::run,
    ),
    (
        "confined",
        "A task with one handle reaches nothing else, whatever it tries.",
        confined::run,
    ),
    ("delegate", "A handle is passed on.", delegate::run),
    ("revoke", "A handle is taken back, by a caretaker.", revoke::run),
    (
        "shared-memory",
        "A file descriptor in a parcel: two processes share memory.",
        shared_memory::run,
    ),
    (
        "priority",
        "A call is served with its caller's nice value.",
        priority::run,
    ),
    (
        "freeze",
        "A frozen process is reached by nobody until it thaws.",
        freeze::run,
    ),
    (
        "leak",
        "Processes come and die, and nothing of them stays. [ROUNDS]",
        leak::run,
    ),
    (
        "footprint",
        "What a process and a thread cost in memory.",
        footprint::run,
    ),
];

fn main(arguments: rt::Arguments) -> i32 {
    let words: Vec<&str> = arguments.skip(1).collect();
    match words.split_first() {
        None => {
            DEMOS
                .iter()
                .for_each(|(name, idea, _)| rt::println!("{name:<16} {idea}"));
            0
        }
        Some((&"all", [])) => all(),
        Some((&"--receiver", [name])) => i32::from(!held("receiver", one_copy::serve(name))),
        Some((&"--confined", [friend])) => i32::from(!held("confined task", confined::task(friend))),
        Some((&"--idle", [threads, place])) => {
            i32::from(!held("idle program", footprint::wait(threads, place)))
        }
        Some((&"--peer", [name])) => i32::from(!held("peer", peer::serve(name))),
        Some((name, rest)) => match DEMOS.iter().find(|(known, ..)| known == name) {
            Some(&(name, _, run)) => i32::from(!held(name, run(rest))),
            None => {
                rt::eprintln!("demo: {name}: no such demonstration; `demo` lists them");
                2
            }
        },
    }
}

fn held(name: &str, result: Result<(), Failure>) -> bool {
    if let Err(failure) = &result {
        rt::eprintln!("demo: {name}: {failure}");
    }
    result.is_ok()
}

fn all() -> i32 {
    let mut failed = 0;
    for &(name, _, run) in DEMOS {
        rt::println!("== {name}");
        failed += i32::from(!held(name, run(&[])));
    }
    rt::println!("{} passed, {failed} failed", DEMOS.len() as i32 - failed);
    i32::from(failed > 0)
}
