//! The activity service: starts services on behalf of callers.
//!
//! `activity [--explain LABEL] [NAME]` registers itself as NAME, `activity` where none is given, and serves calls until
//! it is ended. With `--explain` it prints each station of each call it serves, in lines that begin with LABEL.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod service;

use activity::{ActivityManagerNative, SERVICE_NAME};
use alloc::string::String;
use libbinder::explain::{self, Lines};
use libbinder::{ProcessState, Result, service_manager};
use service::ActivityManagerService;

rt::program!(main);

fn main(arguments: rt::Arguments) -> i32 {
    let mut words = arguments.skip(1);
    let mut name = SERVICE_NAME;
    let mut label = None;
    while let Some(word) = words.next() {
        match (word, words.len()) {
            ("--explain", 1..) => label = words.next(),
            (option, _) if option.starts_with('-') => {
                rt::eprintln!("usage: activity [--explain LABEL] [NAME]");
                return 2;
            }
            (word, _) => name = word,
        }
    }
    match serve(name, label) {
        Ok(()) => 0,
        Err(status) => {
            rt::eprintln!("{name}: {status}");
            1
        }
    }
}

fn serve(name: &str, label: Option<&str>) -> Result<()> {
    let manager = service_manager()?;
    manager.add(
        name,
        &ActivityManagerNative::new(ActivityManagerService::default()),
    )?;
    // What was said so far was about registering; what follows are the calls.
    if let Some(label) = label {
        explain::observe(Lines::new(String::from(label)));
    }
    ProcessState::get().join_thread_pool();
    Ok(())
}
