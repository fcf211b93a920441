//! Texts about the system.

use crate::arch::time;
use crate::mm::{PAGE, frames, heap};
use crate::task::{Kernel, Pid};
use alloc::format;
use alloc::vec::Vec;

/// Nanoseconds in a hundredth of a second.
const HUNDREDTH: u64 = 10_000_000;

/// `meminfo`.
pub(super) fn memory(_: &Kernel, _: Pid) -> Option<Vec<u8>> {
    let kilobytes = |pages: u64| pages * PAGE / 1024;
    let (total, free) = (kilobytes(frames::total()), kilobytes(frames::free()));
    let (slabs, used) = heap::slabs();
    let (slabs, used) = (slabs / 1024, used.div_ceil(1024));
    let spare = slabs - used;
    let text = format!(
        "MemTotal:       {total:8} kB\nMemFree:        {free:8} kB\nMemAvailable:   {free:8} kB\nBuffers:               0 kB\n\
         Cached:                0 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n\
         Slab:           {slabs:8} kB\nSReclaimable:   {spare:8} kB\nSUnreclaim:     {used:8} kB\n"
    );
    Some(text.into_bytes())
}

/// `uptime`. The time that the processor idled is not counted.
pub(super) fn uptime(_: &Kernel, _: Pid) -> Option<Vec<u8>> {
    let hundredths = time::now() / HUNDREDTH;
    Some(format!("{}.{:02} 0.00\n", hundredths / 100, hundredths % 100).into_bytes())
}

/// `version`.
pub(super) fn version(_: &Kernel, _: Pid) -> Option<Vec<u8>> {
    Some(
        concat!("Bindery version ", env!("CARGO_PKG_VERSION"), "\n")
            .as_bytes()
            .to_vec(),
    )
}

/// `filesystems`.
pub(super) fn file_systems(_: &Kernel, _: Pid) -> Option<Vec<u8>> {
    Some(b"nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\nnodev\tbinder\n".to_vec())
}
