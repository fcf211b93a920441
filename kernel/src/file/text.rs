//! Files whose text the kernel makes when they are opened.

use super::image::behind;
use super::{File, OpenFile, Progress, Seeking, UserMemory};
use crate::task::Kernel;
use abi::Errno;
use alloc::vec::Vec;

/// An open text: what was true when it was opened.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// The text.
    pub(crate) text: Vec<u8>,
}

impl File for TextFile {
    fn read(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        at: u64,
    ) -> Result<Progress, Errno> {
        into.fill(behind(&self.text, at)).map(Progress::Done)
    }

    fn seeking(&self) -> Seeking {
        Seeking::Within(self.text.len() as u64)
    }
}
