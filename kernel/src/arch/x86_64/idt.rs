//! The interrupt descriptor table and the vectors of the kernel.

use super::entry::{VECTOR_STRIDE, entry_system_call, entry_vectors};
use super::gdt::{KERNEL_CODE, USER_BASE};
use crate::sync::Once;
use x86_64::VirtAddr;
use x86_64::instructions::tables::lidt;
use x86_64::registers::model_specific::Msr;
use x86_64::structures::DescriptorTablePointer;

/// Vector of the first of the sixteen legacy interrupt lines.
pub(super) const LEGACY: u8 = 0x20;
/// Vector of the local APIC's timer.
pub(super) const TIMER: u8 = 0x40;
/// Vector of the first serial port's interrupts through the I/O APIC or the legacy controller.
pub(super) const SERIAL: u8 = LEGACY + 4;
/// Vector of interrupts that went away before they were taken. Old processors want the last four bits set.
pub(super) const SPURIOUS: u8 = 0x4f;
/// How many vectors there are: none above these is ever raised by a device, and an instruction that raises one is refused
/// as it is below.
pub(super) const VECTORS: usize = SPURIOUS as usize + 1;

/// Vectors that get a stack of their own, with the number of that stack, counted from 1: double fault, non-maskable
/// interrupt, machine check.
const OWN_STACK: [(usize, u64); 3] = [(8, 1), (2, 2), (18, 3)];
/// Vectors that ring 3 may raise by an instruction: breakpoint and overflow.
const FROM_USER: [usize; 2] = [3, 4];

/// What goes out of `rflags` at a system call: trap, interrupt, direction, nested task, alignment check.
const MASKED_FLAGS: u64 = 0x0004_4700;

static TABLE: Once<[[u64; 2]; VECTORS]> = Once::new();

/// Loads the table, and tells the processor where system calls enter.
pub(super) fn initialise() {
    let table = TABLE.call_once(|| core::array::from_fn(gate));
    let pointer = DescriptorTablePointer {
        limit: size_of_val(table) as u16 - 1,
        base: VirtAddr::from_ptr(table),
    };
    // SAFETY: the table is a static; every gate leads to its stub.
    unsafe { lidt(&pointer) };
    let [mut star, mut lstar, mut sfmask] = [
        Msr::new(0xc000_0081),
        Msr::new(0xc000_0082),
        Msr::new(0xc000_0084),
    ];
    // SAFETY: the selectors are those of the descriptor table in use.
    unsafe { star.write(u64::from(USER_BASE) << 48 | u64::from(KERNEL_CODE) << 32) };
    // SAFETY: the stub expects exactly what `syscall` leaves.
    unsafe { lstar.write((&raw const entry_system_call).addr() as u64) };
    // SAFETY: the kernel wants these flags off.
    unsafe { sfmask.write(MASKED_FLAGS) };
}

/// An interrupt gate to a vector's stub.
fn gate(vector: usize) -> [u64; 2] {
    const PRESENT_INTERRUPT_GATE: u64 = 0x8e << 40;
    let target = (&raw const entry_vectors).addr() as u64 + vector as u64 * VECTOR_STRIDE;
    let stack = OWN_STACK
        .iter()
        .find(|(own, _)| *own == vector)
        .map_or(0, |(_, stack)| *stack);
    let ring = if FROM_USER.contains(&vector) { 3 << 45 } else { 0 };
    let low = target & 0xffff | u64::from(KERNEL_CODE) << 16 | stack << 32 | (target >> 16 & 0xffff) << 48;
    [low | PRESENT_INTERRUPT_GATE | ring, target >> 32]
}
