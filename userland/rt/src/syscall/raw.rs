//! The `syscall` instruction.

use abi::Errno;
use core::arch::asm;

macro_rules! calls {
    ($($name:ident($($argument:ident in $register:tt),*);)*) => {
        $(
            /// Makes a system call.
            ///
            /// # Safety
            ///
            /// Whatever the call does to memory must be sound: addresses in its arguments that the kernel writes to
            /// belong to the caller, and what it maps or unmaps is in nobody's use.
            ///
            /// # Errors
            ///
            /// The call's own.
            #[inline]
            pub unsafe fn $name(number: u64, $($argument: u64),*) -> Result<u64, Errno> {
                let result: i64;
                // SAFETY: the instruction changes rax, rcx and r11, as declared; what the kernel does to memory is
                // the caller's promise.
                unsafe {
                    asm!(
                        "syscall",
                        inlateout("rax") number => result,
                        $(in($register) $argument,)*
                        lateout("rcx") _,
                        lateout("r11") _,
                        options(nostack),
                    );
                }
                Errno::from_result(result)
            }
        )*
    };
}

calls! {
    call0();
    call1(a in "rdi");
    call2(a in "rdi", b in "rsi");
    call3(a in "rdi", b in "rsi", c in "rdx");
    call4(a in "rdi", b in "rsi", c in "rdx", d in "r10");
    call5(a in "rdi", b in "rsi", c in "rdx", d in "r10", e in "r8");
    call6(a in "rdi", b in "rsi", c in "rdx", d in "r10", e in "r8", f in "r9");
}
