//! Showing a binder region from both sides: the addresses, and the frames that the page tables have behind them.

use super::call::Failure;
use crate::task::Kernel;
use abi::Errno;
use abi::parcel::{Reader, Writer};

/// Answers what [`abi::kernel_objects::memory::WINDOW`] says.
pub(super) fn window(kernel: &Kernel, request: &mut Reader<'_>, reply: &mut Writer) -> Result<(), Failure> {
    let pid = request.read_i32()?.cast_unsigned();
    let address = request.read_u64()?;
    let process = kernel.processes.get(pid).ok_or(Errno::ESRCH)?;
    let found = kernel.windows.iter().find_map(|window| {
        let start = window.address_in(&process.space)?;
        let offset = address.checked_sub(start)?;
        (offset < window.size() as u64).then_some((window, start))
    });
    let (window, start) = found.ok_or(Errno::EFAULT)?;
    let pages = (0..window.pages()).map(|page| (page, window.frames_seen(page)));
    let backed: alloc::vec::Vec<_> = pages.filter(|(_, seen)| *seen != (None, None)).collect();
    reply.write_u64(window.kernel_address());
    reply.write_u64(start);
    reply.write_u64(window.size() as u64);
    reply.write_u64(window.copies());
    reply.write_length(backed.len());
    for (page, (in_kernel, in_process)) in backed {
        reply.write_i32(page as i32);
        reply.write_u64(in_kernel.unwrap_or(u64::MAX));
        reply.write_u64(in_process.unwrap_or(u64::MAX));
    }
    Ok(())
}
