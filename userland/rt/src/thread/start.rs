//! The first and the last instructions of a thread.

use super::block::Block;
use super::handle::{self, Ending};
use super::local::drop_locals;
use crate::Result;
use abi::{Errno, syscall};
use core::arch::asm;
use core::ptr::NonNull;

/// Share memory, file system state, files, signal handlers and semaphore state; belong to the same process; FS base;
/// number to the parent; number cleared at the end.
const FLAGS: u64 = 0x100 | 0x200 | 0x400 | 0x800 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x10_0000 | 0x20_0000;

/// Starts a thread whose stack ends where `block` begins.
///
/// # Safety
///
/// `block` is settled at the upper end of its mapping with enough stack below it, and nobody frees the mapping before
/// the thread is gone.
pub(super) unsafe fn start(block: NonNull<Block>) -> Result<()> {
    let stack = block.as_ptr();
    // SAFETY: the caller passes a settled block.
    let id = unsafe { block.as_ref() }.id.as_ptr();
    let result: i64;
    // SAFETY: the parent goes on behind the label with only the declared registers changed. The child never gets
    // there: it begins on its own, 16-byte aligned stack, with all it needs in its block.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r8",
            "call {entered}",
            "ud2",
            "2:",
            entered = sym entered,
            inlateout("rax") syscall::CLONE => result,
            in("rdi") FLAGS,
            in("rsi") stack,
            in("rdx") id,
            in("r10") id,
            in("r8") block.as_ptr(),
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    Errno::from_result(result).map(drop)
}

/// The whole life of a thread, on its own stack.
extern "C" fn entered(block: &'static Block) -> ! {
    if let Some(body) = block.body.take() {
        body();
    }
    drop_locals();
    drop_slots(block);
    match handle::end(block) {
        Ending::Joined => leave(),
        Ending::Alone => leave_and_unmap(block),
    }
}

/// Gives back the memory of the list of thread-local values.
fn drop_slots(block: &Block) {
    // SAFETY: only the thread itself reaches its slots, and it uses none of them from here on.
    let slots = unsafe { &mut *block.locals.get() };
    *slots = alloc::vec::Vec::new();
}

/// Ends the thread; somebody else frees its stack when the kernel has cleared its number.
fn leave() -> ! {
    // SAFETY: the thread has nothing left to do, and the call does not return.
    unsafe {
        asm!("syscall", "ud2", in("rax") syscall::EXIT, in("rdi") 0, options(noreturn, nostack));
    }
}

/// Frees the stack and ends the thread, without a stack in between.
fn leave_and_unmap(block: &Block) -> ! {
    let Some((base, length)) = block.mapping else {
        leave();
    };
    // SAFETY: nobody but this thread knows the mapping. The kernel is first told not to write to the block any more;
    // after the munmap nothing but registers is used.
    unsafe {
        asm!(
            "syscall",
            "mov eax, {munmap}",
            "mov rdi, r12",
            "mov rsi, r13",
            "syscall",
            "mov eax, {exit}",
            "xor edi, edi",
            "syscall",
            "ud2",
            munmap = const syscall::MUNMAP,
            exit = const syscall::EXIT,
            in("rax") syscall::SET_TID_ADDRESS,
            in("rdi") 0,
            in("r12") base.as_ptr(),
            in("r13") length,
            options(noreturn, nostack),
        );
    }
}
