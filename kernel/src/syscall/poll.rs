//! Waiting for several files at once.

use super::time::read_time;
use crate::arch::time;
use crate::file::{self, descriptor_limit};
use crate::mm::user;
use crate::task::signal::SavedMask;
use crate::task::{Channel, Flow, Kernel, Wait};
use abi::Errno;
use abi::poll::{PollDescriptor, PollEvents};
use abi::signal::SignalSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

/// How long a call waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// So many nanoseconds.
    For(u64),
    /// Until something happens.
    Endless,
}

impl Patience {
    /// What a timeout in milliseconds means; a negative one has no end.
    pub(super) const fn of_milliseconds(timeout: i32) -> Self {
        match timeout {
            0 => Self::None,
            timeout if timeout > 0 => Self::For(timeout as u64 * MILLISECOND),
            _ => Self::Endless,
        }
    }

    /// What a timeout at this address means; a null one has no end.
    pub(super) fn of_time(timeout: u64) -> Result<Self, Errno> {
        if timeout == 0 {
            return Ok(Self::Endless);
        }
        Ok(match read_time(timeout)? {
            0 => Self::None,
            nanoseconds => Self::For(nanoseconds),
        })
    }

    /// Lets the current call wait for one of these channels; not if it has no patience left.
    pub(super) fn wait(self, kernel: &mut Kernel, channels: Vec<Channel>) -> Option<Flow> {
        let deadline = match self {
            Self::None => return None,
            Self::For(nanoseconds) => Some(kernel.deadline(nanoseconds)),
            Self::Endless => None,
        };
        if deadline.is_some_and(|deadline| time::now() >= deadline) {
            return None;
        }
        Some(kernel.wait_for(Wait {
            deadline,
            ..Wait::on_any(channels)
        }))
    }
}

/// `poll`.
pub(crate) fn poll(kernel: &mut Kernel, [descriptors, count, timeout, ..]: [u64; 6]) -> Result<u64, Flow> {
    wait(
        kernel,
        descriptors,
        count,
        Patience::of_milliseconds(timeout as i32),
    )
}

/// `ppoll`. Its signal mask is put in place by the caller's thread for as long as the call waits.
pub(crate) fn ppoll(
    kernel: &mut Kernel,
    [descriptors, count, timeout, mask, mask_size, _]: [u64; 6],
) -> Result<u64, Flow> {
    let patience = Patience::of_time(timeout)?;
    begin_mask(kernel, mask, mask_size)?;
    let result = wait(kernel, descriptors, count, patience);
    end_mask(kernel, mask, result)
}

/// Puts another signal mask in place for a call that may wait; none if `mask` is null.
pub(super) fn begin_mask(kernel: &mut Kernel, mask: u64, mask_size: u64) -> Result<(), Errno> {
    if mask == 0 {
        return Ok(());
    }
    if mask_size != size_of::<SignalSet>() as u64 {
        return Err(Errno::EINVAL);
    }
    let mask: SignalSet = user::read_value(mask)?;
    let task = kernel.current;
    let signals = &mut kernel.thread_mut().signals;
    if signals.saved_mask.is_none() {
        signals.saved_mask = Some(SavedMask::of(signals.mask));
        kernel.set_signal_mask(task, mask);
    }
    Ok(())
}

/// The call is over with this result, which is given back; the mask ends unless the call waits. A signal that ends the
/// wait is delivered under it.
pub(super) fn end_mask(kernel: &mut Kernel, mask: u64, result: Result<u64, Flow>) -> Result<u64, Flow> {
    if mask != 0
        && result != Err(Flow::BLOCK)
        && let Some(saved) = kernel.thread_mut().signals.saved_mask.take()
    {
        kernel.set_signal_mask(kernel.current, saved.mask());
    }
    result
}

fn wait(kernel: &mut Kernel, address: u64, count: u64, patience: Patience) -> Result<u64, Flow> {
    let count = count as u32 as usize;
    if count > descriptor_limit(kernel.process()) {
        return Err(Errno::EINVAL.into());
    }
    let mut asked = Vec::new();
    asked.try_reserve_exact(count).map_err(|_| Errno::ENOMEM)?;
    let size = size_of::<PollDescriptor>() as u64;
    for index in 0..count as u64 {
        asked.push(user::read_value::<PollDescriptor>(
            address.wrapping_add(index * size),
        )?);
    }
    let mut channels = Vec::new();
    let mut ready = 0_u64;
    for descriptor in &mut asked {
        let events = look(kernel, *descriptor, &mut channels)?;
        descriptor.returned = events.bits();
        ready += u64::from(!events.is_empty());
    }
    if ready == 0
        && let Some(flow) = patience.wait(kernel, channels)
    {
        return Err(flow);
    }
    for (index, descriptor) in asked.iter().enumerate() {
        let returned = address.wrapping_add(index as u64 * size + 6);
        user::write_value(returned, &descriptor.returned)?;
    }
    Ok(ready)
}

/// What there is of what is asked for, and the channel to wait on.
fn look(
    kernel: &mut Kernel,
    descriptor: PollDescriptor,
    channels: &mut Vec<Channel>,
) -> Result<PollEvents, Errno> {
    if descriptor.descriptor < 0 {
        return Ok(PollEvents::empty());
    }
    let open = match kernel.process().files.get(descriptor.descriptor) {
        Ok(open) if !open.names_only() => Arc::clone(open),
        _ => return Ok(PollEvents::INVALID),
    };
    let readiness = file::look(kernel, &open, channels);
    kernel.release_file(open);
    let readiness = readiness?;
    let asked = PollEvents::from_bits_retain(descriptor.events) | PollEvents::ALWAYS;
    Ok(readiness.events & asked)
}
