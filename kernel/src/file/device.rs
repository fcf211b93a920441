//! The devices without hardware: `/dev/null`, `/dev/zero`, `/dev/full`, `/dev/random`.

use super::{File, Mapping, OpenFile, Seeking, UserMemory};
use crate::arch;
use crate::task::{Flow, Kernel};
use abi::Errno;
use alloc::sync::Arc;

/// How many bytes are made at a time.
const CHUNK: usize = 512;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Takes everything, has nothing.
    Null,
    /// Takes everything, has zeroes without end.
    Zero,
    /// Has zeroes without end, and no room at all.
    Full,
    /// Has random bytes without end.
    Random,
}

/// An open device of this kind.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Which one.
    pub(crate) source: Source,
}

impl File for SourceFile {
    fn read(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        while into.remaining() > 0 && self.source != Source::Null {
            let mut chunk = [0; CHUNK];
            if self.source == Source::Random {
                fill_random(&mut chunk);
            }
            into.fill(&chunk)?;
        }
        Ok(into.copied())
    }

    fn write(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        from: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        match self.source {
            Source::Full => Err(Errno::ENOSPC.into()),
            Source::Null | Source::Zero | Source::Random => Ok(from.remaining()),
        }
    }

    fn map(&self, kernel: &mut Kernel, _open: &Arc<OpenFile>, mapping: &Mapping) -> Result<u64, Flow> {
        if self.source != Source::Zero {
            return Err(Errno::ENODEV.into());
        }
        let backing = mapping.sharing.backing();
        let space = Arc::clone(&kernel.process().space);
        let mapped = space.map_anonymous(mapping.placement, mapping.length, mapping.protection, backing)?;
        Ok(kernel.conclude_mapping(mapped))
    }

    fn seeking(&self) -> Seeking {
        Seeking::Pointless
    }
}

/// Fills a slice with random bytes.
pub(crate) fn fill_random(bytes: &mut [u8]) {
    for word in bytes.chunks_mut(8) {
        let random = arch::random_u64().to_le_bytes();
        word.copy_from_slice(&random[..word.len()]);
    }
}
