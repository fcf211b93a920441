//! A message in the mapped region.

use super::Device;
use abi::binder::TransactionData;
use core::ptr::NonNull;
use core::slice;

/// A message that the driver has put into this process's region, and that is not yet given back.
///
/// Its bytes are lent where they lie. The value exists once for each delivery, and only
/// [`Commands::free_buffer`](super::Commands::free_buffer) ends it; dropping it leaves the message in the region.
#[derive(Debug)]
#[must_use = "a message that is not freed takes up the region for ever"]
pub struct Delivered {
    device: &'static Device,
    address: u64,
    data: (NonNull<u8>, usize),
    objects: (NonNull<u64>, usize),
    security_context: Option<u64>,
}

// SAFETY: the bytes are read-only until the value is given away, and belong to no thread.
unsafe impl Send for Delivered {}
// SAFETY: as above.
unsafe impl Sync for Delivered {}

impl Delivered {
    /// The message that `data` describes. Called once for each transaction that the driver returned.
    pub(super) fn new(
        device: &'static Device,
        data: &TransactionData,
        security_context: Option<u64>,
    ) -> Option<Self> {
        let bytes = device.place(data.buffer, data.data_size)?;
        let objects = match data.offsets_size {
            0 => (NonNull::dangling(), 0),
            size => {
                let (place, length) = device.place(data.offsets, size)?;
                (place.cast::<u64>(), length / 8)
            }
        };
        objects.0.is_aligned().then_some(Self {
            device,
            address: data.buffer,
            data: bytes,
            objects,
            security_context,
        })
    }

    /// The device that it came by.
    pub const fn device(&self) -> &'static Device {
        self.device
    }

    /// Where it lies in this process.
    pub const fn address(&self) -> u64 {
        self.address
    }

    /// Its bytes.
    pub fn data(&self) -> &[u8] {
        let (place, length) = self.data;
        // SAFETY: the range lies inside the mapped region; the driver leaves a delivered buffer alone until it is
        // freed, and that takes this value away.
        unsafe { slice::from_raw_parts(place.as_ptr(), length) }
    }

    /// Where objects lie in its bytes.
    pub fn objects(&self) -> &[u64] {
        let (place, length) = self.objects;
        // SAFETY: as for `data`, and `new` checked the alignment.
        unsafe { slice::from_raw_parts(place.as_ptr(), length) }
    }

    /// The sender's security context, if the target asked for it. It lies in the same buffer.
    pub fn security_context(&self) -> Option<&str> {
        let address = self.security_context?;
        let room = self.device.region_address() + self.device.region_length() as u64;
        let (place, length) = self.device.place(address, room.checked_sub(address)?.min(4096))?;
        for count in 0..length {
            // SAFETY: the place lies inside the region, and the context's NUL stands before the end of its buffer.
            let next = unsafe { place.add(count) };
            // SAFETY: as above; no byte behind the NUL is looked at.
            if unsafe { next.read() } == 0 {
                // SAFETY: these bytes lie in the same delivered buffer.
                let bytes = unsafe { slice::from_raw_parts(place.as_ptr(), count) };
                return core::str::from_utf8(bytes).ok();
            }
        }
        None
    }

    /// Ends the value; what is left is the address by which the driver knows the buffer.
    pub(super) fn into_address(self) -> u64 {
        self.address
    }
}
