//! The file of a program.

use crate::file::FileSystem;
use crate::file::tree::{Content, Last};
use crate::log;
use crate::lossy::Lossy;
use crate::task::Kernel;
use abi::Errno;
use alloc::vec::Vec;
use formats::elf::{Malformed, Program};

/// Permission bits that let anyone execute a file.
const EXECUTABLE: u32 = 0o111;

/// A file that may be executed, and where it was found.
pub(super) struct ProgramFile {
    /// Its bytes.
    pub(super) bytes: Bytes,
    /// Its absolute path.
    pub(super) path: Vec<u8>,
}

/// The bytes of a program's file.
pub(super) enum Bytes {
    /// In the boot image, from where they can be mapped.
    Image(&'static [u8]),
    /// Those of a file that may change; taken when the program starts.
    Taken(Vec<u8>),
}

impl Bytes {
    /// The bytes.
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Image(bytes) => bytes,
            Self::Taken(bytes) => bytes,
        }
    }
}

impl ProgramFile {
    /// Finds it. A relative path counts from the caller's working directory.
    #[inline(never)]
    pub(super) fn find(kernel: &Kernel, path: &[u8]) -> Result<Self, Errno> {
        let caller = kernel.threads.get(kernel.current.0);
        let process = caller.and_then(|thread| kernel.processes.get(thread.process.0));
        let base = process.map_or(b"/".as_slice(), |process| &process.directory);
        let found = FileSystem::walk(kernel, base, path, Last::Followed)?;
        let node = found.existing()?;
        let bytes = match &node.content {
            Content::Image(bytes) => Bytes::Image(bytes),
            Content::Memory(file) => {
                let length = usize::try_from(file.length()).map_err(|_| Errno::ENOMEM)?;
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(length).map_err(|_| Errno::ENOMEM)?;
                bytes.resize(length, 0);
                file.read_at(0, &mut bytes);
                Bytes::Taken(bytes)
            }
            _ => return Err(Errno::EACCES),
        };
        if node.facts().mode & EXECUTABLE == 0 {
            return Err(Errno::EACCES);
        }
        Ok(Self {
            bytes,
            path: found.path,
        })
    }

    /// Reads its headers.
    #[inline(never)]
    pub(super) fn parse(&self) -> Result<Program, Errno> {
        Program::parse(self.bytes.as_slice()).map_err(|malformed| {
            let path = Lossy(&self.path);
            match malformed {
                Malformed::NeedsInterpreter => {
                    log!("{path}: it is dynamically linked; only static programs can start");
                    Errno::ENOENT
                }
                malformed => {
                    log!("{path}: not a program: {malformed:?}");
                    Errno::ENOEXEC
                }
            }
        })
    }
}
