//! The drawing of virtual memory. All of its addresses are here.
//!
//! ```text
//! 0x0000_0000_0001_0000   programs: image, heap, mappings, stack
//! 0x0000_7fff_ffff_f000   their end; the last page stays empty, so that no return address is ever non-canonical
//! 0xffff_8000_0000_0000   all physical memory, at its address plus this
//! 0xffff_c000_0000_0000   windows: the kernel's views of binder regions, 4 MiB apart
//! 0xffff_d000_0000_0000   device registers
//! 0xffff_e000_0000_0000   kernel stacks, each with an empty page below
//! 0xffff_ffff_8000_0000   the kernel's image
//! ```

/// Size of a page and of a frame.
pub(crate) const PAGE: u64 = 4096;
/// Size of a large page.
pub(crate) const LARGE_PAGE: u64 = 2 << 20;

/// The lowest address that a program may map.
pub(crate) const USER_START: u64 = 0x1_0000;
/// The address behind the last one that a program may use.
pub(crate) const USER_END: u64 = 0x7fff_ffff_f000;
/// The address behind a program's first stack.
pub(crate) const USER_STACK_TOP: u64 = USER_END;
/// Mappings without a wish go below this, downwards: the first stack, its guard and some room are above.
pub(crate) const USER_MAPPINGS_TOP: u64 = 0x7fff_f7ff_f000;

/// Where physical memory is mapped.
pub(crate) const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;
/// Where windows are.
pub(crate) const WINDOWS: u64 = 0xffff_c000_0000_0000;
/// The distance between windows, and the largest size of one.
pub(crate) const WINDOW_SPAN: u64 = 4 << 20;
/// How many windows there can be.
pub(crate) const WINDOW_COUNT: usize = 1 << 16;
/// Where device registers are mapped.
pub(crate) const DEVICES: u64 = 0xffff_d000_0000_0000;
/// Where kernel stacks are.
const STACK_AREA: u64 = 0xffff_e000_0000_0000;

/// Size of the stack that the kernel runs on.
const MAIN_STACK: u64 = 32 * 1024;
/// Size of the stacks for faults that cannot use that one.
const FAULT_STACK: u64 = 8 * 1024;

/// The tops of a CPU's stacks.
pub(crate) struct Stacks {
    /// The one for everything.
    pub(crate) main: u64,
    /// Double fault, non-maskable interrupt, machine check.
    pub(crate) faults: [u64; 3],
}

/// The booting CPU's stacks. Below each lies a page that is never mapped.
pub(crate) const STACKS: Stacks = {
    let main = STACK_AREA + PAGE + MAIN_STACK;
    let fault = PAGE + FAULT_STACK;
    Stacks {
        main,
        faults: [main + fault, main + 2 * fault, main + 3 * fault],
    }
};

/// The stacks' addresses: bottom and top of each.
pub(super) fn stacks() -> impl Iterator<Item = (u64, u64)> {
    let faults = STACKS.faults.into_iter().map(|top| (top - FAULT_STACK, top));
    core::iter::once((STACKS.main - MAIN_STACK, STACKS.main)).chain(faults)
}

/// Whether a word at this address lies on a kernel stack.
pub(crate) fn is_stack(address: u64) -> bool {
    stacks().any(|(bottom, top)| (bottom..top).contains(&address))
}

/// Whether an address lies in the empty page below a kernel stack.
pub(crate) fn is_stack_guard(address: u64) -> bool {
    stacks().any(|(bottom, _)| (bottom - PAGE..bottom).contains(&address))
}
