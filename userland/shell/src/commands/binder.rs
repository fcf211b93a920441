//! What the driver tells about itself.

use alloc::format;
use alloc::string::String;

use super::{Failure, Outcome};
use crate::platform::{Descriptor, open};
use libbinder::kernel::kernel;
use rt::Errno;
use shell::handles;
use shell::system::{Files, OpenMode};

/// Where the driver's files are.
const DIRECTORY: &str = "/sys/kernel/debug/binder";

/// `binder state|stats|transactions|log|failed`
pub(super) fn run(words: &[String], _: &Files<Descriptor>) -> Outcome {
    const USAGE: Failure = Failure::Usage("state|stats|transactions|log|failed");
    let [what] = words else { return Err(USAGE) };
    let name = match what.as_str() {
        "state" | "stats" | "transactions" => what.as_str(),
        "log" => "transaction_log",
        "failed" => "failed_transaction_log",
        _ => return Err(USAGE),
    };
    read(name)
}

/// `handles PID`
pub(super) fn handles(words: &[String], _: &Files<Descriptor>) -> Outcome {
    const USAGE: Failure = Failure::Usage("PID");
    let [pid] = words else { return Err(USAGE) };
    let pid = pid.parse().map_err(|_| USAGE)?;
    let running = kernel()?.process_manager()?.list()?;
    let name_of = |pid: u32| running.iter().find(|process| process.pid.cast_unsigned() == pid);
    if name_of(pid).is_none() {
        return Err(Failure::of(&format!("{pid}"), Errno::ESRCH));
    }
    let found = handles::of_process(&read("state")?, pid);
    Ok(handles::table(&found, |pid| {
        name_of(pid).map(|process| process.program.clone())
    }))
}

/// One of the driver's files.
fn read(name: &str) -> Outcome {
    let path = format!("{DIRECTORY}/{name}");
    let bytes = open(&path, OpenMode::Read).and_then(|file| file.read_all());
    let bytes = bytes.map_err(|error| Failure::of(&path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
