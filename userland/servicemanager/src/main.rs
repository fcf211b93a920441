//! The context manager: names for binder objects.
//!
//! `servicemanager [--config FILE] [DEVICE]` makes itself the object that every process of a device reaches as handle 0.
//! Who may do what is said by `/etc/servicemanager.conf`, if that is there. One thread
//! does everything: it waits with poll for calls and deaths, and every few seconds counts the clients of services that
//! want to know. It never makes a call that waits for an answer, so nobody can hold it up.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod legacy;
mod manager;
mod modern;
mod notices;
mod permission;
mod security;
mod settings;
mod starter;

use alloc::vec::Vec;
use core::time::Duration;

use libbinder::{DEFAULT_DEVICE, IpcThreadState, ProcessState, StatusCode};
use manager::Manager;
use rt::Errno;
use rt::syscall::{PollFd, clock_monotonic_ns, poll};
use servicemanager::Configuration;

rt::program!(main);

/// How often clients are counted.
const INTERVAL: Duration = Duration::from_secs(5);

fn main(arguments: rt::Arguments) -> i32 {
    let words: Vec<&str> = arguments.skip(1).collect();
    let (file, words) = match words.as_slice() {
        ["--config", file, rest @ ..] => (Some(*file), rest),
        rest => (None, rest),
    };
    let device = match words {
        [] => DEFAULT_DEVICE,
        [device] => device,
        _ => {
            rt::eprintln!("usage: servicemanager [--config FILE] [DEVICE]");
            return 2;
        }
    };
    let configuration = match settings::read(file) {
        Ok(configuration) => configuration,
        Err(refusal) => {
            rt::eprintln!("servicemanager: {refusal}");
            return 2;
        }
    };
    match serve(device, configuration) {
        Ok(()) => 0,
        Err(status) if status == StatusCode::from(Errno::EBUSY) => {
            rt::eprintln!("servicemanager: {device} has a context manager already");
            1
        }
        Err(status) => {
            rt::eprintln!("servicemanager: {device}: {status}");
            1
        }
    }
}

fn serve(device: &str, configuration: Configuration) -> Result<(), StatusCode> {
    let process = ProcessState::open(device)?;
    process.set_thread_pool_max(0)?;
    let manager = Manager::start(process, configuration)?;
    let thread = IpcThreadState::of(process);
    thread.setup_polling()?;
    let mut next_count = clock_monotonic_ns();
    loop {
        let timeout_ms = if manager.follows_clients() {
            INTERVAL.as_millis() as i32
        } else {
            -1
        };
        let mut files = [PollFd::readable(process.device().fd())];
        match poll(&mut files, timeout_ms) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => thread.handle_polled_commands()?,
            Err(error) => return Err(error.into()),
        }
        if clock_monotonic_ns() >= next_count {
            manager.count_clients();
            next_count = clock_monotonic_ns() + INTERVAL.as_nanos() as u64;
        }
        // What the calls of this round left to send, such as released handles.
        thread.flush_commands();
    }
}
