//! Services print their state.

use alloc::format;
use alloc::string::String;

use super::{Failure, Outcome};
use crate::platform::Descriptor;
use libbinder::{FileDescriptor, IBinder, service_manager};
use rt::syscall::{DescriptorFlags, pipe, read};
use rt::thread;
use shell::system::Files;

/// `dumpsys [NAME [ARGUMENT...]]`
pub(super) fn run(words: &[String], _: &Files<Descriptor>) -> Outcome {
    let manager = service_manager()?;
    let Some((name, arguments)) = words.split_first() else {
        let mut text = String::from("Currently running services:\n");
        let names = manager.list()?;
        names
            .iter()
            .for_each(|name| text.push_str(&format!("  {name}\n")));
        for name in &names {
            if let Some(service) = manager.check(name)? {
                text.push_str(&format!("{:-<79}\nDUMP OF SERVICE {name}:\n", ""));
                text.push_str(&dump(&service, &[])?);
            }
        }
        return Ok(text);
    };
    match manager.check(name)? {
        Some(service) => dump(&service, arguments),
        None => Err(Failure::Failed(format!("Can't find service: {name}"))),
    }
}

/// What a service prints. A thread reads while the service writes, however much it is.
fn dump(service: &IBinder, arguments: &[String]) -> Outcome {
    let failed = |error: rt::Errno| Failure::of("pipe", error);
    let (from, to) = pipe(DescriptorFlags::CLOEXEC).map_err(failed)?;
    let (from, to) = (Descriptor::opened(from), FileDescriptor::adopt(to));
    let reader = thread::spawn(thread::STACK, move || {
        let mut bytes = alloc::vec::Vec::new();
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = read(from.number(), &mut buffer) {
            bytes.extend_from_slice(&buffer[..count]);
        }
        bytes
    });
    let reader = reader.map_err(failed)?;
    let dumped = service.dump(&to, arguments);
    // The reader ends when nobody can write any more.
    drop(to);
    let bytes = reader.join();
    match dumped {
        Ok(()) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(status) => Err(Failure::of("dump", status)),
    }
}
