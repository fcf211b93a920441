//! The beginning and the end of a program.

mod heap;
mod memory_functions;
mod panic;
mod start;

/// What the expansion of [`program!`](crate::program!) refers to. Not for use by hand.
pub mod support {
    pub use super::heap::Heap;
    pub use super::panic::panicked;
    pub use super::start::run;
}

/// Makes a crate a program whose main function is the argument: `fn(rt::Arguments) -> i32`.
///
/// It stands for the entry point, the panic handler, the allocator, and the functions on memory that compiled code
/// calls on its own. The crate says `#![no_std]` and `#![no_main]`, and its build script prints the link arguments
/// that make a static file of it.
///
/// ```ignore
/// #![no_std]
/// #![no_main]
/// #![forbid(unsafe_code)]
///
/// rt::program!(main);
///
/// fn main(arguments: rt::Arguments) -> i32 {
///     rt::println!("{} arguments", arguments.len());
///     0
/// }
/// ```
#[macro_export]
macro_rules! program {
    ($main:path) => {
        #[global_allocator]
        static PROGRAM_HEAP: $crate::support::Heap = $crate::support::Heap::new();

        #[panic_handler]
        fn program_panicked(info: &::core::panic::PanicInfo<'_>) -> ! {
            $crate::support::panicked(info)
        }

        // The kernel enters with the stack pointer at the argument count, and nothing below it.
        ::core::arch::global_asm!(
            ".pushsection .text._start,\"ax\",@progbits",
            ".globl _start",
            ".type _start, @function",
            "_start:",
            "xor ebp, ebp",
            "mov rdi, rsp",
            "and rsp, -16",
            "call {entered}",
            "ud2",
            ".size _start, . - _start",
            ".popsection",
            entered = sym program_entered,
        );

        extern "C" fn program_entered(stack: *const usize) -> ! {
            // SAFETY: only the entry code above comes here, once, with the kernel's stack pointer.
            unsafe { $crate::support::run(stack, $main) }
        }

        $crate::memory_functions!();
    };
}
