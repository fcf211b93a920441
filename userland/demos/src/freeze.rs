//! A frozen process is reached by nobody until it thaws; what is one-way waits for it.

use abi::binder::ioctl::FreezeInfo;
use libbinder::ProcessState;
use rt::syscall::sleep_ns;

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

const MILLISECOND: u64 = 1_000_000;
/// How long calls in progress may take to end.
const TIMEOUT_MS: u32 = 1_000;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("freeze")?;
    let device = ProcessState::get().device();
    let pid = companion.program.pid().cast_unsigned();
    let state = |enable| FreezeInfo {
        pid,
        enable,
        timeout_ms: TIMEOUT_MS,
    };
    device.freeze(state(1))?;
    let refused = companion.peer.whereabouts();
    companion.peer.note(1, 0)?;
    let frozen = device.frozen_info(pid)?;
    rt::println!("process {pid} is frozen; a call fails: {}", refused.is_err());
    rt::println!(
        "calls refused since: {}, one-way calls waiting: {}",
        frozen.sync_recv & 1,
        frozen.async_recv
    );
    device.freeze(state(0))?;
    sleep_ns(100 * MILLISECOND);
    let notes = companion.peer.notes()?;
    rt::println!("thawed; the one-way call arrived: {:?}", notes.numbers);
    ensure!(refused.is_err(), "the frozen process answered");
    ensure!(
        frozen.async_recv == 1,
        "the driver counts {} one-way calls",
        frozen.async_recv
    );
    ensure!(notes.numbers == [1], "the one-way call was lost");
    Ok(())
}
