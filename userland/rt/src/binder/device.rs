//! A device for libraries: typed commands, typed returns, lent messages.

use super::{Commands, Returns, control};
use crate::Result;
use crate::syscall::{OpenFlags, close, open, raw, word};
use abi::binder::ioctl::WriteRead;
use abi::{Errno, syscall};
use alloc::boxed::Box;
use core::ptr::NonNull;

const READ: u64 = 1;
const PRIVATE_NORESERVE: u64 = 2 | 0x4000;

/// An open binder device with its mapped region.
///
/// It stays open as long as the process lives: the messages that it lends have no other end.
#[derive(Debug)]
pub struct Device {
    fd: i32,
    base: NonNull<u8>,
    length: usize,
}

// SAFETY: the region is only read by this process, and changed by the driver only where nothing is lent.
unsafe impl Send for Device {}
// SAFETY: as above.
unsafe impl Sync for Device {}

/// What one ioctl made of its argument.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// The argument before.
    pub before: WriteRead,
    /// The argument after.
    pub after: WriteRead,
    /// What the ioctl returned.
    pub result: Result<()>,
}

impl Device {
    /// Opens a device and maps `length` bytes of its memory.
    ///
    /// # Errors
    ///
    /// Those of openat(2) and mmap(2).
    pub fn open(path: &str, length: usize) -> Result<&'static Self> {
        let fd = open(path, OpenFlags::READ_WRITE | OpenFlags::CLOEXEC)?;
        let device = Self::inherited(fd, length);
        if device.is_err() {
            close(fd)?;
        }
        device
    }

    /// Takes over a device that this process was started with, and maps `length` bytes of its memory.
    ///
    /// # Errors
    ///
    /// Those of mmap(2); EBUSY when the device is in use already.
    pub fn inherited(fd: i32, length: usize) -> Result<&'static Self> {
        // SAFETY: the kernel chooses a place where nothing is.
        let mapped = unsafe {
            raw::call6(
                syscall::MMAP,
                0,
                length as u64,
                READ,
                PRIVATE_NORESERVE,
                word(fd),
                0,
            )
        };
        let base =
            NonNull::new(core::ptr::with_exposed_provenance_mut(mapped? as usize)).ok_or(Errno::ENOMEM)?;
        Ok(Box::leak(Box::new(Self { fd, base, length })))
    }

    /// The descriptor, to poll it.
    pub const fn fd(&self) -> i32 {
        self.fd
    }

    /// Where the region begins in this process.
    pub fn region_address(&self) -> u64 {
        self.base.as_ptr() as u64
    }

    /// How long the region is.
    pub const fn region_length(&self) -> usize {
        self.length
    }

    /// The place of `length` bytes at `address`, if they lie inside the region.
    pub(super) fn place(&self, address: u64, length: u64) -> Option<(NonNull<u8>, usize)> {
        let offset = usize::try_from(address.checked_sub(self.region_address())?).ok()?;
        let length = usize::try_from(length).ok()?;
        if length > self.length || offset > self.length - length {
            return None;
        }
        // SAFETY: the offset was just found to lie inside the region.
        Some((unsafe { self.base.add(offset) }, length))
    }

    /// Sends what `commands` holds, and reads into `returns` when there is one.
    ///
    /// What was consumed is taken out of `commands`, also when the ioctl fails afterwards; so after EINTR the same
    /// call may simply be made again. Addresses in the commands are read by the kernel during the call.
    pub fn exchange(&'static self, commands: &mut Commands, returns: Option<&mut Returns>) -> Exchange {
        let (read_buffer, read_size) = match &returns {
            Some(returns) => returns.room(),
            None => (0, 0),
        };
        let mut argument = WriteRead {
            write_size: commands.bytes().len() as u64,
            write_consumed: 0,
            write_buffer: commands.bytes().as_ptr() as u64,
            read_size,
            read_consumed: 0,
            read_buffer,
        };
        let before = argument;
        // SAFETY:
        // 1. The range for reading is the buffer of `returns`, which is borrowed exclusively here.
        // 2. `Commands` frees a buffer only by taking its `Delivered` value, so nothing of it is lent any more.
        let result = unsafe { control::write_read(self.fd, &mut argument) };
        commands.consumed(argument.write_consumed);
        if let Some(returns) = returns {
            returns.filled(self, argument.read_consumed);
        }
        Exchange {
            before,
            after: argument,
            result,
        }
    }
}
