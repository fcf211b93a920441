//! Serving calls, one after the other.

use super::{IpcThreadState, Receive};
use crate::status::StatusCode;
use abi::Errno;
use abi::binder::command::{BC_ENTER_LOOPER, BC_EXIT_LOOPER, BC_REGISTER_LOOPER};

/// How a thread came to the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolMember {
    /// The program sent it; it stays.
    Main,
    /// The driver asked for it.
    Spawned,
}

impl IpcThreadState {
    /// Serves calls until the device is lost.
    pub fn join_thread_pool(&self, member: PoolMember) {
        let enter = match member {
            PoolMember::Main => BC_ENTER_LOOPER,
            PoolMember::Spawned => BC_REGISTER_LOOPER,
        };
        self.out.borrow_mut().plain(enter);
        loop {
            self.process_pending_derefs_when_idle();
            match self.get_and_execute_command() {
                Ok(()) => {}
                Err(status) if is_lost(status) => break,
                // One call came to nothing; that is its caller's affair.
                Err(_) => {}
            }
        }
        self.out.borrow_mut().plain(BC_EXIT_LOOPER);
        let _ = self.talk_with_driver(Receive::No);
    }

    /// Prepares the calling thread to serve calls by poll: it counts as one of the pool from here on.
    ///
    /// The descriptor to poll is the device's; [`IpcThreadState::handle_polled_commands`] does what it announces.
    ///
    /// # Errors
    ///
    /// Those of the ioctl.
    pub fn setup_polling(&self) -> Result<(), StatusCode> {
        self.out.borrow_mut().plain(BC_ENTER_LOOPER);
        self.talk_with_driver(Receive::No)
    }

    /// Does all that the driver has said, after poll announced it.
    ///
    /// # Errors
    ///
    /// That the device is lost.
    pub fn handle_polled_commands(&self) -> Result<(), StatusCode> {
        loop {
            match self.get_and_execute_command() {
                Err(status) if is_lost(status) => return Err(status),
                _ => {}
            }
            if self.returns.borrow().is_empty() {
                break;
            }
        }
        self.process_pending_derefs_when_idle();
        self.flush_commands();
        Ok(())
    }

    /// Drops objects that nobody holds any more, once everything the driver said was acted on.
    fn process_pending_derefs_when_idle(&self) {
        if self.returns.borrow().is_empty() {
            self.process_pending_derefs();
        }
    }
}

/// Whether an error means that there is nothing to talk to any more.
fn is_lost(status: StatusCode) -> bool {
    [
        Errno::EBADF,
        Errno::ENODEV,
        Errno::ENOTTY,
        Errno::EFAULT,
        Errno::EINVAL,
    ]
    .into_iter()
    .any(|errno| status == StatusCode::from(errno))
}
