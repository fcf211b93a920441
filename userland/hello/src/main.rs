//! The interface of `interop/aidl` through `libbinder`.
//!
//! `hello serve NAME` registers the service, `hello call NAME` asks one for everything, and `hello lazy NAME` serves as
//! long as somebody uses it. The other end may be written with rsbinder: what travels is the same.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod client;
mod interface;
mod lazy;
mod service;

use alloc::vec::Vec;

use libbinder::{DEFAULT_DEVICE, ProcessState, Result, service_manager};
use service::Hello;

rt::program!(main);

fn main(arguments: rt::Arguments) -> i32 {
    let words: Vec<&str> = arguments.skip(1).collect();
    let result = match words.as_slice() {
        ["serve", name] => serve(name),
        ["call", name] => call(name),
        ["lazy", name] => lazy::serve(name),
        _ => {
            rt::eprintln!("usage: hello serve|call|lazy NAME");
            return 2;
        }
    };
    match result {
        Ok(()) => 0,
        Err(status) => {
            rt::eprintln!("hello: {status}");
            1
        }
    }
}

fn serve(name: &str) -> Result<()> {
    let process = ProcessState::open(DEFAULT_DEVICE)?;
    process.start_thread_pool();
    service_manager()?.add(name, &Hello::object("hello"))?;
    process.join_thread_pool();
    Ok(())
}

fn call(name: &str) -> Result<()> {
    ProcessState::open(DEFAULT_DEVICE)?.start_thread_pool();
    client::call(name)
}
