//! From the boot loader to the kernel's own ground: its page tables, its stack, its descriptor tables.

use super::{apic, control, cpu, extended_state, gdt, idt, serial, time};
use crate::mm;
use bootloader_api::config::Mapping;
use bootloader_api::info::{MemoryRegionKind, Optional};
use bootloader_api::{BootInfo, BootloaderConfig, entry_point};
use core::arch::asm;

/// What the boot loader is asked for: all memory mapped where the kernel will have it, too.
static CONFIGURATION: BootloaderConfig = {
    let mut configuration = BootloaderConfig::new_default();
    configuration.mappings.physical_memory = Some(Mapping::FixedAddress(mm::DIRECT_MAP));
    configuration.kernel_stack_size = 32 * 1024;
    configuration
};

entry_point!(start, config = &CONFIGURATION);

/// What a stretch of physical memory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegionKind {
    /// Nobody uses it.
    Free,
    /// The boot loader uses it: the kernel, the ramdisk, and what is free once the kernel stands on its own.
    Loader,
    /// The firmware left something there, such as its tables.
    Firmware,
}

/// A stretch of physical memory, whole pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// Its first address.
    pub(crate) start: u64,
    /// The address behind it.
    pub(crate) end: u64,
    /// What it is for.
    pub(crate) kind: RegionKind,
}

/// What the boot loader says.
pub(crate) struct BootInformation(&'static BootInfo);

impl BootInformation {
    /// The machine's memory.
    pub(crate) fn regions(&self) -> impl Iterator<Item = Region> + Clone {
        self.0.memory_regions.iter().map(|region| Region {
            start: region.start.next_multiple_of(mm::PAGE),
            end: region.end / mm::PAGE * mm::PAGE,
            kind: match region.kind {
                MemoryRegionKind::Usable => RegionKind::Free,
                MemoryRegionKind::Bootloader => RegionKind::Loader,
                _ => RegionKind::Firmware,
            },
        })
    }

    /// The ramdisk's address as the boot loader mapped it, and its length.
    pub(crate) fn ramdisk(&self) -> Option<(u64, u64)> {
        match self.0.ramdisk_addr {
            Optional::Some(address) => Some((address, self.0.ramdisk_len)),
            Optional::None => None,
        }
    }
}

/// The kernel's first instructions, on the boot loader's stack and page tables.
fn start(information: &'static mut BootInfo) -> ! {
    time::begin();
    serial::initialise();
    cpu::initialise();
    let features = control::features();
    cpu::current().set_features(features);
    let root = mm::prepare(&BootInformation(information), features.smap);
    // SAFETY: the new tables map the kernel as before, all memory where it was, and the new stack. What the old stack
    // holds is not used again.
    unsafe {
        asm!("mov cr3, {root}", "mov rsp, {stack}", "xor ebp, ebp", "call {go_on}", "ud2",
             root = in(reg) root, stack = in(reg) mm::STACKS.main, go_on = sym settle, options(noreturn));
    }
}

/// On the kernel's own stack and page tables.
extern "C" fn settle() -> ! {
    gdt::initialise();
    idt::initialise();
    control::initialise(&cpu::current().features());
    extended_state::initialise();
    mm::reclaim_loader();
    apic::initialise();
    time::initialise();
    crate::main()
}
