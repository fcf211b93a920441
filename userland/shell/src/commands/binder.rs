//! What the driver tells about itself.

use alloc::format;
use alloc::string::String;

use super::{Failure, Outcome};
use crate::platform::{Descriptor, open};
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
    let path = format!("{DIRECTORY}/{name}");
    let bytes = open(&path, OpenMode::Read).and_then(|file| file.read_all());
    let bytes = bytes.map_err(|error| Failure::of(&path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
