//! How a process ended.

use abi::signal::Signal;

/// A process's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It said so, with this status.
    Exited(u8),
    /// A signal ended it.
    Killed(Signal),
}

impl Ending {
    /// As `wait4` tells it.
    pub(crate) fn wait_status(self) -> u32 {
        match self {
            Self::Exited(status) => u32::from(status) << 8,
            Self::Killed(signal) => u32::from(signal.number()),
        }
    }

    /// As shells put it into one number: a signal counts from 128.
    pub(crate) fn shell_status(self) -> u8 {
        match self {
            Self::Exited(status) => status,
            Self::Killed(signal) => 128 + signal.number(),
        }
    }
}
