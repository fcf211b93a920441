//! The kernel's own half of every address space.
//!
//! It is built once, before the boot loader's tables are left: memory is never both writable and executable, not even
//! through the direct map, where the kernel's read-only parts are read-only too. Every top-level entry that will ever be
//! used has its table from the start, so that all address spaces share them.

use super::layout::{self, DEVICES, DIRECT_MAP, LARGE_PAGE, PAGE, WINDOWS};
use super::page_table::PageTable;
use super::{NoMemory, direct, frames, ramdisk};
use crate::arch::paging::{self, Entry, Flags};
use crate::arch::{BootInformation, Region, RegionKind, user_access};
use crate::sync::Mutex;
use core::slice;
use core::sync::atomic::{AtomicU64, Ordering};

/// The kernel's tables; no program runs on them.
static KERNEL: Mutex<PageTable> = Mutex::new(PageTable::from_root(0));
/// Their top, to be had without the lock.
static ROOT: AtomicU64 = AtomicU64::new(0);
/// Where the next device is mapped.
static NEXT_DEVICE: AtomicU64 = AtomicU64::new(DEVICES);

/// What a segment of the kernel's file says, as in the ELF format.
#[repr(C)]
struct ProgramHeader {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    file_size: u64,
    memory_size: u64,
    alignment: u64,
}

/// Kinds of program headers: loaded, and read-only once relocated.
const LOAD: u32 = 1;
const READ_ONLY_AFTER_RELOCATION: u32 = 0x6474_e552;
/// Flags of a loaded segment.
const EXECUTABLE: u32 = 1;
const WRITABLE: u32 = 2;

unsafe extern "C" {
    /// The kernel's ELF header, which its first segment begins with.
    safe static __ehdr_start: [u8; 64];
}

/// The kernel's program headers.
fn program_headers() -> &'static [ProgramHeader] {
    let header = &__ehdr_start;
    let offset = u64::from_le_bytes(core::array::from_fn(|byte| header[32 + byte]));
    let count = u16::from_le_bytes([header[56], header[57]]);
    let first = (&raw const __ehdr_start)
        .cast::<u8>()
        .wrapping_add(offset as usize)
        .cast::<ProgramHeader>();
    // SAFETY: the linker puts the headers behind the file's header, in the same segment.
    unsafe { slice::from_raw_parts(first, usize::from(count)) }
}

/// Goes through the pages of the kernel's image, and tells what may be done with each.
fn each_image_page(work: &mut dyn FnMut(u64, Flags) -> Result<(), NoMemory>) -> Result<(), NoMemory> {
    let headers = program_headers();
    let read_only = headers
        .iter()
        .find(|header| header.kind == READ_ONLY_AFTER_RELOCATION);
    let read_only = read_only.map_or(0..0, |header| header.address..header.address + header.memory_size);
    for header in headers {
        if header.kind != LOAD {
            continue;
        }
        let mut page = header.address / PAGE * PAGE;
        while page < header.address + header.memory_size {
            let mut flags = Flags::PRESENT | Flags::GLOBAL;
            flags.set(
                Flags::WRITABLE,
                header.flags & WRITABLE != 0 && !read_only.contains(&page),
            );
            flags.set(Flags::NO_EXECUTE, header.flags & EXECUTABLE == 0);
            work(page, flags)?;
            page += PAGE;
        }
    }
    Ok(())
}

/// Sets up frames and page tables while the boot loader's are still in use: the top of the new ones.
pub(crate) fn prepare(information: &BootInformation, smap: bool) -> u64 {
    frames::initialise(information.regions());
    let loader = PageTable::from_root(paging::current_root());
    let translate = |address| loader.translate(address).expect("the boot loader mapped it");
    if smap {
        for site in user_access::smap_sites() {
            let places = [0, 1, 2].map(|at| direct::<u8>(translate(site + at)));
            // SAFETY: the image is mapped, and nobody writes to its code now.
            let nothing = places.map(|place| unsafe { place.read() });
            for (place, byte) in places.into_iter().zip(user_access::smap_instruction(nothing)) {
                // SAFETY: no CPU is in this code; three bytes of no operation become an instruction that the processor has.
                unsafe { place.write(byte) };
            }
        }
    }
    let mut keep = |page, _| {
        frames::keep(translate(page));
        Ok(())
    };
    each_image_page(&mut keep).unwrap_or(());
    if let Some((address, length)) = information.ramdisk() {
        for page in (0..length).step_by(PAGE as usize) {
            frames::keep(translate(address + page));
        }
        ramdisk::initialise(translate(address), length);
    }
    let root = build(information, &translate).expect("there is memory for the kernel's page tables");
    ROOT.store(root, Ordering::Relaxed);
    root
}

