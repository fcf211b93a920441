//! A call from proxy to service and back.
//!
//! With `--explain`, both sides print what each layer made of the call: method, parcel, `binder_transaction_data`,
//! `binder_write_read`, every BC_ and BR_. The service is an instance of its own then, because it must be one that
//! explains itself; its lines begin with `server`, the caller's with `client`.

use activity::{ActivityManagerProxy, IActivityManager, Intent, SERVICE_NAME};
use alloc::format;
use alloc::string::String;
use libbinder::explain::{self, Lines};
use libbinder::{Proxy, service_manager};

use crate::failure::{Failure, ensure};
use crate::program::Program;

/// How long the service may take to appear.
const PATIENCE_NS: u64 = 5_000_000_000;
/// How long the service may take to print what it did after answering.
const LAST_LINES_NS: u64 = 50_000_000;
/// The service's program.
const ACTIVITY: &str = "/bin/activity";

/// `start-service [--explain]`
pub(crate) fn run(words: &[&str]) -> Result<(), Failure> {
    match words {
        [] => call(&find(SERVICE_NAME)?),
        ["--explain"] => explained(),
        _ => Err(Failure::new("usage: demo start-service [--explain]")),
    }
}

fn find(name: &str) -> Result<ActivityManagerProxy, Failure> {
    let service = service_manager()?.wait_for_service_until(name, PATIENCE_NS)?;
    Ok(ActivityManagerProxy::from_binder(service))
}

fn call(manager: &ActivityManagerProxy) -> Result<(), Failure> {
    let intent = Intent {
        action: String::from("bindery.intent.action.PLAY"),
        package: String::from("org.bindery.music"),
        class: String::from(".PlayerService"),
    };
    let started = manager.start_service(&intent)?;
    explain::stop();
    rt::println!("startService -> ComponentName{{{started}}}");
    ensure!(
        started.class == "org.bindery.music.PlayerService",
        "the reply names {}",
        started.class
    );
    Ok(())
}

fn explained() -> Result<(), Failure> {
    // A name that no other run of the demonstration has.
    let name = format!("{SERVICE_NAME}.{}", rt::syscall::getpid());
    let server = Program::start(ACTIVITY, &["activity", "--explain", "server", &name])?;
    let manager = find(&name)?;
    rt::println!(
        "client is process {}, server is process {}",
        rt::syscall::getpid(),
        server.pid()
    );
    explain::observe(Lines::new("client"));
    let result = call(&manager);
    rt::syscall::sleep_ns(LAST_LINES_NS);
    server.kill()?;
    result
}
