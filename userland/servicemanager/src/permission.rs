//! Asking the policy about the caller being served.

use alloc::format;
use alloc::string::String;

use servicemanager::Refusal;
use servicemanager::policy::{Deed, Subject};

use crate::manager::Manager;

impl Manager {
    /// Whether the caller may do this with that name.
    pub(crate) fn demand(&self, deed: Deed, name: &str) -> Result<(), Refusal> {
        let Some(policy) = &self.configuration.policy else {
            return Ok(());
        };
        let caller = self.caller();
        let program = if policy.asks_for_program() {
            program_of(caller.pid)
        } else {
            None
        };
        let context = self.context.lock().clone();
        let subject = Subject {
            caller,
            program: program.as_deref(),
            context: context.as_deref(),
        };
        if policy.allows(&subject, deed, name) {
            Ok(())
        } else {
            Err(Refusal::Security("The policy does not allow this."))
        }
    }
}

/// The file that a process runs. The driver names no process for a one-way call.
fn program_of(pid: i32) -> Option<String> {
    if pid <= 0 {
        return None;
    }
    rt::syscall::read_link(&format!("/proc/{pid}/exe")).ok()
}
