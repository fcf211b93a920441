//! The first program: starts what the image is configured to run.
//!
//! It starts servicemanager and the services, keeps them running, and runs the shell. What the shell ends with is what
//! the machine ends with. With `--exec` the console belongs to the line that runs, so nothing is said on the way.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod keeper;
mod services;

use alloc::format;

use keeper::{Keeper, Role, Voice};
use libbinder::kernel::{Kernel, Spawn, kernel};
use libbinder::{Result, service_manager};
use rt::environment;

rt::program!(main);

/// The program that the machine is for.
const SHELL: &str = "/bin/shell";
/// The context manager; it has to be there before any service.
const SERVICE_MANAGER: &str = "/bin/servicemanager";
/// Status of a machine whose first program failed.
const FAILED: i32 = 70;
/// How long a service may take to register.
const PATIENCE_NS: u64 = 5_000_000_000;

fn main(_: rt::Arguments) -> i32 {
    let status = run().unwrap_or_else(|error| {
        rt::eprintln!("init: {error}");
        FAILED
    });
    // The kernel ends the machine with init's status, too; this way it is init that decides.
    if let Ok(power) = kernel().and_then(|kernel| kernel.power()) {
        let _ = power.off(status);
    }
    status
}

fn run() -> Result<i32> {
    let kernel = kernel()?;
    let voice = match environment::get("BINDERY_EXEC") {
        Some(_) => Voice::Silent,
        None => Voice::Aloud,
    };
    if environment::get("BINDERY_BARE").is_none() {
        start_services(&kernel, voice)?;
    }
    let shell = Spawn::new(SHELL)
        .arguments(["shell"])
        .inherit_environment()
        .standard_files();
    kernel.process_manager()?.spawn(&shell)?.wait()
}

fn start_services(kernel: &Kernel, voice: Voice) -> Result<()> {
    let keeper = Keeper::start(kernel.process_manager()?, voice);
    keeper.keep(SERVICE_MANAGER.into(), Role::ContextManager);
    let manager = service_manager()?;
    let names = services::names()?;
    for name in &names {
        keeper.keep(format!("/bin/{name}"), Role::Service);
    }
    for name in &names {
        // A service that does not come up is no reason to have no shell.
        if let Err(error) = manager.wait_for_service_until(name, PATIENCE_NS) {
            voice.say(format_args!("{name}: {error}"));
        }
    }
    Ok(())
}
