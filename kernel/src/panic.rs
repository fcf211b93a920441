//! The end of a kernel that found itself broken: what, where, and how it got there.

use crate::{arch, log, symbols};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

#[panic_handler]
fn panicked(information: &PanicInfo<'_>) -> ! {
    static ALREADY: AtomicBool = AtomicBool::new(false);
    if ALREADY.swap(true, Ordering::Relaxed) {
        // The report itself failed.
        arch::halt_after_panic();
    }
    let message = information.message();
    match information.location() {
        Some(place) => log!("panic: {message} ({}:{})", place.file(), place.line()),
        None => log!("panic: {message}"),
    }
    arch::backtrace(|address| match symbols::kernel_caller(address) {
        Some(symbol) => log!("  at {address:#018x} {} + {:#x}", symbol.name, symbol.offset),
        None => log!("  at {address:#018x}"),
    });
    arch::halt_after_panic();
}
