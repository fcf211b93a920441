//! A task with one handle: it reaches the object behind it, and nothing else.
//!
//! The task is started with that handle and two files to print to. It calls the object, and then [tries](crate::escape)
//! every other way out there is. Each has to fail, and each with the error that says why.

use libbinder::kernel::{Spawn, granted, granted_names, kernel};
use libbinder::{IBinder, Proxy};
use rt::syscall::getpid;

use crate::escape;
use crate::failure::{Failure, ensure};
use crate::peer::{BpPeer, Companion, IPeer};

/// The name of the handle.
const FRIEND: &str = "friend";

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("confined")?;
    let friend = companion.program.pid();
    let status = start(companion.peer.as_binder(), friend)?;
    ensure!(status == 0, "the task ended with status {status}");
    ensure!(companion.peer.as_binder().is_alive(), "the friend died");
    Ok(())
}

/// Starts the task with its handle and waits for its end; its status.
fn start(object: &IBinder, friend: i32) -> Result<i32, Failure> {
    let number = alloc::format!("{friend}");
    let task = Spawn::new("/bin/demo")
        .arguments(["demo", "--confined", &number])
        .file(rt::io::OUTPUT, rt::io::OUTPUT)
        .file(rt::io::ERROR, rt::io::ERROR)
        .handle(FRIEND, object);
    let (task, _lease) = kernel()?.process_manager()?.spawn_leased(&task)?;
    rt::println!("process {} is given one handle, named {FRIEND}", task.pid());
    Ok(task.wait()?)
}

/// `demo --confined PID`: the task. The number is that of its friend's process, as if somebody had told it.
pub(crate) fn task(friend: &str) -> Result<(), Failure> {
    let friend = friend.parse().map_err(|_| Failure::new("not a number"))?;
    ensure!(
        granted_names().eq([FRIEND]),
        "it was given other handles than {FRIEND}"
    );
    let answered = BpPeer::from_binder(granted(FRIEND)?).whereabouts()?;
    rt::println!("{FRIEND}: served by process {}", answered.pid);
    ensure!(answered.pid == friend, "process {} answered", answered.pid);
    ensure!(
        answered.caller == getpid(),
        "the call seemed to come from process {}",
        answered.caller
    );
    escape::try_all(friend)
}
