//! Services by hand, with the syntax of Android's `service`.

use alloc::format;
use alloc::string::String;

use super::{Failure, Outcome, argument};
use crate::platform::Descriptor;
use libbinder::{IBinder, Parcel, TransactionFlags, service_manager};
use shell::hexdump;
use shell::system::Files;

const USAGE: Failure = Failure::Usage(
    "list | check NAME | call NAME CODE [i32 N|i64 N|f N|d N|s16 TEXT|null|fd FILE|nfd N|afd FILE]...",
);

/// `service list|check|call`
pub(super) fn run(words: &[String], _: &Files<Descriptor>) -> Outcome {
    let (verb, rest) = words.split_first().ok_or(USAGE)?;
    match (verb.as_str(), rest) {
        ("list", []) => list(),
        ("check", [name]) => check(name),
        ("call", [name, code, arguments @ ..]) => call(name, code, arguments),
        _ => Err(USAGE),
    }
}

fn list() -> Outcome {
    let manager = service_manager()?;
    let names = manager.list()?;
    let mut text = format!("Found {} services:\n", names.len());
    for (index, name) in names.iter().enumerate() {
        let interface = manager
            .check(name)?
            .and_then(|service| service.interface_descriptor().ok());
        text.push_str(&format!("{index}\t{name}: [{}]\n", interface.unwrap_or_default()));
    }
    Ok(text)
}

fn check(name: &str) -> Outcome {
    let found = if service_manager()?.check(name)?.is_some() {
        "found"
    } else {
        "not found"
    };
    Ok(format!("Service {name}: {found}\n"))
}

fn call(name: &str, code: &str, arguments: &[String]) -> Outcome {
    let code: u32 = code
        .parse()
        .map_err(|_| Failure::Failed(format!("{code}: not a code")))?;
    let Some(service) = service_manager()?.check(name)? else {
        return Err(Failure::Failed(format!("Service {name} does not exist")));
    };
    let data = request(&service, arguments)?;
    Ok(match service.transact(code, &data, TransactionFlags::empty()) {
        Ok(reply) => format!("Result: {}\n", hexdump::parcel(reply.data())),
        Err(status) => {
            let number = i64::from(status.code()).cast_unsigned();
            format!("Result: Parcel(Error: {number:#x} \"{status}\")\n")
        }
    })
}

/// The parcel that the arguments describe.
fn request(service: &IBinder, arguments: &[String]) -> Result<Parcel, Failure> {
    let descriptor = service
        .interface_descriptor()
        .map_err(|status| Failure::of("interface", status))?;
    let mut data = Parcel::request(&descriptor);
    let mut words = arguments.iter().map(String::as_str);
    while let Some(kind) = words.next() {
        if kind == "null" {
            data.write_binder(None);
        } else {
            argument::write(&mut data, kind, words.next())?;
        }
    }
    Ok(data)
}
