//! Showing a binder region from both sides: the addresses, and the frames that the page tables have behind them.

use super::call::{Call, Failure};
use abi::Errno;
use alloc::vec::Vec;

/// Answers what [`abi::kernel_objects::memory::WINDOW`] says.
#[inline(never)]
pub(super) fn window(call: &mut Call<'_>) -> Result<(), Failure> {
    let Call {
        kernel,
        request,
        reply,
        ..
    } = call;
    let pid = request.read_i32()?.cast_unsigned();
    let address = request.read_u64()?;
    let process = kernel.processes.get(pid).ok_or(Errno::ESRCH)?;
    let found = kernel.windows.iter().find_map(|window| {
        let start = window.address_in(&process.space)?;
        let offset = address.checked_sub(start)?;
        (offset < window.size() as u64).then_some((window, start))
    });
    let (window, start) = found.ok_or(Errno::EFAULT)?;
    let mut backed = Vec::new();
    for page in 0..window.pages() {
        let (in_kernel, in_process) = window.frames_seen(page);
        if in_kernel.is_some() || in_process.is_some() {
            backed.push((page, in_kernel, in_process));
        }
    }
    for figure in [
        window.kernel_address(),
        start,
        window.size() as u64,
        window.copies(),
    ] {
        reply.write_u64(figure);
    }
    reply.write_length(backed.len());
    for (page, in_kernel, in_process) in backed {
        reply.write_i32(page as i32);
        reply.write_u64(in_kernel.unwrap_or(u64::MAX));
        reply.write_u64(in_process.unwrap_or(u64::MAX));
    }
    Ok(())
}
