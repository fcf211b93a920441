//! A call is served with its caller's nice value.

use rt::syscall::{nice, set_nice};

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

/// Something a process does not start with.
const NICE: i32 = 7;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("priority")?;
    let before = nice(0)?;
    let usual = companion.peer.whereabouts()?.nice;
    set_nice(0, NICE)?;
    let lent = companion.peer.whereabouts();
    // The demonstrations after this one run as before.
    set_nice(0, before)?;
    let lent = lent?.nice;
    rt::println!("called with nice {before}: served with nice {usual}");
    rt::println!("called with nice {NICE}: served with nice {lent}");
    ensure!(
        usual == before && lent == NICE,
        "the caller's nice value was not inherited"
    );
    Ok(())
}
