//! Files whose content is kept in memory: those below `/tmp`, and those of `memfd_create`.

use super::{Facts, File, Mapping, OpenFile, Seeking, Sharing, UserMemory};
use crate::arch::time;
use crate::mm::{Backing, PAGE, Protection, SharedPages, frames};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::Seals;
use abi::status::S_IFREG;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// No file is longer.
const LENGTH_MAX: u64 = i64::MAX as u64 & !(PAGE - 1);

/// The content of a file in memory, with what `stat` tells about it.
#[derive(Debug)]
pub(crate) struct MemoryFile {
    device: u64,
    inode: u64,
    permissions: u32,
    links: AtomicU32,
    modified: AtomicU64,
    seals: AtomicU32,
    pages: Arc<SharedPages>,
}

impl MemoryFile {
    /// One of so many frames is not for files: a full `/tmp` must not starve programs.
    pub(super) const RESERVE: u64 = 8;

    /// An empty file.
    ///
    /// # Errors
    ///
    /// ENOMEM.
    pub(crate) fn new(device: u64, inode: u64, permissions: u32, seals: Seals) -> Result<Arc<Self>, Errno> {
        Ok(Arc::new(Self {
            device,
            inode,
            permissions,
            links: AtomicU32::new(1),
            modified: AtomicU64::new(time::unix()),
            seals: AtomicU32::new(seals.bits()),
            pages: SharedPages::new()?,
        }))
    }

    /// It lost a name.
    pub(crate) fn unlinked(&self) {
        self.links.fetch_sub(1, Ordering::Relaxed);
    }

    /// It has another name.
    pub(crate) fn linked(&self) {
        self.links.fetch_add(1, Ordering::Relaxed);
    }

    /// How long it is.
    pub(crate) fn length(&self) -> u64 {
        self.pages.length()
    }

    /// What is forbidden.
    pub(crate) fn seals(&self) -> Seals {
        Seals::from_bits_retain(self.seals.load(Ordering::Relaxed))
    }

