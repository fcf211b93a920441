//! The template service: registers itself by its name and serves calls until it is ended.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::string::String;
use core::sync::atomic::{AtomicI32, Ordering};

use libbinder::{ProcessState, Result, rt, service_manager};
use template::{ITemplate, SERVICE_NAME, TemplateNative, greeting};

rt::program!(main);

/// The object that callers reach.
#[derive(Default)]
struct Service {
    greeted: AtomicI32,
}

impl ITemplate for Service {
    fn greet(&self, name: &str) -> Result<String> {
        self.greeted.fetch_add(1, Ordering::Relaxed);
        Ok(greeting(name))
    }

    fn greeted(&self) -> Result<i32> {
        Ok(self.greeted.load(Ordering::Relaxed))
    }
}

fn main(_: rt::Arguments) -> i32 {
    match serve() {
        Ok(()) => 0,
        Err(status) => {
            rt::eprintln!("{SERVICE_NAME}: {status}");
            1
        }
    }
}

fn serve() -> Result<()> {
    service_manager()?.add(SERVICE_NAME, &TemplateNative::new(Service::default()))?;
    ProcessState::get().join_thread_pool();
    Ok(())
}
