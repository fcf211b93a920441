//! The write half of `BINDER_WRITE_READ`: commands are taken and carried out.
//!
//! Most mistakes in commands are passed over in silence, and failures of calls are told as returns. Only what makes
//! the stream itself senseless ends the system call with an error; then `write_consumed` stops before that command.
//! After a failed call no more commands are taken until the failure has been read.

use crate::commands::Commands;
use crate::count::Strength;
use crate::driver::Driver;
use crate::machine::{Machine, Trace};
use crate::table::ThreadId;
use crate::thread::Looper;
use crate::trace::Event;
use abi::Errno;
use abi::binder::command::{
    BC_ACQUIRE, BC_ACQUIRE_DONE, BC_CLEAR_DEATH_NOTIFICATION, BC_CLEAR_FREEZE_NOTIFICATION,
    BC_DEAD_BINDER_DONE, BC_DECREFS, BC_ENTER_LOOPER, BC_EXIT_LOOPER, BC_FREE_BUFFER,
    BC_FREEZE_NOTIFICATION_DONE, BC_INCREFS, BC_INCREFS_DONE, BC_REGISTER_LOOPER, BC_RELEASE, BC_REPLY,
    BC_REPLY_SG, BC_REQUEST_DEATH_NOTIFICATION, BC_REQUEST_FREEZE_NOTIFICATION, BC_TRANSACTION,
    BC_TRANSACTION_SG,
};
use abi::binder::ioctl::WriteRead;
use abi::binder::{HandleCookie, PtrCookie, TransactionData, TransactionDataSg};

impl Driver {
    /// Takes commands until they end, one makes no sense, or a call fails.
    ///
    /// # Errors
    ///
    /// EFAULT if commands cannot be read, EINVAL for one that makes no sense.
    #[inline]
    pub(crate) fn write(
        &mut self,
        caller: ThreadId,
        write_read: &mut WriteRead,
        machine: &mut dyn Machine,
    ) -> Result<(), Errno> {
        let start = write_read.write_buffer;
        let at = start.wrapping_add(write_read.write_consumed);
        let mut commands = Commands::new(at, start.wrapping_add(write_read.write_size));
        while commands.are_left() && self.threads[caller].errors.keep_commands_back() == 0 {
            let code = commands.code(machine)?;
            self.count_command(caller, code, machine);
            self.carry_out(caller, code, &mut commands, machine)?;
            write_read.write_consumed = commands.position().wrapping_sub(start);
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn count_command(&mut self, caller: ThreadId, code: u32, machine: &mut dyn Machine) {
        let thread = &self.threads[caller];
        self.procs[thread.proc].stats.command(code);
        let task = thread.task;
        machine.trace(|| Event::Command { task, code });
    }

    #[inline]
    fn carry_out(
        &mut self,
        caller: ThreadId,
        code: u32,
        commands: &mut Commands,
        machine: &mut dyn Machine,
    ) -> Result<(), Errno> {
        match code {
            BC_TRANSACTION => {
                let data: TransactionData = commands.payload(machine)?;
                self.call(caller, &data, 0, machine);
            }
            BC_REPLY => {
                let data: TransactionData = commands.payload(machine)?;
                self.reply(caller, &data, 0, machine);
            }
            BC_FREE_BUFFER => {
                let address: u64 = commands.payload(machine)?;
                self.free_by_address(caller, address, machine);
            }
            _ => return self.carry_out_rare(caller, code, commands, machine),
        }
        Ok(())
    }

    #[inline(never)]
    fn carry_out_rare(
        &mut self,
        caller: ThreadId,
        code: u32,
        commands: &mut Commands,
        machine: &mut dyn Machine,
    ) -> Result<(), Errno> {
        let proc = self.threads[caller].proc;
        match code {
            BC_TRANSACTION_SG | BC_REPLY_SG => {
                let TransactionDataSg {
                    transaction_data,
                    buffers_size,
                } = &commands.payload(machine)?;
                if code == BC_REPLY_SG {
                    self.reply(caller, transaction_data, *buffers_size, machine);
                } else {
                    self.call(caller, transaction_data, *buffers_size, machine);
                }
            }
            BC_INCREFS | BC_ACQUIRE | BC_RELEASE | BC_DECREFS => {
                let handle = commands.payload(machine)?;
                let strength = match code {
                    BC_ACQUIRE | BC_RELEASE => Strength::Strong,
                    _ => Strength::Weak,
                };
                match code {
                    BC_INCREFS | BC_ACQUIRE => self.acquire_handle(proc, handle, strength)?,
                    _ => self.lower_handle(proc, handle, strength),
                }
            }
            BC_INCREFS_DONE | BC_ACQUIRE_DONE => {
                let name: PtrCookie = commands.payload(machine)?;
                let strength = match code {
                    BC_ACQUIRE_DONE => Strength::Strong,
                    _ => Strength::Weak,
                };
                self.acknowledge_reference(proc, name, strength);
            }
            BC_REGISTER_LOOPER => self.register_looper(caller, code, machine),
            BC_ENTER_LOOPER => self.enter_looper(caller, code, machine),
            BC_EXIT_LOOPER => self.set_looper(caller, Looper::EXITED, code, machine),
            BC_REQUEST_DEATH_NOTIFICATION
            | BC_CLEAR_DEATH_NOTIFICATION
            | BC_REQUEST_FREEZE_NOTIFICATION
            | BC_CLEAR_FREEZE_NOTIFICATION => {
                let request: HandleCookie = commands.payload(machine)?;
                match code {
                    BC_REQUEST_DEATH_NOTIFICATION => self.request_death(caller, request),
                    BC_CLEAR_DEATH_NOTIFICATION => self.clear_death(caller, request),
                    BC_REQUEST_FREEZE_NOTIFICATION => self.request_freeze(proc, request)?,
                    _ => self.clear_freeze(proc, request)?,
                }
            }
            BC_DEAD_BINDER_DONE | BC_FREEZE_NOTIFICATION_DONE => {
                let cookie = commands.payload(machine)?;
                if code == BC_DEAD_BINDER_DONE {
                    self.acknowledge_death(caller, cookie);
                } else {
                    self.acknowledge_freeze(proc, cookie)?;
                }
            }
            // Among them BC_ATTEMPT_ACQUIRE and BC_ACQUIRE_RESULT, which were never implemented.
            _ => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    /// A thread that the driver asked for has started.
    fn register_looper(&mut self, caller: ThreadId, code: u32, machine: &mut dyn Machine) {
        let thread = &self.threads[caller];
        let entered = thread.looper.contains(Looper::ENTERED);
        let proc = &mut self.procs[thread.proc];
        let pool = &mut proc.pool;
        let mut looper = Looper::REGISTERED;
        if entered || pool.requested == 0 {
            looper |= Looper::INVALID;
        } else {
            pool.requested = pool.requested.saturating_sub(1);
            pool.started = pool.started.saturating_add(1);
            proc.take_caution();
        }
        self.set_looper(caller, looper, code, machine);
    }

    /// A thread has joined the pool of its own accord.
    fn enter_looper(&mut self, caller: ThreadId, code: u32, machine: &mut dyn Machine) {
        let mut looper = Looper::ENTERED;
        if self.threads[caller].looper.contains(Looper::REGISTERED) {
            looper |= Looper::INVALID;
        }
        self.set_looper(caller, looper, code, machine);
    }

    fn set_looper(&mut self, caller: ThreadId, looper: Looper, code: u32, machine: &mut dyn Machine) {
        let thread = &mut self.threads[caller];
        thread.looper.insert(looper);
        let task = thread.task;
        machine.trace(|| Event::Looper { task, code });
    }
}
