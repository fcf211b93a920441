//! Processes: what threads share.

use super::signal::ProcessSignals;
use super::table::Numbered;
use super::{Channel, Credentials, EndedChild, Limits, Pid, Reach, TaskId};
use crate::file::FileTable;
use crate::mm::AddressSpace;
use abi::signal::Signal;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// One process. It has at least one thread.
#[derive(Debug)]
pub(crate) struct Process {
    /// Its number: that of its first thread.
    pub(crate) id: Pid,
    /// Who may wait for its end. The kernel started those that have none.
    pub(crate) parent: Option<Pid>,
    /// Its group: what one signal reaches together.
    pub(crate) group: Pid,
    /// The session that its group belongs to.
    pub(crate) session: Pid,
    /// Whether it has replaced its program; its parent then leaves its group alone.
    pub(crate) executed: bool,
    /// Its threads, the first one first while that lives.
    pub(crate) threads: Vec<TaskId>,
    /// Its memory.
    pub(crate) space: Arc<AddressSpace>,
    /// Its descriptors.
    pub(crate) files: FileTable,
    /// Whose it is: the users and groups of its first thread.
    pub(crate) credentials: Credentials,
    /// What it can name.
    pub(crate) reach: Reach,
    /// What it may use.
    pub(crate) limits: Limits,
    /// Permissions that its new files do not get.
    pub(crate) umask: u32,
    /// The working directory: absolute, without a slash at its end unless it is the root.
    pub(crate) directory: Vec<u8>,
    /// The program's file.
    pub(crate) executable: Vec<u8>,
    /// How far the program lies from the addresses in its file.
    pub(crate) bias: u64,
    /// The program's arguments, each closed by a NUL.
    pub(crate) command_line: Vec<u8>,
    /// What the program was told about itself and the machine.
    pub(crate) auxiliary: Vec<u8>,
    /// Its handlers, and the signals that any of its threads may take.
    pub(crate) signals: ProcessSignals,
    /// Woken when a child ends.
    pub(crate) child_ended: Channel,
    /// Children whose end it has not asked for yet.
    pub(crate) ended_children: Vec<EndedChild>,
    /// System calls that it made in vain, each once, as far as the log names them.
    pub(crate) missing_calls: Vec<u64>,
    /// The signal that tells the parent of the end.
    pub(crate) exit_signal: Option<Signal>,
    /// The signal it gets when its parent ends.
    pub(crate) parent_death_signal: Option<Signal>,
    /// The thread that waits until this process, which was made by vfork, leaves its memory.
    pub(crate) vfork_parent: Option<TaskId>,
    /// When it was started, in nanoseconds since boot.
    pub(crate) started: u64,
}

impl Numbered for Process {
    #[inline(always)]
    fn number(&self) -> u32 {
        self.id.0
    }
}

impl Process {
    /// Arguments as one text, each closed by a NUL.
    pub(super) fn join_arguments(arguments: &[Vec<u8>]) -> Vec<u8> {
        let mut joined = Vec::new();
        for argument in arguments {
            joined.extend_from_slice(argument);
            joined.push(0);
        }
        joined
    }

    /// The file name of its program, for messages.
    pub(crate) fn program_name(&self) -> &str {
        let name = self
            .executable
            .rsplit(|&byte| byte == b'/')
            .next()
            .unwrap_or_default();
        core::str::from_utf8(name).unwrap_or("?")
    }
}
