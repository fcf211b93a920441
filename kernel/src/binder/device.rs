//! The file that programs open: one proc of the driver, and its region.

use super::{apply, ioctl, leaving};
use crate::file::OpenFile;
use crate::mm::{Backing, PAGE, Placement, Protection};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::binder::MAPPING_MAX;
use abi::binder::ioctl::{BINDER_FREEZE, BINDER_GET_FROZEN_INFO};
use alloc::sync::Arc;
use binder_driver::{Blocking, Context, DebugFile, MapAccess, ProcId, ThreadId, WindowId};
use core::sync::atomic::{AtomicU32, Ordering};

/// What an open binder device is.
#[derive(Debug)]
pub(crate) struct BinderFile {
    proc: ProcId,
    /// The number of its window, or [`NO_WINDOW`].
    window: AtomicU32,
    /// The address space that it may be mapped into, if it is not any of its process: that of whoever opened it. A
    /// program that another one has replaced does not have it any more.
    space: Option<u64>,
}

/// It is not mapped.
const NO_WINDOW: u32 = u32::MAX;

/// Opens a binder device for the current thread's process.
pub(crate) fn open(kernel: &mut Kernel, context: Context) -> Result<BinderFile, Errno> {
    let (driver, caller) = kernel.driver_and_caller();
    let proc = driver.open(context, &caller)?;
    Ok(BinderFile::new(proc, Some(kernel.thread().space.id())))
}

impl BinderFile {
    /// The file of an open of a device.
    pub(crate) fn new(proc: ProcId, space: Option<u64>) -> Self {
        Self {
            proc,
            space,
            window: AtomicU32::new(NO_WINDOW),
        }
    }

    /// Its proc.
    #[inline]
    pub(crate) fn proc(&self) -> ProcId {
        self.proc
    }

    /// Its region, once it is mapped.
    pub(crate) fn window(&self) -> Option<WindowId> {
        match self.window.load(Ordering::Relaxed) {
            NO_WINDOW => None,
            number => Some(WindowId(number)),
        }
    }
}

/// Maps the region of a binder file into the current thread's address space; gives its address. What the mapping is
/// `called` makes no difference but in lists.
pub(crate) fn mmap(
    kernel: &mut Kernel,
    file: &BinderFile,
    placement: Placement,
    length: u64,
    protection: Protection,
    called: Backing,
) -> Result<u64, Flow> {
    let writable = protection.contains(Protection::WRITE);
    let access = if writable {
        MapAccess::Writable
    } else {
        MapAccess::ReadOnly
    };
    let is_foreign = file
        .space
        .is_some_and(|space| space != kernel.thread().space.id());
    if is_foreign && !writable {
        return Err(Errno::EINVAL.into());
    }
    let length = length.next_multiple_of(PAGE);
    let size = usize::try_from(length).map_err(|_| Errno::ENOMEM)?;
    let pid = kernel.thread().process;
    let (id, window) = kernel.windows.create(file.proc, size.min(MAPPING_MAX))?;
    let space = Arc::clone(&kernel.thread().space);
    let protection = protection - Protection::WRITE;
    let mapped = match space.map_window(&window, placement, length, protection, called) {
        Ok(mapped) => mapped,
        Err(errno) => {
            kernel.windows.close(id);
            return Err(errno.into());
        }
    };
    windows_touched(kernel, &mapped.unmapped.windows);
    if let Err(errno) = kernel
        .driver
        .mmap(file.proc, pid, id, mapped.address, size, access)
    {
        // Nobody has seen the mapping yet.
        let _unmapped = space.unmap(mapped.address, length);
        kernel.windows.close(id);
        return Err(errno.into());
    }
    file.window.store(id.0, Ordering::Relaxed);
    Ok(mapped.address)
}

/// An ioctl of the current thread. Those that name processes are not for processes that cannot.
pub(crate) fn control(
    kernel: &mut Kernel,
    file: &BinderFile,
    request: u32,
    argument: u64,
    blocking: Blocking,
) -> Result<u64, Flow> {
    if matches!(request, BINDER_FREEZE | BINDER_GET_FROZEN_INFO) {
        kernel.may_concern_processes()?;
    }
    ioctl::ioctl(kernel, file.proc, request, argument, blocking)
}

/// Whether a read of the current thread would find something, and how often it was told so. When that changes, the
/// driver wakes the thread.
pub(crate) fn poll(kernel: &mut Kernel, file: &BinderFile) -> Result<(bool, u32), Errno> {
    let thread = ioctl::thread(kernel, file.proc)?;
    Ok((kernel.driver.poll(thread), kernel.driver.news(thread)))
}

/// The driver's thread of the current one.
pub(crate) fn thread(kernel: &mut Kernel, file: &BinderFile) -> Result<ThreadId, Errno> {
    let thread = ioctl::thread(kernel, file.proc)?;
    // Linux looks at once, and so knows that this thread polls.
    let _is_ready = kernel.driver.poll(thread);
    Ok(thread)
}

/// A debug file is looked at.
pub(crate) fn look(kernel: &mut Kernel, file: DebugFile) {
    let effects = kernel.driver.look(file);
    apply(kernel, effects);
}

/// A descriptor of the file was closed.
pub(crate) fn flush(kernel: &mut Kernel, file: &BinderFile) {
    let effects = kernel.driver.flush(file.proc);
    apply(kernel, effects);
}

/// The last descriptor of the file is closed.
pub(crate) fn release(kernel: &mut Kernel, file: &BinderFile) {
    leaving::release(kernel, file.proc, file.window());
}

/// Whether a read of this file may wait.
#[inline]
pub(super) fn blocking(open: &OpenFile) -> Blocking {
    if open.nonblocking() {
        Blocking::Refused
    } else {
        Blocking::Allowed
    }
}

/// Parts of these windows were unmapped: nothing more is delivered there.
pub(crate) fn windows_touched(kernel: &mut Kernel, windows: &[u32]) {
    if windows.is_empty() {
        return;
    }
    for &window in windows {
        if let Some(proc) = kernel.windows.proc(WindowId(window)) {
            kernel.driver.mapping_closed(proc);
        }
    }
    leaving::release_unmapped(kernel);
}

/// An address space in which these windows were mapped is gone, unless another process has it too.
pub(crate) fn windows_left(kernel: &mut Kernel, windows: &[u32]) {
    if windows.is_empty() {
        return;
    }
    for &window in windows {
        let window = WindowId(window);
        if let Some(proc) = kernel.windows.proc(window)
            && !kernel.windows.is_mapped(window)
        {
            kernel.driver.mapping_closed(proc);
        }
    }
    leaving::release_unmapped(kernel);
}
