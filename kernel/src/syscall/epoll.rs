//! Epoll sets: what is asked of them.

use super::path::file_of;
use super::poll::{Patience, begin_mask, end_mask};
use crate::file::{CloseOnExec, Epoll, OpenFile, check_range};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::event::{EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, EpollEvent, EpollFlags};
use abi::file::OpenFlags;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The size of an event in the caller's memory.
const SIZE: u64 = size_of::<EpollEvent>() as u64;
/// The most events that one call may ask for.
const MOST: i32 = i32::MAX / SIZE as i32;

/// `epoll_create`. Its argument, once the set's size, must only be positive.
pub(crate) fn epoll_create(kernel: &mut Kernel, [size, ..]: [u64; 6]) -> Result<u64, Flow> {
    if size as i32 <= 0 {
        return Err(Errno::EINVAL.into());
    }
    epoll_create1(kernel, [0; 6])
}

/// `epoll_create1`.
pub(crate) fn epoll_create1(kernel: &mut Kernel, [flags, ..]: [u64; 6]) -> Result<u64, Flow> {
    let close_on_exec = match OpenFlags::from_bits_retain(flags as u32) {
        OpenFlags::CLOSE_ON_EXEC => CloseOnExec::Yes,
        flags if flags.is_empty() => CloseOnExec::No,
        _ => return Err(Errno::EINVAL.into()),
    };
    let name = b"anon_inode:[eventpoll]".to_vec();
    let open = OpenFile::nameless(Box::new(Epoll::new()), OpenFlags::READ_WRITE, name);
    kernel.install(open, close_on_exec, 0)
}

/// `epoll_ctl`.
pub(crate) fn epoll_ctl(
    kernel: &mut Kernel,
    [set, operation, descriptor, event, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let operation = operation as u32;
    let wanted = match operation {
        EPOLL_CTL_DEL => EpollEvent::default(),
        _ => user::read_value(event)?,
    };
    let set = Arc::clone(file_of(kernel, set)?);
    let descriptor = descriptor as i32;
    let file = Arc::clone(file_of(kernel, descriptor as u64)?);
    let result = change(kernel, &set, operation, descriptor, &file, wanted);
    kernel.release_file(file);
    kernel.release_file(set);
    result?;
    Ok(0)
}

fn change(
    kernel: &mut Kernel,
    set: &Arc<OpenFile>,
    operation: u32,
    descriptor: i32,
    file: &Arc<OpenFile>,
    wanted: EpollEvent,
) -> Result<(), Errno> {
    if file.names_only() {
        return Err(Errno::EBADF);
    }
    if !file.file().can_be_watched() {
        return Err(Errno::EPERM);
    }
    if Arc::ptr_eq(set, file) {
        return Err(Errno::EINVAL);
    }
    let set = set.downcast::<Epoll>().ok_or(Errno::EINVAL)?;
    let exclusive = EpollFlags::from_bits_truncate(wanted.events).contains(EpollFlags::EXCLUSIVE);
    if exclusive && (operation == EPOLL_CTL_MOD || file.downcast::<Epoll>().is_some()) {
        return Err(Errno::EINVAL);
    }
    match operation {
        EPOLL_CTL_ADD => set.add(kernel, descriptor, file, wanted),
        EPOLL_CTL_DEL => set.remove(descriptor, file),
        EPOLL_CTL_MOD => set.modify(kernel, descriptor, file, wanted),
        _ => Err(Errno::EINVAL),
    }
}

/// `epoll_pwait`.
pub(crate) fn epoll_pwait(
    kernel: &mut Kernel,
    [set, events, most, timeout, mask, mask_size]: [u64; 6],
) -> Result<u64, Flow> {
    let patience = Patience::of_milliseconds(timeout as i32);
    begin_mask(kernel, mask, mask_size)?;
    let result = wait(kernel, set, events, most, patience);
    end_mask(kernel, mask, result)
}

/// `epoll_pwait2`: with a finer timeout.
pub(crate) fn epoll_pwait2(
    kernel: &mut Kernel,
    [set, events, most, timeout, mask, mask_size]: [u64; 6],
) -> Result<u64, Flow> {
    let patience = Patience::of_time(timeout)?;
    begin_mask(kernel, mask, mask_size)?;
    let result = wait(kernel, set, events, most, patience);
    end_mask(kernel, mask, result)
}

fn wait(kernel: &mut Kernel, set: u64, events: u64, most: u64, patience: Patience) -> Result<u64, Flow> {
    let most = most as i32;
    if !(1..=MOST).contains(&most) {
        return Err(Errno::EINVAL.into());
    }
    check_range(events, u64::from(most.unsigned_abs()) * SIZE)?;
    let open = Arc::clone(file_of(kernel, set)?);
    let mut channels = Vec::new();
    let taken = match open.downcast::<Epoll>() {
        Some(set) => set.take(kernel, most as usize, &mut channels),
        None => Err(Errno::EINVAL),
    };
    kernel.release_file(open);
    let taken = taken?;
    if taken.is_empty()
        && let Some(flow) = patience.wait(kernel, channels)
    {
        return Err(flow);
    }
    for (index, event) in taken.iter().enumerate() {
        user::write_value(events.wrapping_add(index as u64 * SIZE), event)?;
    }
    Ok(taken.len() as u64)
}
