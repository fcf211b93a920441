//! The file that the boot loader loads: the kernel, and the code for its most frequent system calls.
//!
//! The kernel is compiled to be small, this package to be fast. What the compiler may put into its callers (`#[inline]`),
//! it compiles where these are. So all that binder's calls run through is compiled here, from the kernel's source.

#![no_std]
#![no_main]

use kernel::Answer;

/// `BINDER_WRITE_READ`, from the stub of system calls.
#[expect(unsafe_code, reason = "the stub finds it by its name, which nothing else has")]
#[unsafe(no_mangle)]
extern "C" fn kernel_write_read(descriptor: u64, _request: u64, argument: u64) -> ! {
    kernel::write_read(descriptor as i32, argument)
}

/// A system call that may be quick, from the same stub.
#[expect(unsafe_code, reason = "the stub finds it by its name, which nothing else has")]
#[unsafe(no_mangle)]
extern "C" fn kernel_quick_call(first: u64, second: u64, third: u64, number: u64) -> Answer {
    kernel::quick_call(number, [first, second, third])
}
