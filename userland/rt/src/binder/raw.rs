//! A device for programs that test the driver: anything may be said to it.

use super::control;
use crate::Result;
use crate::measure::ticks;
use crate::memory::{Access, Mapping};
use crate::syscall::{self, OpenFlags, raw, word};
use abi::Errno;
use abi::binder::ioctl::WriteRead;

/// Addresses below this are never mapped, and those from [`KERNEL`] on belong to no program.
const LOWEST: u64 = 0x1_0000;
const KERNEL: u64 = 0x8000_0000_0000;

/// How far the driver may run over the end of a read buffer whose sizes make no sense.
const OVERRUN: u64 = 4096;

/// How to map the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapSharing {
    /// As binder's libraries do.
    Private,
    /// As some tests do.
    Shared,
}

/// An open device that takes any bytes. It is closed when the value is dropped.
#[derive(Debug)]
pub struct RawDevice {
    fd: i32,
}

impl RawDevice {
    /// Opens a device for reading and writing.
    ///
    /// # Errors
    ///
    /// Those of openat(2).
    pub fn open(path: &str, flags: OpenFlags) -> Result<Self> {
        let flags = flags | OpenFlags::READ_WRITE | OpenFlags::CLOEXEC;
        syscall::open(path, flags).map(|fd| Self { fd })
    }

    /// Another descriptor of the same open device.
    ///
    /// # Errors
    ///
    /// Those of dup(2).
    pub fn duplicate(&self) -> Result<Self> {
        syscall::dup(self.fd).map(|fd| Self { fd })
    }

    /// The descriptor.
    pub const fn fd(&self) -> i32 {
        self.fd
    }

    /// Maps the device's region. Any length and access may be tried.
    ///
    /// # Errors
    ///
    /// Those of mmap(2).
    pub fn map(&self, length: usize, access: Access, sharing: MapSharing) -> Result<Mapping> {
        match sharing {
            MapSharing::Private => Mapping::device(self.fd, length, access),
            MapSharing::Shared => Mapping::shared(self.fd, length, access),
        }
    }

    /// Sends and reads, with any addresses for the commands, and a read buffer that lies inside `arena`, or where
    /// nothing can be mapped.
    ///
    /// # Errors
    ///
    /// Those of ioctl(2).
    ///
    /// # Panics
    ///
    /// When the driver could write to other memory of this process. A read size below 4, or a read that begins behind
    /// its end, needs 4096 bytes of the arena behind it, because a driver may miscount there.
    pub fn write_read(&self, argument: &mut WriteRead, arena: &Mapping) -> Result<()> {
        self.timed_write_read(argument, arena).0
    }

    /// As [`RawDevice::write_read`], with the ticks right before and right after the system call.
    ///
    /// # Panics
    ///
    /// As [`RawDevice::write_read`].
    pub fn timed_write_read(&self, argument: &mut WriteRead, arena: &Mapping) -> (Result<()>, u64, u64) {
        let (begin, size) = (argument.read_buffer, argument.read_size);
        let extent = if size == 0 {
            0
        } else if size < 4 || argument.read_consumed > size {
            size.max(argument.read_consumed).saturating_add(OVERRUN)
        } else {
            size
        };
        let nowhere = begin >= KERNEL || begin.saturating_add(extent) <= LOWEST;
        assert!(
            extent == 0 || nowhere || arena.contains(begin, extent),
            "the read buffer lies in memory that the arena does not own"
        );
        let before = ticks();
        // SAFETY:
        // 1. What the driver writes goes to the arena, which is only reached by copies, or fails.
        // 2. Regions of this device are only reached by copies too, so freeing their buffers takes nothing away.
        let result = unsafe { control::write_read(self.fd, argument) };
        (result, before, ticks())
    }

    /// Makes any ioctl with an argument at an address where nothing can be mapped.
    ///
    /// # Errors
    ///
    /// Those of ioctl(2).
    ///
    /// # Panics
    ///
    /// When something could be mapped there.
    pub fn control_at(&self, request: u32, address: u64) -> Result<u64> {
        assert!(
            address >= KERNEL || address.saturating_add(OVERRUN) <= LOWEST,
            "something could be mapped there"
        );
        // SAFETY: the kernel can write nothing at such an address.
        unsafe { raw::call3(abi::syscall::IOCTL, word(self.fd), u64::from(request), address) }
    }

    /// Makes any ioctl with an argument inside `arena`, `room` bytes or more before its end.
    ///
    /// # Errors
    ///
    /// Those of ioctl(2); EFAULT when the argument does not lie inside, EINVAL for a request that is checked by
    /// [`RawDevice::write_read`].
    pub fn control_in(&self, request: u32, arena: &Mapping, offset: usize) -> Result<u64> {
        if request == abi::binder::ioctl::BINDER_WRITE_READ {
            return Err(Errno::EINVAL);
        }
        let address = arena.address() + offset as u64;
        if !arena.contains(address, abi::binder::payload_size(request) as u64) {
            return Err(Errno::EFAULT);
        }
        // SAFETY: the kernel writes at most the request's payload, which lies inside the arena.
        unsafe { raw::call3(abi::syscall::IOCTL, word(self.fd), u64::from(request), address) }
    }

    /// Closes the device and says what the kernel said.
    ///
    /// # Errors
    ///
    /// Those of close(2).
    pub fn close(self) -> Result<()> {
        let fd = self.fd;
        core::mem::forget(self);
        syscall::close(fd)
    }
}

impl Drop for RawDevice {
    fn drop(&mut self) {
        // There is nobody to tell of an error.
        let _ = syscall::close(self.fd);
    }
}
