//! Programs that print normalised traces of the driver's behaviour.
//!
//! One static file for both kernels: what it prints on Linux and here must be equal, byte by byte. A case is a short
//! script ([`script`]); the [`stage`] plays it with [`actor`] processes and prints what each step did. `conformance`
//! alone plays every fixed case; `random` invents steps from a seed.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod actor;
mod cases;
mod coverage;
mod operation;
mod play;
mod random;
mod script;
mod stage;

use abi::binder::reply::BR_TRANSACTION_SEC_CTX;
use alloc::string::String;
use alloc::vec::Vec;

rt::program!(main);

const USAGE: &str =
    "usage: conformance [run [CASE…] | coverage | security | list | random SEED STEPS | script FILE]";

fn main(arguments: rt::Arguments) -> i32 {
    let words: Vec<&str> = arguments.skip(1).collect();
    // An actor may end by itself in the middle of a conversation.
    let _ = rt::signal::ignore(rt::signal::PIPE);
    let understood = match words.as_slice() {
        [] | ["run"] => play_all(cases::all()),
        ["run", names @ ..] => {
            let wanted = |name: &str| names.iter().any(|prefix| name.starts_with(prefix));
            play_all(cases::all().filter(|case| wanted(case.name)))
        }
        ["coverage"] => {
            let understood = play_all(cases::all());
            rt::println!("case coverage the codes that occur");
            coverage::print() && understood
        }
        ["security"] => {
            let understood = play_all(cases::with_security_module());
            coverage::has(BR_TRANSACTION_SEC_CTX) && understood
        }
        ["list"] => {
            for case in cases::all() {
                rt::println!("{} {}", case.name, case.title);
            }
            true
        }
        ["random", seed, steps] => match (seed.parse(), steps.parse()) {
            (Ok(seed), Ok(steps)) => random::play(seed, steps),
            _ => return usage(),
        },
        ["script", path] => match read(path) {
            Ok(text) => play_all(cases::split(&text)),
            Err(errno) => {
                rt::eprintln!("conformance: {path}: {errno}");
                return 1;
            }
        },
        _ => return usage(),
    };
    i32::from(!understood)
}

/// Plays cases one after the other. False if a line of one could not be understood.
fn play_all<'a>(cases: impl Iterator<Item = cases::Case<'a>>) -> bool {
    let mut understood = true;
    for case in cases {
        understood &= play::case(&case);
    }
    understood
}

fn usage() -> i32 {
    rt::eprintln!("{USAGE}");
    2
}

fn read(path: &str) -> rt::Result<String> {
    let file = rt::syscall::open(path, rt::syscall::OpenFlags::empty())?;
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match rt::syscall::read(file, &mut chunk)? {
            0 => break,
            count => text.extend_from_slice(&chunk[..count]),
        }
    }
    rt::syscall::close(file)?;
    String::from_utf8(text).map_err(|_| abi::Errno::EINVAL)
}
