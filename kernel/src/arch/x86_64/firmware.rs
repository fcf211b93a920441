//! What QEMU hands to its guest by name: the firmware configuration device.

use alloc::vec;
use alloc::vec::Vec;
use x86_64::instructions::port::Port;

/// Keys of the device: its signature, and the directory of named items.
const SIGNATURE: u16 = 0x00;
const DIRECTORY: u16 = 0x19;
/// Size of a name in the directory.
const NAME: usize = 56;

/// Reads an item by name; `None` if there is no such item or no such device.
pub(crate) fn firmware_config(name: &str) -> Option<Vec<u8>> {
    select(SIGNATURE);
    if read::<4>() != *b"QEMU" {
        return None;
    }
    select(DIRECTORY);
    let count = u32::from_be_bytes(read());
    let mut found = None;
    for _ in 0..count {
        let size = u32::from_be_bytes(read());
        let key = u16::from_be_bytes(read());
        let _reserved: [u8; 2] = read();
        let item: [u8; NAME] = read();
        if item.split(|byte| *byte == 0).next() == Some(name.as_bytes()) {
            found = Some((key, size));
        }
    }
    let (key, size) = found?;
    select(key);
    let mut bytes = vec![0; size as usize];
    bytes.fill_with(read_byte);
    Some(bytes)
}

fn select(key: u16) {
    // SAFETY: chooses an item; on machines without the device nothing listens.
    unsafe { Port::<u16>::new(0x510).write(key) };
}

fn read_byte() -> u8 {
    // SAFETY: the next byte of the chosen item.
    unsafe { Port::<u8>::new(0x511).read() }
}

fn read<const LENGTH: usize>() -> [u8; LENGTH] {
    core::array::from_fn(|_| read_byte())
}
