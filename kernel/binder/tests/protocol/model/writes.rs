//! The write half of an exchange.

use super::types::Command;
use super::{At, Model};

impl Model {
    /// Executes commands until one fails or leaves an error to be read. How many were consumed, and whether the next
    /// one failed the call.
    pub(super) fn write(&mut self, thread: At, commands: &[Command]) -> (usize, bool) {
        for (index, command) in commands.iter().enumerate() {
            if self.threads[thread].return_error.is_some() {
                return (index, false);
            }
            if !self.execute(thread, command) {
                return (index, true);
            }
        }
        (commands.len(), false)
    }

    fn execute(&mut self, thread: At, command: &Command) -> bool {
        let proc = self.threads[thread].proc;
        match *command {
            Command::Call(ref message) => self.call(thread, message),
            Command::Reply(ref message) => self.reply(thread, message),
            Command::Free(address) => self.free(proc, address),
            Command::Increfs(handle) => return self.count_up(proc, handle, false),
            Command::Acquire(handle) => return self.count_up(proc, handle, true),
            Command::Release(handle) => self.count_down(proc, handle, true),
            Command::Decrefs(handle) => self.count_down(proc, handle, false),
            Command::IncrefsDone(ptr, cookie) => self.acknowledge(proc, ptr, cookie, false),
            Command::AcquireDone(ptr, cookie) => self.acknowledge(proc, ptr, cookie, true),
            Command::Enter => self.threads[thread].entered = true,
            Command::Register => {
                let pool = &mut self.procs[proc];
                if !self.threads[thread].entered && pool.requested > 0 {
                    pool.requested -= 1;
                    pool.started += 1;
                }
                self.threads[thread].registered = true;
            }
            Command::RequestDeath(handle, cookie) => self.request_death(thread, handle, cookie),
            Command::ClearDeath(handle, cookie) => self.clear_death(thread, handle, cookie),
            Command::DeadDone(cookie) => self.dead_done(thread, cookie),
            Command::RequestFreeze(handle, cookie) => return self.request_freeze(proc, handle, cookie),
            Command::ClearFreeze(handle, cookie) => return self.clear_freeze(proc, handle, cookie),
            Command::FreezeDone(cookie) => return self.freeze_done(proc, cookie),
        }
        true
    }
}
