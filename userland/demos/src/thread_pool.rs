//! The driver asks a busy process for more threads, so that calls are served side by side.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use rt::syscall::clock_monotonic_ns;
use rt::thread;

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

const CALLERS: usize = 4;
/// How long each call is kept waiting.
const HOLD_MS: i32 = 200;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("pool")?;
    let begin = clock_monotonic_ns();
    let mut callers = Vec::new();
    for _ in 0..CALLERS {
        let peer = companion.peer.clone();
        callers.push(thread::spawn(thread::STACK, move || peer.hold(HOLD_MS))?);
    }
    let mut threads = BTreeSet::new();
    for caller in callers {
        threads.insert(caller.join()?.thread);
    }
    let took_ms = (clock_monotonic_ns() - begin) / 1_000_000;
    rt::println!("{CALLERS} calls of {HOLD_MS} ms each, sent at once");
    rt::println!(
        "served by {} threads of process {}",
        threads.len(),
        companion.program.pid()
    );
    ensure!(threads.len() == CALLERS, "{} threads served", threads.len());
    ensure!(
        took_ms < HOLD_MS as u64 * CALLERS as u64,
        "they took {took_ms} ms, as if one after the other"
    );
    Ok(())
}
