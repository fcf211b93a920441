//! What no program should do, for programs that try how the kernel takes it.
//!
//! Each of these ends the process with a signal, or gives an errno, on a kernel that guards itself. None can break the
//! program's own memory: the addresses belong to nobody, to the kernel, or to pages that must not be used that way.

use crate::Result;
use crate::syscall::raw;
use abi::Errno;
use core::arch::asm;
use core::hint::black_box;

/// An address in the kernel's half.
pub const KERNEL: u64 = 0xffff_8000_0000_0000;
/// An address that is no address: its upper bits do not agree.
pub const NOT_CANONICAL: u64 = 0x8000_0000_0000_0000;

/// Addresses that no program may use.
pub const WILD: [u64; 6] = [0, 1, 0x7fff_ffff_f000, NOT_CANONICAL, KERNEL, u64::MAX - 7];

/// A way to use an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Reads a byte.
    Read,
    /// Writes a byte.
    Write,
    /// Jumps there.
    Jump,
}

/// Uses one of the [`WILD`] addresses directly. Does not come back where the kernel guards itself.
pub fn touch(index: usize, how: Use) {
    let address = WILD[index % WILD.len()];
    match how {
        // SAFETY: nothing of the program lies at a wild address; the access faults.
        Use::Read => unsafe {
            asm!("mov al, byte ptr [{}]", in(reg) address, out("al") _, options(nostack, readonly));
        },
        // SAFETY: as above.
        Use::Write => unsafe {
            asm!("mov byte ptr [{}], 1", in(reg) address, options(nostack));
        },
        // SAFETY: as above; nothing can be executed there.
        Use::Jump => unsafe { asm!("jmp {}", in(reg) address, options(noreturn)) },
    }
}

macro_rules! privileged {
    ($($variant:ident = $name:literal, $code:literal;)*) => {
        /// Instructions that are the kernel's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Privileged {
            $(#[doc = concat!("`", $code, "`")] $variant,)*
        }

        impl Privileged {
            /// All of them, by name.
            pub const ALL: &[(&'static str, Self)] = &[$(($name, Self::$variant),)*];

            /// Executes it. Does not come back where the kernel guards itself.
            pub fn execute(self) {
                match self {
                    $(
                        // SAFETY: at a program's privilege the instruction faults and changes nothing.
                        Self::$variant => unsafe {
                            asm!($code, out("rax") _, out("rcx") _, out("rdx") _)
                        },
                    )*
                }
            }
        }
    };
}

privileged! {
    Halt = "hlt", "hlt";
    DisableInterrupts = "cli", "cli";
    PortRead = "in", "in al, dx";
    PortWrite = "out", "out dx, al";
    ReadControl = "cr0", "mov rax, cr0";
    WriteControl = "cr3", "mov cr3, rax";
    ModelSpecific = "wrmsr", "wrmsr";
    Undefined = "ud2", "ud2";
    SoftwareInterrupt = "int", "int 0x20";
}

/// Writes to the program's own code, which must not be writable.
pub fn write_code() {
    let code = write_code as fn() as usize;
    // SAFETY: the page is not writable, so the access faults.
    unsafe { asm!("mov byte ptr [{}], 0x90", in(reg) code, options(nostack)) }
}

/// Runs bytes on the stack, which must not be executable.
pub fn run_stack() {
    let code = [0xc3_u8; 16];
    // SAFETY: the page is not executable, so the call faults; if it were, the bytes are a plain return.
    unsafe { asm!("call {}", in(reg) black_box(&code).as_ptr(), clobber_abi("sysv64")) }
}

/// Uses up the stack.
pub fn overflow_stack() -> u64 {
    fn deeper(level: u64) -> u64 {
        let room = black_box([level; 128]);
        if level == u64::MAX {
            0
        } else {
            deeper(level + 1).wrapping_add(room[7])
        }
    }
    deeper(0)
}

/// What a [`wild_call`] begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    /// The wild address, as all other arguments.
    Wild,
    /// An open file.
    Descriptor(i32),
}

/// The addresses for [`wild_call`]: those of [`WILD`] that are not the number of an open file, too.
pub const WILD_ARGUMENTS: &[u64] = WILD.split_at(2).1;

/// Makes a system call whose other arguments are all the same wild address.
///
/// # Errors
///
/// The call's own; EFAULT from most.
pub fn wild_call(number: u64, first: First, index: usize) -> Result<u64> {
    let wild = WILD_ARGUMENTS[index % WILD_ARGUMENTS.len()];
    let first = match first {
        First::Wild => wild,
        First::Descriptor(fd @ 1..=4095) => u64::from(fd.cast_unsigned()),
        // Zero is also the page from which one call could unmap everything.
        First::Descriptor(_) => return Err(Errno::EBADF),
    };
    // SAFETY: no argument is an address of the program or a page before one, so the call can neither write to nor
    // unmap what the program uses.
    unsafe { raw::call6(number, first, wild, wild, wild, wild, wild) }
}
