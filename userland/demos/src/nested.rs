//! Calls that call back are served by the very threads that wait along the chain.
//!
//! So a chain of calls between two processes, however deep, needs one thread in each, and what a thread holds while it
//! waits cannot be awaited by another thread of its own process.

use libbinder::{ProcessState, Proxy};

use crate::failure::{Failure, ensure};
use crate::peer::{BnPeer, Companion, IPeer, Peer};

/// How often the call goes back and forth.
const DEPTH: i32 = 5;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("nested")?;
    // Idle threads, which the driver could take but does not.
    ProcessState::get().start_thread_pool();
    let own = BnPeer::new(Peer::default());
    let chain = companion.peer.bounce(&own, companion.peer.as_binder(), DEPTH)?;
    let (me, thread) = (rt::syscall::getpid(), rt::syscall::gettid());
    rt::println!("process {me} calls from thread {thread}");
    let mut served = [None; 2];
    for call in chain.iter().rev() {
        rt::println!(
            "process {} serves in thread {}, called by process {}",
            call.pid,
            call.thread,
            call.caller
        );
        let expected = &mut served[usize::from(call.pid == me)];
        let same = *expected.get_or_insert(call.thread);
        ensure!(
            same == call.thread,
            "process {} used threads {same} and {}",
            call.pid,
            call.thread
        );
    }
    ensure!(
        chain.len() == DEPTH as usize + 1,
        "{} calls instead of {}",
        chain.len(),
        DEPTH + 1
    );
    ensure!(
        served[1] == Some(thread),
        "the waiting thread {thread} did not serve the calls back"
    );
    Ok(())
}
