//! The kernel's objects.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Failure, Outcome};
use crate::platform::Descriptor;
use libbinder::kernel::kernel;
use rt::syscall;
use shell::system::Files;

/// Bytes in a frame.
const FRAME: i64 = 4096;

impl From<libbinder::Status> for Failure {
    fn from(status: libbinder::Status) -> Self {
        Self::Failed(format!("{status}"))
    }
}

/// A command that takes no arguments.
fn alone(words: &[String]) -> Result<(), Failure> {
    if words.is_empty() {
        Ok(())
    } else {
        Err(Failure::Usage("(no arguments)"))
    }
}

/// `ps`
pub(super) fn ps(words: &[String], _: &Files<Descriptor>) -> Outcome {
    alone(words)?;
    let mut text = String::from("  PID   TID STATE WAITS FOR              NAME\n");
    for running in kernel()?.process_manager()?.list()? {
        let (pid, program) = (running.pid, running.program);
        let tasks = format!("/proc/{pid}/task");
        // A process may end while it is looked at.
        let mut threads: Vec<u32> = syscall::entries(&tasks)
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| entry.name.parse().ok())
            .collect();
        threads.sort_unstable();
        for thread in threads {
            let read = |name| text_of(&format!("{tasks}/{thread}/{name}"));
            let status = read("status");
            let state = field(&status, "State").and_then(|state| state.chars().next());
            let waits = match read("wchan") {
                waits if waits == "0" => String::new(),
                waits => waits,
            };
            text.push_str(&format!(
                "{pid:>5} {thread:>5} {:<5} {waits:<22} {program}\n",
                state.unwrap_or('?')
            ));
        }
    }
    Ok(text)
}

/// What a file tells; nothing where there is none.
fn text_of(path: &str) -> String {
    let file = crate::platform::open(path, shell::system::OpenMode::Read);
    let bytes = file.and_then(|file| file.read_all()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value in the line `name: value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(value.trim())
}

/// `free`
pub(super) fn free(words: &[String], _: &Files<Descriptor>) -> Outcome {
    alone(words)?;
    let figures = kernel()?.memory()?.figures()?;
    let figure = |name| {
        figures
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(0, |(_, value)| *value)
    };
    let (total, free) = (figure("frames"), figure("free frames"));
    let kibibytes = |frames: i64| frames * FRAME / 1024;
    let mut text = format!("{:>12} {:>10} {:>10}\n", "total", "used", "free");
    text.push_str(&format!(
        "{:>8} KiB {:>6} KiB {:>6} KiB\n",
        kibibytes(total),
        kibibytes(total - free),
        kibibytes(free)
    ));
    for (name, value) in figures.iter().filter(|(name, _)| !name.ends_with("frames")) {
        text.push_str(&format!("{name:<24} {value:>10}\n"));
    }
    Ok(text)
}

/// `dmesg`
pub(super) fn dmesg(words: &[String], _: &Files<Descriptor>) -> Outcome {
    alone(words)?;
    Ok(kernel()?.log()?.read()?)
}

/// `uptime`
pub(super) fn uptime(words: &[String], _: &Files<Descriptor>) -> Outcome {
    alone(words)?;
    let milliseconds = syscall::clock_monotonic_ns() / 1_000_000;
    Ok(format!(
        "up {}.{:03} s\n",
        milliseconds / 1000,
        milliseconds % 1000
    ))
}

/// `poweroff [STATUS]`
pub(super) fn power_off(words: &[String], _: &Files<Descriptor>) -> Outcome {
    let status = match words {
        [] => 0,
        [status] => status.parse().map_err(|_| Failure::Usage("[STATUS]"))?,
        _ => return Err(Failure::Usage("[STATUS]")),
    };
    kernel()?.power()?.off(status)?;
    Ok(String::new())
}

/// `panic`
pub(super) fn panic(words: &[String], _: &Files<Descriptor>) -> Outcome {
    alone(words)?;
    kernel()?.power()?.panic()?;
    Ok(String::new())
}

/// `reboot`
pub(super) fn reboot(words: &[String], _: &Files<Descriptor>) -> Outcome {
    alone(words)?;
    kernel()?.power()?.reboot()?;
    Ok(String::new())
}
