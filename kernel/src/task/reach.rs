//! What a process can name.
//!
//! An ordinary program names files and devices by paths, and other processes by their numbers. A program that was
//! started with handles is confined to them: for it there are no paths and no other processes, so that whatever it
//! reaches is something it was given.

use super::{Kernel, Pid};
use abi::Errno;

/// What a process can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Whatever has a path or a number.
    Everything,
    /// The handles and files that it was given, and itself.
    Granted,
}

impl Kernel {
    /// Whether the current process can name another one.
    pub(crate) fn can_name(&self, pid: Pid) -> bool {
        let own = self.process();
        own.id == pid || own.reach == Reach::Everything
    }

    /// For calls that look up a path.
    ///
    /// # Errors
    ///
    /// EACCES if the current process knows no paths.
    pub(crate) fn may_use_paths(&self) -> Result<(), Errno> {
        match self.process().reach {
            Reach::Everything => Ok(()),
            Reach::Granted => Err(Errno::EACCES),
        }
    }

    /// For calls that make a process, or concern processes by their numbers.
    ///
    /// # Errors
    ///
    /// EPERM if the current process is alone in its world.
    pub(crate) fn may_concern_processes(&self) -> Result<(), Errno> {
        match self.process().reach {
            Reach::Everything => Ok(()),
            Reach::Granted => Err(Errno::EPERM),
        }
    }
}