    /// Forbids more.
    ///
    /// # Errors
    ///
    /// EPERM if that itself is forbidden, EBUSY if writing is to be forbidden while someone may write through a mapping.
    pub(crate) fn add_seals(&self, more: Seals) -> Result<(), Errno> {
        let seals = self.seals();
        if seals.contains(Seals::SEAL) {
            return Err(Errno::EPERM);
        }
        if more.contains(Seals::WRITE) && !seals.contains(Seals::WRITE) && self.is_mapped() {
            return Err(Errno::EBUSY);
        }
        self.seals.store((seals | more).bits(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether someone shares its pages through a mapping. As on Linux, one that is not written to now counts too.
    fn is_mapped(&self) -> bool {
        Arc::strong_count(&self.pages) > 1
    }

    /// Its content, as far as it goes, from a position on.
    pub(crate) fn read_at(&self, at: u64, into: &mut [u8]) {
        self.pages.read(at, into);
    }

    /// Makes it this long.
    ///
    /// # Errors
    ///
    /// EFBIG, EPERM where sealed.
    pub(crate) fn set_length(&self, kernel: &Kernel, length: u64) -> Result<(), Errno> {
        if length > LENGTH_MAX {
            return Err(Errno::EFBIG);
        }
        let (now, seals) = (self.length(), self.seals());
        let forbidden =
            length < now && seals.contains(Seals::SHRINK) || length > now && seals.contains(Seals::GROW);
        if forbidden {
            return Err(Errno::EPERM);
        }
        self.pages.truncate(length);
        if length < now && self.is_mapped() {
            for process in kernel.processes.iter() {
                process.space.cut_off(&self.pages, length);
            }
        }
        self.touch();
        Ok(())
    }

    /// What `stat` tells.
    pub(crate) fn facts(&self) -> Facts {
        Facts {
            device: self.device,
            inode: self.inode,
            mode: S_IFREG | self.permissions,
            links: self.links.load(Ordering::Relaxed),
            represents: 0,
            size: self.length(),
            modified: self.modified.load(Ordering::Relaxed),
        }
    }

    fn touch(&self) {
        self.modified.store(time::unix(), Ordering::Relaxed);
    }

    fn write_at(&self, from: &mut UserMemory, at: u64) -> Result<usize, Flow> {
        let seals = self.seals();
        if seals.intersects(Seals::WRITE | Seals::FUTURE_WRITE) {
            return Err(Errno::EPERM.into());
        }
        let (count, length) = (from.remaining() as u64, self.length());
        let room = LENGTH_MAX.saturating_sub(at);
        if count > 0 && room == 0 {
            return Err(Errno::EFBIG.into());
        }
        if count > 0 && seals.contains(Seals::GROW) && at.saturating_add(count) > length {
            return Err(Errno::EPERM.into());
        }
        let mut chunk = [0; PAGE as usize];
        let end = room.min(count) as usize;
        while from.copied() < end && from.remaining() > 0 {
            let position = at + from.copied() as u64;
            if frames::free() < frames::total() / Self::RESERVE {
                return if from.copied() > 0 {
                    Ok(from.copied())
                } else {
                    Err(Errno::ENOSPC.into())
                };
            }
            let step = ((PAGE - position % PAGE) as usize).min(end - from.copied());
            let before = from.copied();
            let count = from.take(&mut chunk[..step])?;
            if self.pages.write(position, &chunk[..count]).is_err() {
                return if before > 0 {
                    Ok(before)
                } else {
                    Err(Errno::ENOSPC.into())
                };
            }
        }
        self.touch();
        Ok(from.copied())
    }

    /// A private mapping takes what is in the file now; it is the program's own from then on.
    fn map_copy(&self, kernel: &mut Kernel, mapping: &Mapping) -> Result<u64, Flow> {
        let space = Arc::clone(&kernel.process().space);
        let mapped = space.map_anonymous(
            mapping.placement,
            mapping.length,
            mapping.protection,
            Backing::Private,
        )?;
        let address = kernel.conclude_mapping(mapped);
        let end = mapping.length.min(self.length().saturating_sub(mapping.offset));
        let mut chunk = [0; PAGE as usize];
        for at in (0..end).step_by(PAGE as usize) {
            let part = &mut chunk[..(end - at).min(PAGE) as usize];
            self.pages.read(mapping.offset + at, part);
            space.write(address + at, part)?;
        }
        Ok(address)
    }
}

/// An open file in memory.
#[derive(Debug)]
pub(crate) struct MemoryOpen(pub Arc<MemoryFile>);

impl File for MemoryOpen {
    fn read(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        at: u64,
    ) -> Result<usize, Flow> {
        let mut chunk = [0; PAGE as usize];
        let end = self.0.length().saturating_sub(at).min(into.remaining() as u64) as usize;
        while into.copied() < end && into.remaining() > 0 {
            let position = at + into.copied() as u64;
            let step = ((PAGE - position % PAGE) as usize).min(end - into.copied());
            self.0.pages.read(position, &mut chunk[..step]);
            into.fill(&chunk[..step])?;
        }
        Ok(into.copied())
    }

    fn write(
        &self,
        _kernel: &mut Kernel,
        _open: &OpenFile,
        from: &mut UserMemory,
        at: u64,
    ) -> Result<usize, Flow> {
        self.0.write_at(from, at)
    }

    fn map(&self, kernel: &mut Kernel, open: &Arc<OpenFile>, mapping: &Mapping) -> Result<u64, Flow> {
        if mapping.sharing == Sharing::Private {
            return self.0.map_copy(kernel, mapping);
        }
        let sealed = self.0.seals().intersects(Seals::WRITE | Seals::FUTURE_WRITE);
        if sealed && mapping.protection.contains(Protection::WRITE) {
            return Err(Errno::EPERM.into());
        }
        let mut allowed = Protection::READ | Protection::EXECUTE;
        if open.writable() && !sealed {
            allowed |= Protection::WRITE;
        }
        let space = Arc::clone(&kernel.process().space);
        let mapped = space.map_shared(
            &self.0.pages,
            mapping.offset,
            mapping.placement,
            mapping.length,
            mapping.protection,
            allowed,
        )?;
        Ok(kernel.conclude_mapping(mapped))
    }

    fn seeking(&self) -> Seeking {
        Seeking::Within(self.0.length())
    }

    fn facts(&self) -> Facts {
        self.0.facts()
    }

    fn resize(&self, kernel: &Kernel, length: u64) -> Result<(), Errno> {
        self.0.set_length(kernel, length)
    }

    fn memory(&self) -> Option<&Arc<MemoryFile>> {
        Some(&self.0)
    }
}
