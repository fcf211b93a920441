//! Binder devices as files. What they do is the driver's; this is where it meets descriptors.

use super::{File, Mapping, OpenFile, Readiness, Seeking};
use crate::binder::{self, BinderFile};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::poll::PollEvents;
use alloc::sync::Arc;
use binder_driver::Blocking;

impl File for BinderFile {
    /// The driver wakes a thread that asked itself, so there is no channel. It never tells of more than `POLLIN`, as on
    /// Linux.
    fn ready(&self, kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let (is_ready, news) = binder::poll(kernel, self)?;
        let events = if is_ready {
            PollEvents::IN
        } else {
            PollEvents::empty()
        };
        Ok(Readiness {
            events,
            channel: None,
            changes: Some(u64::from(news)),
        })
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn control(
        &self,
        kernel: &mut Kernel,
        open: &OpenFile,
        request: u32,
        argument: u64,
    ) -> Result<u64, Flow> {
        let blocking = if open.nonblocking() {
            Blocking::Refused
        } else {
            Blocking::Allowed
        };
        binder::control(kernel, self, request, argument, blocking)
    }

    fn map(&self, kernel: &mut Kernel, _open: &Arc<OpenFile>, mapping: &Mapping) -> Result<u64, Flow> {
        binder::mmap(
            kernel,
            self,
            mapping.placement,
            mapping.length,
            mapping.protection,
            mapping.sharing.backing(),
        )
    }

    fn seeking(&self) -> Seeking {
        Seeking::Unknown
    }

    fn flush(&self, kernel: &mut Kernel) {
        binder::flush(kernel, self);
    }

    fn release(&self, kernel: &mut Kernel) {
        binder::release(kernel, self);
    }
}
