//! Makes the bootable BIOS and UEFI disk images of a kernel and a ramdisk.
fn main() {}
