//! Descriptors: duplicating them, and what `fcntl` and `ioctl` tell them.

use super::path::{file_of, open_file};
use crate::file::{CloseOnExec, OpenFile, descriptor_limit};
use crate::mm::{frames, user};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::{
    F_ADD_SEALS, F_DUPFD, F_DUPFD_CLOEXEC, F_GET_SEALS, F_GETFD, F_GETFL, F_GETPIPE_SZ, F_SETFD, F_SETFL,
    F_SETPIPE_SZ, FD_CLOEXEC, OpenFlags, Seals,
};
use abi::terminal::{FIOCLEX, FIONBIO, FIONCLEX};
use alloc::sync::Arc;

impl Kernel {
    /// Gives the current process a descriptor for an open file, the lowest free one from `lowest` on. If that fails,
    /// the open file is given up.
    pub(super) fn install(
        &mut self,
        open: Arc<OpenFile>,
        close_on_exec: CloseOnExec,
        lowest: usize,
    ) -> Result<u64, Flow> {
        let process = self.process_mut();
        let limit = descriptor_limit(process);
        let installed = process.files.install(&open, close_on_exec, lowest, limit);
        self.release_file(open);
        Ok(installed? as u64)
    }

    /// Refuses to make two files where the current process cannot have a descriptor for each.
    pub(super) fn check_room_for_pair(&self) -> Result<(), Errno> {
        let process = self.process();
        let limit = descriptor_limit(process);
        let first = process.files.lowest_free(0, limit)?;
        process.files.lowest_free(first + 1, limit)?;
        if frames::is_short() {
            return Err(Errno::ENOMEM);
        }
        Ok(())
    }

    /// Gives the current process a descriptor for each of two files that belong together, and tells their numbers at an
    /// address.
    pub(super) fn install_pair(
        &mut self,
        into: u64,
        flags: OpenFlags,
        (one, other): (Arc<OpenFile>, Arc<OpenFile>),
    ) -> Result<u64, Flow> {
        let close_on_exec = if flags.contains(OpenFlags::CLOSE_ON_EXEC) {
            CloseOnExec::Yes
        } else {
            CloseOnExec::No
        };
        let limit = descriptor_limit(self.process());
        let files = &mut self.process_mut().files;
        let installed = files
            .install(&one, close_on_exec, 0, limit)
            .and_then(|one| Ok([one, files.install(&other, close_on_exec, 0, limit)?]));
        self.release_file(one);
        self.release_file(other);
        let numbers = installed?;
        if let Err(fault) = user::write_value(into, &numbers) {
            let process = self.process().id;
            for number in numbers {
                self.close_descriptor(process, number)?;
            }
            return Err(fault.into());
        }
        Ok(0)
    }
}

