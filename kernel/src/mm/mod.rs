//! Memory: frames, the kernel's own mappings and heap, programs' address spaces, binder windows.
//!
//! - [`layout`]: the drawing of virtual memory.
//! - [`frames`], [`heap`]: who has which physical memory.
//! - [`AddressSpace`]: a program's memory as a set of areas, filled page by page when first touched.
//! - [`SharedPages`]: memory that several mappings show; [`Window`]: a receiver's binder region, seen from both sides.
//! - [`user`]: the only way to the bytes of the current program.

mod address_space;
mod area;
mod duplicate;
mod errors;
mod fault;
pub(crate) mod frames;
pub(crate) mod heap;
mod kernel_space;
mod layout;
mod map;
mod page_table;
mod place;
mod protection;
mod ramdisk;
mod remap;
mod shared_pages;
pub(crate) mod user;
mod window;

pub(crate) use address_space::AddressSpace;
pub(crate) use area::{AreaInformation, AreaKind};
pub(crate) use errors::{Denied, NoMemory, UserFault};
pub(crate) use fault::resolve_fault;
pub(crate) use kernel_space::{kernel_root, map_device, prepare, reclaim_loader};
pub(crate) use layout::{DIRECT_MAP, PAGE, STACKS, USER_END, is_stack, is_stack_guard};
pub(crate) use map::{Backing, Discarded, Mapped, Moving, Unmapped};
pub(crate) use place::Placement;
pub(crate) use protection::{Access, Protection};
pub(crate) use ramdisk::ramdisk;
pub(crate) use shared_pages::SharedPages;
pub(crate) use window::Window;

/// The physical address of something on the heap, which lies in the direct map.
pub(crate) fn physical<T: ?Sized>(value: &T) -> u64 {
    core::ptr::from_ref(value).addr() as u64 - DIRECT_MAP
}

/// The direct map's view of a physical address.
const fn direct<T>(physical: u64) -> *mut T {
    (DIRECT_MAP + physical) as *mut T
}