/// Builds the tables.
fn build(information: &BootInformation, translate: &dyn Fn(u64) -> u64) -> Result<u64, NoMemory> {
    let mut tables = PageTable::new()?;
    for region in information
        .regions()
        .filter(|region| region.kind != RegionKind::Firmware)
    {
        map_direct(&mut tables, region)?;
    }
    each_image_page(&mut |page, flags| {
        let frame = translate(page);
        *tables.make_kernel_entry(page, 1)? = Entry::new(frame, flags);
        if !flags.contains(Flags::WRITABLE) {
            make_read_only(&mut tables, DIRECT_MAP + frame)?;
        }
        Ok(())
    })?;
    for (bottom, top) in layout::stacks() {
        for page in (bottom..top).step_by(PAGE as usize) {
            let flags = Flags::PRESENT | Flags::WRITABLE | Flags::NO_EXECUTE | Flags::GLOBAL;
            *tables.make_kernel_entry(page, 1)? = Entry::new(frames::allocate()?, flags);
        }
    }
    // Their tables of the third level, for all address spaces to share.
    tables.make_kernel_entry(WINDOWS, 3)?;
    tables.make_kernel_entry(DEVICES, 3)?;
    let root = tables.root();
    *KERNEL.lock() = tables;
    Ok(root)
}

/// Maps the large pages that a region of physical memory touches.
fn map_direct(tables: &mut PageTable, region: Region) -> Result<(), NoMemory> {
    let first = region.start / LARGE_PAGE * LARGE_PAGE;
    for physical in (first..region.end).step_by(LARGE_PAGE as usize) {
        let flags = Flags::PRESENT | Flags::WRITABLE | Flags::NO_EXECUTE | Flags::GLOBAL | Flags::LARGE;
        *tables.make_kernel_entry(DIRECT_MAP + physical, 2)? = Entry::new(physical, flags);
    }
    Ok(())
}

/// Takes a page of the direct map out of its large page and forbids writing to it.
fn make_read_only(tables: &mut PageTable, address: u64) -> Result<(), NoMemory> {
    let large = tables.make_kernel_entry(address, 2)?;
    if large.is_large() {
        let (base, flags) = (large.frame(), large.flags().difference(Flags::LARGE));
        *large = Entry::new(frames::allocate_zeroed()?, Flags::PRESENT | Flags::WRITABLE);
        for page in 0..LARGE_PAGE / PAGE {
            let at = address / LARGE_PAGE * LARGE_PAGE + page * PAGE;
            *tables.make_kernel_entry(at, 1)? = Entry::new(base + page * PAGE, flags);
        }
    }
    let entry = tables.make_kernel_entry(address, 1)?;
    *entry = Entry::new(entry.frame(), entry.flags().difference(Flags::WRITABLE));
    Ok(())
}

/// Takes over the memory that only the boot loader used.
pub(crate) fn reclaim_loader() {
    frames::reclaim_loader();
}

/// The top of the kernel's own tables.
pub(crate) fn kernel_root() -> u64 {
    ROOT.load(Ordering::Relaxed)
}

/// Maps a page of device registers for good: its virtual address.
pub(crate) fn map_device(physical: u64) -> u64 {
    let address = NEXT_DEVICE.fetch_add(PAGE, Ordering::Relaxed);
    let flags = Flags::PRESENT | Flags::WRITABLE | Flags::NO_EXECUTE | Flags::GLOBAL | Flags::UNCACHED;
    let mut tables = KERNEL.lock();
    let entry = tables
        .make_kernel_entry(address, 1)
        .expect("there is memory for a device's page table");
    *entry = Entry::new(physical, flags);
    address
}

/// A new tree of tables with the kernel's half.
pub(super) fn new_table() -> Result<PageTable, NoMemory> {
    PageTable::with_kernel_of(&KERNEL.lock())
}

/// Maps a frame into the windows' part of the kernel.
pub(super) fn map_window_page(address: u64, frame: u64) -> Result<(), NoMemory> {
    let flags = Flags::PRESENT | Flags::WRITABLE | Flags::NO_EXECUTE | Flags::GLOBAL;
    *KERNEL.lock().make_kernel_entry(address, 1)? = Entry::new(frame, flags);
    Ok(())
}

/// Where the kernel's tables lead an address.
pub(super) fn translate(address: u64) -> Option<u64> {
    KERNEL.lock().translate(address)
}

/// Takes a page out of the windows' part of the kernel: the frame that was there.
pub(super) fn unmap_window_page(address: u64) -> Option<u64> {
    let mut tables = KERNEL.lock();
    let entry = tables.entry(address).filter(|entry| entry.is_present())?;
    let frame = core::mem::replace(entry, Entry::EMPTY).frame();
    paging::flush_page(address);
    Some(frame)
}

/// Frees the page tables of a window's addresses; its pages must be unmapped.
pub(super) fn free_window_tables(start: u64, end: u64) {
    KERNEL.lock().free_tables(start..end);
    // The processor may remember the upper levels; any address below them makes it forget.
    paging::flush_page(start);
}
