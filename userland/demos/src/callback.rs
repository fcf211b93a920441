//! An object travels in a call, and the callee calls it before answering.

use libbinder::Proxy;

use crate::failure::{Failure, ensure};
use crate::peer::{BnPeer, Companion, IPeer, Peer};

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("callback")?;
    let own = BnPeer::new(Peer::default());
    let answered = companion.peer.ask(&own)?;
    let (me, other) = (rt::syscall::getpid(), companion.program.pid());
    rt::println!("process {me} called process {other} and gave it an object of its own");
    rt::println!(
        "process {} called that object back, in process {}",
        answered.caller,
        answered.pid
    );
    ensure!(
        answered.pid == me,
        "the callback was served by process {}",
        answered.pid
    );
    ensure!(
        answered.caller == other,
        "the callback came from process {}",
        answered.caller
    );
    ensure!(companion.peer.as_binder().is_alive(), "the companion died");
    Ok(())
}
