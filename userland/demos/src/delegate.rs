//! A handle is passed on: who receives it can use it, and the object sees who really calls.

use libbinder::Proxy;

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let target = Companion::start("target")?;
    let delegate = Companion::start("delegate")?;
    let answered = delegate.peer.ask(target.peer.as_binder())?;
    let (delegate, target) = (delegate.program.pid(), target.program.pid());
    rt::println!(
        "process {} passes its handle for process {target} to process {delegate}",
        rt::syscall::getpid()
    );
    rt::println!(
        "process {} was called by process {}",
        answered.pid,
        answered.caller
    );
    ensure!(answered.pid == target, "process {} answered", answered.pid);
    ensure!(
        answered.caller == delegate,
        "the call came from process {}",
        answered.caller
    );
    Ok(())
}
