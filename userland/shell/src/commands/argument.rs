//! An argument of `service call`: its kind, and what stands behind it.

use alloc::format;
use core::str::FromStr;

use super::Failure;
use crate::platform;
use libbinder::{FileDescriptor, Parcel};
use rt::Errno;
use rt::syscall::{self, Whence};
use shell::system::OpenMode;

/// Writes an argument into a parcel.
pub(super) fn write(data: &mut Parcel, kind: &str, value: Option<&str>) -> Result<(), Failure> {
    const KINDS: [&str; 8] = ["i32", "i64", "f", "d", "s16", "fd", "nfd", "afd"];
    if !KINDS.contains(&kind) {
        return Err(Failure::Failed(format!("{kind}: not null, {}", KINDS.join(", "))));
    }
    let value = value.ok_or_else(|| Failure::Failed(format!("{kind}: no value behind it")))?;
    let written = match kind {
        "i32" => data.write::<i32>(&number(value)?),
        "i64" => data.write::<i64>(&number(value)?),
        "f" => data.write::<f32>(&number(value)?),
        "d" => data.write::<f64>(&number(value)?),
        "s16" => data.write(value),
        _ => {
            let file = match kind {
                "fd" => open(value),
                "nfd" => {
                    FileDescriptor::duplicate_of(number(value)?).map_err(|error| Failure::of(value, error))
                }
                _ => in_memory(value),
            };
            data.write_file(file?);
            Ok(())
        }
    };
    written.map_err(|status| Failure::of(value, status))
}

fn number<T: FromStr>(text: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|_| Failure::Failed(format!("{text}: not a number of this kind")))
}

/// A file, opened for reading.
fn open(path: &str) -> Result<FileDescriptor, Failure> {
    let file = platform::open(path, OpenMode::Read).map_err(|error| Failure::of(path, error))?;
    FileDescriptor::duplicate_of(file.number()).map_err(|error| Failure::of(path, error))
}

/// Memory that holds what a file holds.
fn in_memory(path: &str) -> Result<FileDescriptor, Failure> {
    let copied = || -> Result<FileDescriptor, Errno> {
        let bytes = platform::open(path, OpenMode::Read)?.read_all()?;
        let memory = FileDescriptor::adopt(syscall::memfd(path)?);
        syscall::write_all(memory.number(), &bytes)?;
        syscall::seek(memory.number(), 0, Whence::Start)?;
        Ok(memory)
    };
    copied().map_err(|error| Failure::of(path, error))
}
