//! Control registers: what the processor can do and what of it is switched on.

use super::cpu;
use core::arch::x86_64::{__cpuid, __cpuid_count};
use raw_cpuid::CpuId;
use x86_64::registers::control::{Cr0, Cr0Flags, Cr4, Cr4Flags, Efer, EferFlags};
use x86_64::registers::xcontrol::{XCr0, XCr0Flags};

/// What the kernel asks of the processor at boot, once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Features {
    /// Ring 0 cannot touch user pages outside `stac` … `clac`.
    pub(crate) smap: bool,
    /// Ring 0 cannot run user pages.
    pub(crate) smep: bool,
    /// Ring 3 cannot read the descriptor tables' addresses.
    pub(crate) umip: bool,
    /// Extended state is kept by `xsave`.
    pub(crate) xsave: bool,
    /// The local APIC is reached by registers instead of memory.
    pub(crate) x2apic: bool,
    /// The timer takes absolute TSC values.
    pub(crate) tsc_deadline: bool,
    /// There is a random number instruction.
    pub(crate) random: bool,
}

/// Reads what the processor has.
pub(crate) fn features() -> Features {
    let cpuid = CpuId::new();
    let basic = cpuid.get_feature_info();
    let extended = cpuid.get_extended_feature_info();
    Features {
        smap: extended.as_ref().is_some_and(|features| features.has_smap()),
        smep: extended.as_ref().is_some_and(|features| features.has_smep()),
        umip: extended.as_ref().is_some_and(|features| features.has_umip()),
        xsave: basic.as_ref().is_some_and(|features| features.has_xsave()),
        x2apic: basic.as_ref().is_some_and(|features| features.has_x2apic()),
        tsc_deadline: basic.as_ref().is_some_and(|features| features.has_tsc_deadline()),
        random: basic.as_ref().is_some_and(|features| features.has_rdrand()),
    }
}

/// The feature bits that Linux hands to programs as `AT_HWCAP`.
pub(crate) fn hardware_capabilities() -> u64 {
    u64::from(__cpuid(1).edx)
}

/// Switches on protections and the user's instruction sets.
pub(super) fn initialise(features: &Features) {
    let mut cr4 = Cr4::read() | Cr4Flags::OSFXSR | Cr4Flags::OSXMMEXCPT_ENABLE | Cr4Flags::PAGE_GLOBAL;
    // The kernel knows every thread's FS base only while ring 3 cannot write it by itself.
    cr4.remove(Cr4Flags::FSGSBASE | Cr4Flags::PROTECTION_KEY_USER | Cr4Flags::PCID);
    cr4.set(Cr4Flags::SUPERVISOR_MODE_ACCESS_PREVENTION, features.smap);
    cr4.set(Cr4Flags::SUPERVISOR_MODE_EXECUTION_PROTECTION, features.smep);
    cr4.set(Cr4Flags::USER_MODE_INSTRUCTION_PREVENTION, features.umip);
    cr4.set(Cr4Flags::OSXSAVE, features.xsave);
    let mut cr0 = Cr0::read() | Cr0Flags::WRITE_PROTECT | Cr0Flags::NUMERIC_ERROR;
    // Ring 3 may ask for alignment checks; ring 0 is never checked.
    cr0.insert(Cr0Flags::ALIGNMENT_MASK | Cr0Flags::MONITOR_COPROCESSOR | Cr0Flags::TASK_SWITCHED);
    cr0.remove(Cr0Flags::EMULATE_COPROCESSOR);
    // SAFETY: the page tables in use set no bit that these flags give another meaning to, the kernel touches user
    // memory only where `user_access` allows it, and it uses no vector registers.
    unsafe { Cr4::write(cr4) };
    // SAFETY: as above.
    unsafe { Cr0::write(cr0) };
    // SAFETY: `SYSCALL` is entered only from ring 3, which runs after its target is set; NX is in use already.
    unsafe {
        Efer::update(|efer| efer.insert(EferFlags::SYSTEM_CALL_EXTENSIONS | EferFlags::NO_EXECUTE_ENABLE));
    };
    if features.xsave {
        let known = XCr0Flags::X87
            | XCr0Flags::SSE
            | XCr0Flags::AVX
            | XCr0Flags::OPMASK
            | XCr0Flags::ZMM_HI256
            | XCr0Flags::HI16_ZMM;
        let offered = __cpuid_count(0xd, 0);
        let offered = XCr0Flags::from_bits_truncate(u64::from(offered.eax) | u64::from(offered.edx) << 32);
        // SAFETY: the components are offered by the processor and saved by `extended_state`.
        unsafe { XCr0::write(known & offered) };
    }
    cpu::current().set_features(*features);
}