/// `dup`.
pub(crate) fn dup(kernel: &mut Kernel, [descriptor, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = Arc::clone(file_of(kernel, descriptor)?);
    kernel.install(open, CloseOnExec::No, 0)
}

/// `dup2`.
pub(crate) fn dup2(kernel: &mut Kernel, [descriptor, to, ..]: [u64; 6]) -> Result<u64, Flow> {
    if descriptor as i32 == to as i32 {
        file_of(kernel, descriptor)?;
        return Ok(to);
    }
    replace(kernel, descriptor, to, CloseOnExec::No)
}

/// `dup3`.
pub(crate) fn dup3(kernel: &mut Kernel, [descriptor, to, flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let close_on_exec = match OpenFlags::from_bits_retain(flags as u32) {
        OpenFlags::CLOSE_ON_EXEC => CloseOnExec::Yes,
        flags if flags.is_empty() => CloseOnExec::No,
        _ => return Err(Errno::EINVAL.into()),
    };
    if descriptor as i32 == to as i32 {
        return Err(Errno::EINVAL.into());
    }
    replace(kernel, descriptor, to, close_on_exec)
}

fn replace(kernel: &mut Kernel, descriptor: u64, to: u64, close_on_exec: CloseOnExec) -> Result<u64, Flow> {
    let process = kernel.process_mut();
    let limit = descriptor_limit(process);
    let index = usize::try_from(to as i32)
        .ok()
        .filter(|&index| index < limit)
        .ok_or(Errno::EBADF)?;
    let open = Arc::clone(process.files.get(descriptor as i32)?);
    let replaced = process.files.place(&open, close_on_exec, index)?;
    if let Some(replaced) = replaced {
        kernel.close_file(replaced);
    }
    Ok(index as u64)
}

/// `fcntl`.
pub(crate) fn fcntl(kernel: &mut Kernel, [descriptor, what, argument, ..]: [u64; 6]) -> Result<u64, Flow> {
    let number = descriptor as i32;
    let open = Arc::clone(file_of(kernel, number as u64)?);
    let what = what as u32;
    if open.names_only() && !matches!(what, F_DUPFD | F_DUPFD_CLOEXEC | F_GETFD | F_SETFD | F_GETFL) {
        return Err(Errno::EBADF.into());
    }
    match what {
        F_DUPFD | F_DUPFD_CLOEXEC => {
            let limit = descriptor_limit(kernel.process());
            let lowest = usize::try_from(argument)
                .ok()
                .filter(|&lowest| lowest < limit)
                .ok_or(Errno::EINVAL)?;
            let close_on_exec = if what == F_DUPFD {
                CloseOnExec::No
            } else {
                CloseOnExec::Yes
            };
            kernel.install(open, close_on_exec, lowest)
        }
        F_GETFD => match kernel.process().files.close_on_exec(number)? {
            CloseOnExec::No => Ok(0),
            CloseOnExec::Yes => Ok(FD_CLOEXEC),
        },
        F_SETFD => {
            let close = if argument & FD_CLOEXEC == 0 {
                CloseOnExec::No
            } else {
                CloseOnExec::Yes
            };
            kernel.process_mut().files.set_close_on_exec(number, close)?;
            Ok(0)
        }
        F_GETFL => Ok(open.flags().bits().into()),
        F_SETFL => {
            open.set_flags(OpenFlags::from_bits_truncate(argument as u32));
            Ok(0)
        }
        F_GETPIPE_SZ => Ok(open.file().pipe_capacity().ok_or(Errno::EBADF)? as u64),
        // A pipe has one size. Asking for no more than that is granted.
        F_SETPIPE_SZ => match open.file().pipe_capacity() {
            None => Err(Errno::EBADF.into()),
            Some(capacity) if argument <= capacity as u64 => Ok(capacity as u64),
            Some(_) => Err(Errno::EPERM.into()),
        },
        F_GET_SEALS => {
            let memory = open.file().memory().ok_or(Errno::EINVAL)?;
            Ok(memory.seals().bits().into())
        }
        F_ADD_SEALS => {
            let memory = open.file().memory().ok_or(Errno::EINVAL)?;
            if !open.writable() {
                return Err(Errno::EPERM.into());
            }
            let seals = u32::try_from(argument)
                .ok()
                .and_then(Seals::from_bits)
                .ok_or(Errno::EINVAL)?;
            memory.add_seals(seals)?;
            Ok(0)
        }
        _ => Err(Errno::EINVAL.into()),
    }
}

/// `ioctl`. Requests that concern any file are answered here; the others go to the file.
pub(crate) fn ioctl(kernel: &mut Kernel, [descriptor, request, argument, ..]: [u64; 6]) -> Result<u64, Flow> {
    let open = open_file(kernel, descriptor)?;
    match request as u32 {
        FIOCLEX => kernel
            .process_mut()
            .files
            .set_close_on_exec(descriptor as i32, CloseOnExec::Yes)?,
        FIONCLEX => kernel
            .process_mut()
            .files
            .set_close_on_exec(descriptor as i32, CloseOnExec::No)?,
        FIONBIO => {
            let on: i32 = user::read_value(argument)?;
            let mut flags = open.flags();
            flags.set(OpenFlags::NONBLOCK, on != 0);
            open.set_flags(flags);
        }
        request => return open.file().control(kernel, &open, request, argument),
    }
    Ok(0)
}
