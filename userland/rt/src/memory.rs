//! Memory beyond the heap: anonymous mappings, and files mapped to be shared.
//!
//! A [`Mapping`] is memory that somebody else may change at any time: the kernel, a driver, another process. So it is
//! never lent out as a slice; bytes are copied in and out.

use crate::Result;
use crate::syscall::{raw, word};
use abi::{Errno, syscall};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

const PAGE: usize = 4096;
const READ: u64 = 1;
const WRITE: u64 = 2;
const SHARED: u64 = 1;
const PRIVATE: u64 = 2;
const ANONYMOUS: u64 = 0x20;
const NORESERVE: u64 = 0x4000;

/// What a mapping allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    ReadOnly,
    /// Reading and writing.
    ReadWrite,
}

/// Maps fresh memory for reading and writing.
///
/// # Errors
///
/// ENOMEM.
pub(crate) fn map_anonymous(length: usize) -> Result<NonNull<u8>> {
    let flags = PRIVATE | ANONYMOUS;
    // SAFETY: the kernel chooses a place where nothing is.
    let address = unsafe { raw::call6(syscall::MMAP, 0, length as u64, READ | WRITE, flags, word(-1), 0) }?;
    NonNull::new(core::ptr::with_exposed_provenance_mut(address as usize)).ok_or(Errno::ENOMEM)
}

/// Takes a mapping away.
///
/// # Safety
///
/// Nobody uses the memory any more.
pub(crate) unsafe fn unmap(base: NonNull<u8>, length: usize) {
    // SAFETY: the caller's promise.
    let _ = unsafe { raw::call2(syscall::MUNMAP, base.as_ptr() as u64, length as u64) };
}

/// Takes away the use of a part of a mapping, as a guard.
///
/// # Safety
///
/// Nobody uses this part of the memory.
pub(crate) unsafe fn forbid(base: NonNull<u8>, length: usize) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe { raw::call3(syscall::MPROTECT, base.as_ptr() as u64, length as u64, 0) }.map(drop)
}

/// Memory that is reached by copies only.
#[derive(Debug)]
pub struct Mapping {
    base: NonNull<u8>,
    length: usize,
    access: Access,
}

