//! `rs-hello serve|call|watch NAME`: the interface in rsbinder's blocking style.

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use interop::IHello::{BnHello, IHello};
use interop::{Answers, Point, shown};
use rsbinder::{BinderResult, Interface, ParcelFileDescriptor, ProcessState, SIBinder, Status, Strong, hub};

/// The service.
struct Hello(Answers);

impl Interface for Hello {
    fn dump(&self, writer: &mut dyn Write, arguments: &[String]) -> rsbinder::Result<()> {
        self.0.dump(writer, arguments)
    }
}

impl IHello for Hello {
    fn echo(&self, text: &str) -> BinderResult<String> {
        Ok(self.0.echo(text))
    }

    fn reverse(&self, numbers: &[i32]) -> BinderResult<Vec<i32>> {
        Ok(numbers.iter().rev().copied().collect())
    }

    fn bytes(&self, data: &[u8]) -> BinderResult<Vec<u8>> {
        Ok(data.to_vec())
    }

    fn flip(&self, value: bool) -> BinderResult<bool> {
        Ok(!value)
    }

    fn shout(&self, text: Option<&str>) -> BinderResult<Option<String>> {
        Ok(text.map(str::to_uppercase))
    }

    fn shift(&self, point: &Point, by: i32) -> BinderResult<Point> {
        Ok(Point {
            x: point.x + by,
            name: point.name.clone(),
        })
    }

    fn fail(&self, code: i32) -> BinderResult<()> {
        Err(self.0.failure(code))
    }

    fn note(&self, number: i32) -> BinderResult<()> {
        self.0.note(number);
        Ok(())
    }

    fn notes(&self) -> BinderResult<Vec<i32>> {
        Ok(self.0.notes())
    }

    fn pass(&self, object: &SIBinder) -> BinderResult<SIBinder> {
        Ok(object.clone())
    }

    fn nested(&self, other: &Strong<dyn IHello>, depth: i32) -> BinderResult<i32> {
        if depth == 0 {
            return Ok(0);
        }
        // The other end calls back, into the thread that waits here.
        let me = BnHello::new_binder(Self(Answers::new(self.0.name)));
        Ok(1 + other.nested(&me, depth - 1)?)
    }

    fn sign(&self, file: &ParcelFileDescriptor) -> BinderResult<ParcelFileDescriptor> {
        self.0.sign(file)
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", name] => serve(name),
        ["call", name] => call(name),
        ["watch", name] => watch(name),
        _ => {
            eprintln!("usage: rs-hello serve|call|watch NAME");
            return ExitCode::from(2);
        }
    };
    interop::ended("rs-hello", result)
}

fn serve(name: &str) -> Result<(), Status> {
    interop::connect()?;
    let service = BnHello::new_binder(Hello(Answers::new("rs-hello")));
    hub::add_service(name, service.as_binder())?;
    Ok(ProcessState::join_thread_pool()?)
}

fn call(name: &str) -> Result<(), Status> {
    interop::connect()?;
    let hello: Strong<dyn IHello> = hub::wait_for_interface(name)?;
    println!("echo {}", shown(hello.echo("Grüße, 𝄞")));
    println!("reverse {}", shown(hello.reverse(&[1, 2, 3])));
    println!("bytes {}", shown(hello.bytes(&[0, 127, 255])));
    println!("flip {}", shown(hello.flip(true)));
    println!("shout {}", shown(hello.shout(Some("loud"))));
    println!("shout {}", shown(hello.shout(None)));
    let point = Point {
        x: 1,
        name: "p".to_owned(),
    };
    println!(
        "shift {}",
        shown(hello.shift(&point, 41).map(|point| (point.x, point.name)))
    );
    println!("fail {}", shown(hello.fail(5)));
    for number in 1..=5 {
        hello.note(number)?;
    }
    // A call may overtake one-way calls that wait for their turn.
    while hello.notes()?.len() < 5 {
        thread::sleep(Duration::from_millis(1));
    }
    println!("notes {}", shown(hello.notes()));
    let me = BnHello::new_binder(Hello(Answers::new("the caller")));
    println!(
        "pass {}",
        shown(hello.pass(&me.as_binder()).map(|back| back == me.as_binder()))
    );
    println!("nested {}", shown(hello.nested(&me, 6)));
    println!("sign {:?}", sign(&hello).map_err(|error| error.to_string()));
    let long = "x".repeat(100_000);
    println!("long {}", shown(hello.echo(&long).map(|text| text.len())));
    println!("ping {:?}", hello.as_binder().ping_binder());
    Ok(())
}

/// Sends one end of a pipe and reads what was written into it there.
fn sign(hello: &Strong<dyn IHello>) -> io::Result<String> {
    let (mut reader, writer) = io::pipe()?;
    let given = ParcelFileDescriptor::new(std::os::fd::OwnedFd::from(writer));
    let back = hello.sign(&given).map_err(io::Error::other)?;
    drop(given);
    let mut ours = std::fs::File::from(std::os::fd::OwnedFd::from(back));
    ours.write_all(b"and by the caller")?;
    drop(ours);
    let mut text = String::new();
    reader.read_to_string(&mut text)?;
    Ok(text)
}

fn watch(name: &str) -> Result<(), Status> {
    interop::connect()?;
    let hello: Strong<dyn IHello> = hub::wait_for_interface(name)?;
    let object = hello.as_binder();
    interop::wait_for_death(&object)?;
    println!("it died: {}", shown(hello.flip(true)));
    Ok(())
}
