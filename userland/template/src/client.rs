//! A client of the template service: `template-client NAME` prints the greeting for NAME.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use libbinder::{Proxy, Result, rt, service_manager};
use template::{ITemplate, SERVICE_NAME, TemplateProxy};

rt::program!(main);

/// How long the service may take to appear, in nanoseconds.
const PATIENCE_NS: u64 = 5_000_000_000;

fn main(arguments: rt::Arguments) -> i32 {
    let Some(name) = arguments.get(1) else {
        rt::eprintln!("usage: {SERVICE_NAME}-client NAME");
        return 2;
    };
    match greet(name) {
        Ok(()) => 0,
        Err(status) => {
            rt::eprintln!("{SERVICE_NAME}-client: {status}");
            1
        }
    }
}

fn greet(name: &str) -> Result<()> {
    let found = service_manager()?.wait_for_service_until(SERVICE_NAME, PATIENCE_NS)?;
    let service = TemplateProxy::from_binder(found);
    rt::println!("{}", service.greet(name)?);
    rt::println!("{} greeted so far", service.greeted()?);
    Ok(())
}
