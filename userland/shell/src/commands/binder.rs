//! What the driver tells about itself.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Failure, Outcome};
use crate::platform::{Descriptor, open};
use libbinder::kernel::kernel;
use libbinder::{DEFAULT_DEVICE, ProcessState, service_manager};
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
    let services = interfaces_of_services().unwrap_or_default();
    Ok(handles::table(
        &found,
        |pid| name_of(pid).map(|process| process.program.clone()),
        |handle| match handle.owner {
            Some(0) => kernel().and_then(|kernel| kernel.describe(handle.pointer)).ok()?,
            _ => services.get(&handle.node).cloned(),
        },
    ))
}

/// What the objects understand that are found as services, by the driver's number of the object. The others tell only
/// those who hold them.
fn interfaces_of_services() -> Result<BTreeMap<u32, String>, Failure> {
    let connection =
        ProcessState::open(DEFAULT_DEVICE).map_err(|error| Failure::of(DEFAULT_DEVICE, error))?;
    let Ok(manager) = connection.context_object() else {
        return Ok(BTreeMap::new());
    };
    let mut objects = Vec::from([manager]);
    let manager = service_manager()?;
    for name in manager.list()? {
        objects.extend(manager.check(&name)?);
    }
    // While they are held, this process's own handles lead to their numbers.
    let own = handles::of_process(&read("state")?, rt::syscall::getpid().cast_unsigned());
    let mut interfaces = BTreeMap::new();
    for object in &objects {
        let handle = own
            .iter()
            .find(|own| own.context == "binder" && Some(own.number) == object.handle());
        if let (Some(handle), Ok(interface)) = (handle, object.interface_descriptor()) {
            interfaces.insert(handle.node, interface);
        }
    }
    Ok(interfaces)
}

/// One of the driver's files.
fn read(name: &str) -> Outcome {
    let path = format!("{DIRECTORY}/{name}");
    let bytes = open(&path, OpenMode::Read).and_then(|file| file.read_all());
    let bytes = bytes.map_err(|error| Failure::of(&path, error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
