//! Measures binder in guest instructions.
//!
//! One static file for both kernels. Under an emulator that counts instructions a tick of the processor's counter is
//! an instruction; then the figures repeat exactly. `kernel` figures leave out what client and server do outside the
//! kernel; `total` figures are everything from one call to the next.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod calls;
mod endpoint;
mod report;
mod roundtrip;
mod scale;
mod server;

rt::program!(main);

type Scenario = (&'static str, fn() -> rt::Result<()>);

/// What can be measured, by name, in the order of a full run.
const SCENARIOS: &[Scenario] = &[
    ("calls", calls::small),
    ("roundtrip", roundtrip::sizes),
    ("oneway", roundtrip::oneway),
    ("nested", roundtrip::nested),
    ("handles", scale::handles),
    ("buffers", scale::buffers),
    ("threads", scale::threads),
    ("clients", scale::clients),
    ("start", calls::start),
    ("death", calls::death),
];

fn main(mut arguments: rt::Arguments) -> i32 {
    arguments.next();
    let names: alloc::vec::Vec<&str> = arguments.collect();
    if names == ["started"] {
        return calls::started();
    }
    if names == ["profile"] {
        return match roundtrip::profile() {
            Ok(()) => 0,
            Err(errno) => {
                rt::eprintln!("binder-bench: profile: {errno}");
                1
            }
        };
    }
    if let Some(unknown) = names
        .iter()
        .find(|name| SCENARIOS.iter().all(|(known, _)| known != *name))
    {
        rt::eprintln!("binder-bench: {unknown}: no such scenario; there are:");
        for (name, _) in SCENARIOS {
            rt::eprintln!("  {name}");
        }
        return 2;
    }
    let mut status = 0;
    for (name, run) in SCENARIOS {
        if !names.is_empty() && !names.contains(name) {
            continue;
        }
        if let Err(errno) = run() {
            rt::eprintln!("binder-bench: {name}: {errno}");
            status = 1;
        }
    }
    status
}
