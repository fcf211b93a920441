//! Files whose text the kernel makes when it is read.

use super::image::behind;
use super::tree::{System, Text};
use super::{File, OpenFile, Seeking, UserMemory};
use crate::sync::Mutex;
use crate::task::{Flow, Kernel};
use abi::Errno;
use alloc::vec::Vec;

/// An open text. It is made anew when it is read from its start, or anywhere else than where the last read ended.
#[derive(Debug)]
pub(crate) struct TextFile {
    source: Text,
    made: Mutex<Made>,
}

#[derive(Debug, Default)]
struct Made {
    text: Vec<u8>,
    /// Where the last read ended.
    read: u64,
}

impl TextFile {
    /// Nothing of it is made yet.
    pub(crate) fn new(source: Text) -> Self {
        Self {
            source,
            made: Mutex::new(Made::default()),
        }
    }
}

/// Whether the text is about processes; else it is the binder driver's. They differ in their errors.
fn is_about_processes(open: &OpenFile) -> bool {
    open.node().is_some_and(|node| node.system == System::Processes)
}

impl File for TextFile {
    fn read(
        &self,
        kernel: &mut Kernel,
        open: &OpenFile,
        into: &mut UserMemory,
        at: u64,
    ) -> Result<usize, Flow> {
        let goes_on = at != 0 && at == self.made.lock().read;
        if !goes_on {
            (self.source.look)(kernel, self.source.about);
            let Some(text) = (self.source.make)(kernel, self.source.about) else {
                let errno = if is_about_processes(open) {
                    Errno::ESRCH
                } else {
                    Errno::EIO
                };
                return Err(errno.into());
            };
            self.made.lock().text = text;
        }
        let mut made = self.made.lock();
        let count = into.fill(behind(&made.text, at))?;
        made.read = at + count as u64;
        Ok(count)
    }

    fn write(&self, _: &mut Kernel, open: &OpenFile, _: &mut UserMemory, _: u64) -> Result<usize, Flow> {
        let errno = if is_about_processes(open) {
            Errno::EIO
        } else {
            Errno::EINVAL
        };
        Err(errno.into())
    }

    fn seeking(&self) -> Seeking {
        Seeking::FromStart
    }
}
