//! The devices that an actor has open, and their mappings.

use abi::Errno;
use alloc::sync::Arc;
use rt::binder::{MapSharing, RawDevice};
use rt::memory::{Access, Mapping};
use rt::sync::Mutex;
use rt::syscall::OpenFlags;

use crate::operation::SLOTS;

/// Paths of the devices, in the order of their numbers.
const DEVICES: [&str; 3] = ["/dev/binder", "/dev/hwbinder", "/dev/vndbinder"];

#[derive(Default)]
struct Slot {
    device: Option<Arc<RawDevice>>,
    mapping: Option<Mapping>,
}

/// An actor's opens.
#[derive(Default)]
pub(super) struct Slots([Mutex<Slot>; SLOTS as usize]);

impl Slots {
    fn slot(&self, slot: u8) -> &Mutex<Slot> {
        &self.0[(slot % SLOTS) as usize]
    }

    /// The device in a slot. The value keeps it open while a call is under way.
    pub(super) fn device(&self, slot: u8) -> rt::Result<Arc<RawDevice>> {
        self.slot(slot).lock().device.clone().ok_or(Errno::EBADF)
    }

    pub(super) fn open(&self, slot: u8, device: u8, nonblocking: bool) -> rt::Result<()> {
        let path = DEVICES.get(device as usize).ok_or(Errno::ENODEV)?;
        let flags = if nonblocking {
            OpenFlags::NONBLOCK
        } else {
            OpenFlags::empty()
        };
        let device = RawDevice::open(path, flags)?;
        self.slot(slot).lock().device = Some(Arc::new(device));
        Ok(())
    }

    pub(super) fn duplicate(&self, slot: u8, to: u8) -> rt::Result<()> {
        let device = self.device(slot)?.duplicate()?;
        self.slot(to).lock().device = Some(Arc::new(device));
        Ok(())
    }

    /// Closes the slot's descriptor, also while another thread makes a call with it.
    pub(super) fn close(&self, slot: u8) -> rt::Result<()> {
        let device = self.slot(slot).lock().device.take().ok_or(Errno::EBADF)?;
        let fd = device.fd();
        // A thread inside a call holds the value, not the descriptor: the number is closed now, and the value
        // must not close it again.
        core::mem::forget(device);
        rt::syscall::close(fd)
    }

    pub(super) fn map(&self, slot: u8, length: u64, access: Access, sharing: MapSharing) -> rt::Result<u64> {
        let mapping = self.device(slot)?.map(length as usize, access, sharing)?;
        let address = mapping.address();
        self.slot(slot).lock().mapping = Some(mapping);
        Ok(address)
    }

    pub(super) fn unmap(&self, slot: u8, offset: u64) -> rt::Result<()> {
        let mut slot = self.slot(slot).lock();
        if offset == 0 {
            return slot.mapping.take().map(drop).ok_or(Errno::EINVAL);
        }
        slot.mapping
            .as_mut()
            .ok_or(Errno::EINVAL)?
            .shorten(offset as usize)
    }

    pub(super) fn make_writable(&self, slot: u8) -> rt::Result<()> {
        self.slot(slot)
            .lock()
            .mapping
            .as_mut()
            .ok_or(Errno::EINVAL)?
            .make_writable()
    }

    /// Reads bytes of a slot's mapping at an address.
    pub(super) fn read(&self, slot: u8, address: u64, bytes: &mut [u8]) -> rt::Result<()> {
        let slot = self.slot(slot).lock();
        let mapping = slot.mapping.as_ref().ok_or(Errno::EFAULT)?;
        mapping.read(address.wrapping_sub(mapping.address()) as usize, bytes)
    }

    /// Where a slot's mapping begins.
    pub(super) fn base(&self, slot: u8) -> u64 {
        self.slot(slot)
            .lock()
            .mapping
            .as_ref()
            .map_or(0, Mapping::address)
    }
}
