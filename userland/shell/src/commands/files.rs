//! Files and directories.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Failure, Outcome};
use crate::platform::{Descriptor, open};
use rt::syscall::{self, Entry, EntryKind};
use shell::system::{Files, OpenMode};

/// `cat [FILE...]`
pub(super) fn cat(words: &[String], files: &Files<Descriptor>) -> Outcome {
    if words.is_empty() {
        copy(&files.input, &files.output).map_err(|error| Failure::of("input", error))?;
    }
    for name in words {
        let copied = open(name, OpenMode::Read).and_then(|file| copy(&file, &files.output));
        copied.map_err(|error| Failure::of(name, error))?;
    }
    Ok(String::new())
}

fn copy(from: &Descriptor, to: &Descriptor) -> rt::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        match syscall::read(from.number(), &mut buffer)? {
            0 => return Ok(()),
            count => syscall::write_all(to.number(), &buffer[..count])?,
        }
    }
}

/// `ls [DIRECTORY...]`
pub(super) fn ls(words: &[String], _: &Files<Descriptor>) -> Outcome {
    let here = [String::from(".")];
    let directories = if words.is_empty() { &here } else { words };
    let mut text = String::new();
    for directory in directories {
        if directories.len() > 1 {
            text.push_str(&format!("{directory}:\n"));
        }
        let mut names = match syscall::entries(directory) {
            Ok(entries) => entries.iter().map(shown).collect::<Vec<_>>(),
            Err(abi::Errno::ENOTDIR) => Vec::from([directory.clone()]),
            Err(error) => return Err(Failure::of(directory, error)),
        };
        names.sort();
        names.iter().for_each(|name| text.push_str(&format!("{name}\n")));
    }
    Ok(text)
}

/// The name, with a slash behind directories.
pub(crate) fn shown(entry: &Entry) -> String {
    match entry.kind {
        EntryKind::Directory => format!("{}/", entry.name),
        EntryKind::Regular | EntryKind::Device | EntryKind::Other => entry.name.clone(),
    }
}
