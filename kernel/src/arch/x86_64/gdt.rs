//! Segments and the task state segment: what the 64-bit mode still wants of them.
//!
//! The selectors are Linux's, so that a program that prints its registers prints the same.

use super::cpu;
use crate::mm::STACKS;
use x86_64::instructions::segmentation::{CS, DS, ES, FS, GS, SS, Segment};
use x86_64::instructions::tables::{lgdt, load_tss};
use x86_64::registers::model_specific::GsBase;
use x86_64::structures::DescriptorTablePointer;
use x86_64::structures::gdt::SegmentSelector;
use x86_64::structures::tss::TaskStateSegment;
use x86_64::{PrivilegeLevel, VirtAddr};

/// Selector of ring 0's code.
pub(super) const KERNEL_CODE: u16 = 2 << 3;
/// Selector of ring 0's data.
const KERNEL_DATA: u16 = 3 << 3;
/// Selector from which `sysret` counts: 8 behind it are ring 3's data, 16 behind it its code.
pub(super) const USER_BASE: u16 = 4 << 3 | 3;
/// Selector of ring 3's data.
pub(super) const USER_DATA: u16 = 5 << 3 | 3;
/// Selector of ring 3's code.
pub(super) const USER_CODE: u16 = 6 << 3 | 3;
/// Index of the task state segment.
const TASK: u16 = 8;

/// A CPU's descriptor table and task state segment.
#[repr(C, align(16))]
pub(super) struct Descriptors {
    table: [u64; 10],
    task: TaskStateSegment,
}

impl Descriptors {
    /// Flat segments for both rings; the task state segment is filled in by [`initialise`].
    pub(super) const fn new() -> Self {
        const KERNEL_CODE: u64 = 0x00af_9b00_0000_ffff;
        const DATA: u64 = 0x00cf_9300_0000_ffff;
        const USER: u64 = 3 << 45;
        let table = [
            0,
            0,
            KERNEL_CODE,
            DATA,
            0,
            DATA | USER,
            KERNEL_CODE | USER,
            0,
            0,
            0,
        ];
        Self {
            table,
            task: TaskStateSegment::new(),
        }
    }

    /// The two words that describe the task state segment.
    fn describe_task(&self) -> [u64; 2] {
        let base = (&raw const self.task).addr() as u64;
        let limit = size_of::<TaskStateSegment>() as u64 - 1;
        let low = limit | (base & 0xff_ffff) << 16 | 0x89 << 40 | (base >> 24 & 0xff) << 56;
        [low, base >> 32]
    }
}

/// Loads this CPU's segments, with its stacks for traps from ring 3 and for faults that cannot use that one.
pub(super) fn initialise() {
    let cpu = cpu::current();
    // SAFETY: nothing else refers to the descriptors while they are set up.
    let descriptors = unsafe { &mut *cpu.descriptors.get() };
    let stack = VirtAddr::new(STACKS.main);
    cpu.stack.set(STACKS.main);
    descriptors.task.privilege_stack_table[0] = stack;
    let mut fault_stacks = [VirtAddr::zero(); 7];
    for (entry, top) in fault_stacks.iter_mut().zip(STACKS.faults) {
        *entry = VirtAddr::new(top);
    }
    descriptors.task.interrupt_stack_table = fault_stacks;
    let task = descriptors.describe_task();
    descriptors.table[usize::from(TASK)..][..2].copy_from_slice(&task);
    let pointer = DescriptorTablePointer {
        limit: size_of_val(&descriptors.table) as u16 - 1,
        base: VirtAddr::from_ptr(&raw const descriptors.table),
    };
    let gs = GsBase::read();
    // SAFETY: the table is a static and holds flat segments.
    unsafe { lgdt(&pointer) };
    // SAFETY: the selector is that of ring 0's code.
    unsafe { CS::set_reg(SegmentSelector(KERNEL_CODE)) };
    // SAFETY: the selector is that of ring 0's data.
    unsafe { SS::set_reg(SegmentSelector(KERNEL_DATA)) };
    let none = SegmentSelector::new(0, PrivilegeLevel::Ring0);
    // SAFETY: data segments are not used in 64-bit mode.
    unsafe { DS::set_reg(none) };
    // SAFETY: as above.
    unsafe { ES::set_reg(none) };
    // SAFETY: as above.
    unsafe { FS::set_reg(none) };
    // SAFETY: as above; this may have changed the base, which is put back next.
    unsafe { GS::set_reg(none) };
    GsBase::write(gs);
    // SAFETY: the selector is that of the task state segment, which is filled in.
    unsafe { load_tss(SegmentSelector(TASK << 3)) };
}