// SAFETY: the memory belongs to the mapping and is only reached through atomic accesses.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Fresh memory, readable and writable, all zero.
    ///
    /// # Errors
    ///
    /// ENOMEM, EINVAL for no length.
    pub fn anonymous(length: usize) -> Result<Self> {
        map_anonymous(length).map(|base| Self {
            base,
            length,
            access: Access::ReadWrite,
        })
    }

    /// The beginning of a file; what is written here is seen by all who map it.
    ///
    /// # Errors
    ///
    /// Those of mmap(2).
    pub fn shared(fd: i32, length: usize, access: Access) -> Result<Self> {
        Self::of_file(fd, length, access, SHARED)
    }

    /// The beginning of a device's memory, as binder's libraries map it: private, and reserved nowhere.
    ///
    /// # Errors
    ///
    /// Those of mmap(2).
    pub fn device(fd: i32, length: usize, access: Access) -> Result<Self> {
        Self::of_file(fd, length, access, PRIVATE | NORESERVE)
    }

    fn of_file(fd: i32, length: usize, access: Access, flags: u64) -> Result<Self> {
        let protection = match access {
            Access::ReadOnly => READ,
            Access::ReadWrite => READ | WRITE,
        };
        // SAFETY: the kernel chooses a place where nothing is.
        let address = unsafe { raw::call6(syscall::MMAP, 0, length as u64, protection, flags, word(fd), 0) }?;
        let base =
            NonNull::new(core::ptr::with_exposed_provenance_mut(address as usize)).ok_or(Errno::ENOMEM)?;
        Ok(Self { base, length, access })
    }

    /// The address of the first byte.
    pub fn address(&self) -> u64 {
        self.base.as_ptr() as u64
    }

    /// How many bytes are mapped.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Whether `length` bytes from `address` on lie inside.
    pub fn contains(&self, address: u64, length: u64) -> bool {
        let offset = address.wrapping_sub(self.address());
        offset <= self.length as u64 && length <= self.length as u64 - offset
    }

    fn place(&self, offset: usize, length: usize) -> Result<NonNull<u8>> {
        if length > self.length || offset > self.length - length {
            return Err(Errno::EFAULT);
        }
        // SAFETY: the place was just found to lie inside the mapping.
        Ok(unsafe { self.base.add(offset) })
    }

    /// Copies bytes out, one by one: whatever else happens to them meanwhile, each is a byte that stood there.
    ///
    /// # Errors
    ///
    /// EFAULT when they do not lie inside.
    pub fn read(&self, offset: usize, bytes: &mut [u8]) -> Result<()> {
        let from = self.place(offset, bytes.len())?;
        for (index, byte) in bytes.iter_mut().enumerate() {
            // SAFETY: `place` checked the whole range.
            let place = unsafe { from.add(index) };
            // SAFETY: the byte is mapped for reading; all accesses in this process are atomic.
            *byte = unsafe { AtomicU8::from_ptr(place.as_ptr()) }.load(Ordering::Relaxed);
        }
        Ok(())
    }

    /// Copies bytes in.
    ///
    /// # Errors
    ///
    /// EFAULT when they do not lie inside, EACCES when the mapping is read-only.
    pub fn write(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let to = self.place(offset, bytes.len())?;
        if self.access == Access::ReadOnly {
            return Err(Errno::EACCES);
        }
        for (index, &byte) in bytes.iter().enumerate() {
            // SAFETY: `place` checked the whole range.
            let place = unsafe { to.add(index) };
            // SAFETY: the byte is mapped for writing; all accesses in this process are atomic.
            unsafe { AtomicU8::from_ptr(place.as_ptr()) }.store(byte, Ordering::Relaxed);
        }
        Ok(())
    }

    /// An aligned word of a writable mapping, to count, signal or wait on.
    ///
    /// # Errors
    ///
    /// EFAULT when it does not lie inside, EINVAL when it is not aligned, EACCES when the mapping is read-only.
    pub fn word(&self, offset: usize) -> Result<&AtomicU32> {
        let place = self.place(offset, 4)?.cast::<u32>();
        if self.access == Access::ReadOnly {
            return Err(Errno::EACCES);
        }
        if !place.is_aligned() {
            return Err(Errno::EINVAL);
        }
        // SAFETY: aligned, mapped for writing as long as `self` lives, and accessed atomically by all.
        Ok(unsafe { AtomicU32::from_ptr(place.as_ptr()) })
    }

    /// Asks the kernel to allow writing. A device may refuse.
    ///
    /// # Errors
    ///
    /// Those of mprotect(2).
    pub fn make_writable(&mut self) -> Result<()> {
        let (address, length) = (self.address(), self.length as u64);
        // SAFETY: nobody relies on the memory being read-only; it is reached by copies only.
        unsafe { raw::call3(syscall::MPROTECT, address, length, READ | WRITE) }?;
        self.access = Access::ReadWrite;
        Ok(())
    }

    /// Takes away a part of the mapping before its time, in whole pages. What lies there is gone for good.
    ///
    /// The mapping ends where the part begins, so nothing behind it can be reached either.
    ///
    /// # Errors
    ///
    /// EINVAL when `offset` is no page boundary inside.
    pub fn shorten(&mut self, offset: usize) -> Result<()> {
        if !offset.is_multiple_of(PAGE) || offset >= self.length {
            return Err(Errno::EINVAL);
        }
        let part = self.place(offset, self.length - offset)?;
        // SAFETY: the mapping is borrowed exclusively, and forgets the part before anybody can reach it again.
        unsafe { unmap(part, self.length - offset) };
        self.length = offset;
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: only this value knew the memory.
            unsafe { unmap(self.base, self.length) };
        }
    }
}
