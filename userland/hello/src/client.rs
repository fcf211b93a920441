//! What asks.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Debug;

use libbinder::{FileDescriptor, Proxy, Result, service_manager};
use rt::println;
use rt::syscall::{DescriptorFlags, pipe, read, sleep_ns, write_all};

use crate::interface::{BpHello, IHello, Point};
use crate::service::Hello;

/// How long to wait before looking again.
const MILLISECOND: u64 = 1_000_000;

/// What a call gave.
fn show<T: Debug>(method: &str, result: Result<T>) {
    match result {
        Ok(value) => println!("{method} {value:?}"),
        Err(status) => println!("{method} {status}"),
    }
}

/// Asks the service of that name for everything.
pub(crate) fn call(name: &str) -> Result<()> {
    let object = service_manager()?.wait_for_service(name)?;
    println!("descriptor {:?}", object.interface_descriptor()?);
    let hello = BpHello::cast(object)?;
    show("echo", hello.echo("Grüße, 𝄞"));
    show("reverse", hello.reverse(&[1, 2, 3]));
    show("bytes", hello.bytes(&[0, 127, 255]));
    show("flip", hello.flip(true));
    show("shout", hello.shout(Some("loud")));
    show("shout", hello.shout(None));
    let point = Point {
        x: 1,
        name: "p".to_string(),
    };
    show("shift", hello.shift(&point, 41));
    show("fail", hello.fail(5));
    for number in 1..=5 {
        hello.note(number)?;
    }
    // A call may overtake one-way calls that wait for their turn.
    while hello.notes()?.len() < 5 {
        sleep_ns(MILLISECOND);
    }
    show("notes", hello.notes());
    let own = Hello::object("the caller");
    show("pass", hello.pass(&own).map(|back| back == own));
    show("nested", hello.nested(&own, 6));
    show("sign", sign(&hello));
    let long = "x".repeat(100_000);
    show("long", hello.echo(&long).map(|text| text.len()));
    show("ping", hello.as_binder().ping().map_err(Into::into));
    let output = FileDescriptor::duplicate_of(rt::io::OUTPUT)?;
    show(
        "dump",
        hello
            .as_binder()
            .dump(&output, &["-a".to_string()])
            .map_err(Into::into),
    );
    Ok(())
}

/// Sends one end of a pipe and reads what was written into it there.
fn sign(hello: &BpHello) -> Result<String> {
    let (reader, writer) = pipe(DescriptorFlags::CLOEXEC)?;
    let reader = FileDescriptor::adopt(reader);
    let given = FileDescriptor::adopt(writer);
    let back = hello.sign(&given)?;
    drop(given);
    write_all(back.number(), b"and by the caller")?;
    drop(back);
    let mut text = Vec::new();
    let mut chunk = vec![0; 256];
    loop {
        match read(reader.number(), &mut chunk)? {
            0 => return Ok(String::from_utf8_lossy(&text).into_owned()),
            count => text.extend_from_slice(&chunk[..count]),
        }
    }
}
