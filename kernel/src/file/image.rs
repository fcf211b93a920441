//! Files of the boot image: bytes of the ramdisk, never changed.

use super::{File, Mapping, OpenFile, Seeking, UserMemory};
use crate::task::{Flow, Kernel};
use alloc::sync::Arc;

/// An open file of the boot image.
#[derive(Debug)]
pub(crate) struct ImageFile {
    /// Its content.
    pub(crate) bytes: &'static [u8],
}

impl File for ImageFile {
    fn read(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        at: u64,
    ) -> Result<usize, Flow> {
        Ok(into.fill(behind(self.bytes, at))?)
    }

    fn map(&self, kernel: &mut Kernel, _open: &Arc<OpenFile>, mapping: &Mapping) -> Result<u64, Flow> {
        let bytes = behind(self.bytes, mapping.offset);
        let space = Arc::clone(&kernel.process().space);
        let mapped = space.map_image(mapping.placement, mapping.length, mapping.protection, bytes)?;
        Ok(kernel.conclude_mapping(mapped))
    }

    fn seeking(&self) -> Seeking {
        Seeking::Within(self.bytes.len() as u64)
    }
}

/// The bytes from a position on.
pub(super) fn behind(bytes: &[u8], at: u64) -> &[u8] {
    usize::try_from(at)
        .ok()
        .and_then(|at| bytes.get(at..))
        .unwrap_or(&[])
}
