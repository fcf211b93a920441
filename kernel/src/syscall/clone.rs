//! Making threads and processes: clone, clone3, fork, vfork.

use crate::mm::user;
use crate::task::{Flow, Kernel, NewTask, Wait};
use abi::Errno;
use abi::signal::Signal;
use abi::thread::{CLONE_ARGS_SIZE_VER0, CloneArguments, CloneFlags};
use zerocopy::IntoBytes;

/// The bits of clone's flags that hold the exit signal.
const EXIT_SIGNAL: u64 = 0xff;

/// `clone`.
pub(crate) fn clone(
    kernel: &mut Kernel,
    [flags, stack, parent_tid, child_tid, thread_pointer, _]: [u64; 6],
) -> Result<u64, Flow> {
    start(
        kernel,
        &NewTask {
            flags: known(flags & !EXIT_SIGNAL & u64::from(u32::MAX))?,
            exit_signal: exit_signal(flags & EXIT_SIGNAL)?,
            stack,
            parent_tid,
            child_tid,
            thread_pointer,
        },
    )
}

/// `clone3`.
pub(crate) fn clone3(kernel: &mut Kernel, [address, size, ..]: [u64; 6]) -> Result<u64, Flow> {
    let full = size_of::<CloneArguments>();
    if size < CLONE_ARGS_SIZE_VER0 {
        return Err(Errno::EINVAL.into());
    }
    if size > full as u64 {
        return Err(Errno::E2BIG.into());
    }
    let mut arguments = CloneArguments::default();
    user::read(address, &mut arguments.as_mut_bytes()[..size as usize])?;
    if arguments.set_tid_size != 0 || arguments.flags & (EXIT_SIGNAL | CloneFlags::DETACHED.bits()) != 0 {
        return Err(Errno::EINVAL.into());
    }
    if (arguments.stack == 0) != (arguments.stack_size == 0) {
        return Err(Errno::EINVAL.into());
    }
    let flags = known(arguments.flags)?;
    let exit_signal = exit_signal(arguments.exit_signal)?;
    if flags.intersects(CloneFlags::THREAD.union(CloneFlags::PARENT)) && exit_signal.is_some() {
        return Err(Errno::EINVAL.into());
    }
    start(
        kernel,
        &NewTask {
            flags,
            exit_signal,
            stack: arguments.stack.wrapping_add(arguments.stack_size),
            parent_tid: arguments.parent_tid,
            child_tid: arguments.child_tid,
            thread_pointer: arguments.tls,
        },
    )
}

fn known(flags: u64) -> Result<CloneFlags, Errno> {
    CloneFlags::from_bits(flags).ok_or(Errno::EINVAL)
}

fn exit_signal(number: u64) -> Result<Option<Signal>, Errno> {
    match number {
        0 => Ok(None),
        number => Signal::from_number(number).map(Some).ok_or(Errno::EINVAL),
    }
}

fn start(kernel: &mut Kernel, new: &NewTask) -> Result<u64, Flow> {
    let task = kernel.clone_task(new)?;
    if new.flags.contains(CloneFlags::VFORK) {
        kernel.thread_mut().context.set_result(i64::from(task.0));
        return Err(kernel.wait_for(Wait::for_vfork()));
    }
    Ok(task.0.into())
}
