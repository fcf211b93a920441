//! prctl, arch_prctl, and limits.

use crate::mm::user;
use crate::task::{Flow, Kernel, Pid, Thread};
use abi::Errno;
use abi::signal::Signal;
use abi::thread::{
    ARCH_GET_FS, ARCH_SET_FS, PR_GET_AUXV, PR_GET_DUMPABLE, PR_GET_NAME, PR_GET_PDEATHSIG, PR_SET_DUMPABLE,
    PR_SET_NAME, PR_SET_PDEATHSIG, RLIMIT_NOFILE, ResourceLimit, TASK_COMM_LEN,
};
use alloc::vec::Vec;

/// The most descriptors that a limit may allow.
const DESCRIPTORS_MAX: u64 = 1 << 20;

/// `prctl`.
pub(crate) fn prctl(
    kernel: &mut Kernel,
    [what, second, third, fourth, fifth, _]: [u64; 6],
) -> Result<u64, Flow> {
    match what {
        PR_SET_NAME => {
            let mut name = Vec::new();
            for at in 0..TASK_COMM_LEN as u64 - 1 {
                match user::read_value::<u8>(second.wrapping_add(at))? {
                    0 => break,
                    byte => name.push(byte),
                }
            }
            kernel.thread_mut().name = Thread::fit_name(&name);
            Ok(0)
        }
        PR_GET_NAME => {
            user::write(second, &kernel.thread().name)?;
            Ok(0)
        }
        PR_GET_AUXV => {
            if fourth != 0 || fifth != 0 {
                return Err(Errno::EINVAL.into());
            }
            let vector = &kernel.process().auxiliary;
            let part = usize::try_from(third).unwrap_or(usize::MAX).min(vector.len());
            user::write(second, &vector[..part])?;
            Ok(vector.len() as u64)
        }
        PR_SET_PDEATHSIG => {
            let signal = match second {
                0 => None,
                number => Some(Signal::from_number(number).ok_or(Errno::EINVAL)?),
            };
            kernel.process_mut().parent_death_signal = signal;
            Ok(0)
        }
        PR_GET_PDEATHSIG => {
            let signal = kernel.process().parent_death_signal;
            user::write_value(second, &signal.map_or(0, |signal| u32::from(signal.number())))?;
            Ok(0)
        }
        // There are no core dumps, which is what it is about.
        PR_GET_DUMPABLE => Ok(1),
        PR_SET_DUMPABLE if second <= 1 => Ok(0),
        _ => Err(Errno::EINVAL.into()),
    }
}

/// `arch_prctl`: the thread pointer.
pub(crate) fn arch_prctl(kernel: &mut Kernel, [what, address, ..]: [u64; 6]) -> Result<u64, Flow> {
    match what {
        ARCH_SET_FS => {
            kernel.thread_mut().context.set_fs_base(address)?;
            Ok(0)
        }
        ARCH_GET_FS => {
            user::write_value(address, &kernel.thread().context.fs_base())?;
            Ok(0)
        }
        _ => Err(Errno::EINVAL.into()),
    }
}

/// `prlimit64`.
pub(crate) fn prlimit64(kernel: &mut Kernel, [pid, kind, new, old, ..]: [u64; 6]) -> Result<u64, Flow> {
    let own = kernel.thread();
    let (own_id, own_credentials) = (own.process, own.credentials);
    let pid = if pid == 0 {
        own_id.0
    } else {
        u32::try_from(pid).map_err(|_| Errno::ESRCH)?
    };
    let kind = usize::try_from(kind as u32).map_err(|_| Errno::EINVAL)?;
    if !kernel.can_name(Pid(pid)) {
        return Err(Errno::ESRCH.into());
    }
    let process = kernel.processes.get_mut(pid).ok_or(Errno::ESRCH)?;
    if pid != own_id.0 && !own_credentials.is_root() && own_credentials != process.credentials {
        return Err(Errno::EPERM.into());
    }
    let before = process.limits.get(kind).ok_or(Errno::EINVAL)?;
    if new != 0 {
        let wanted: ResourceLimit = user::read_value(new)?;
        if wanted.current > wanted.maximum {
            return Err(Errno::EINVAL.into());
        }
        let too_high = wanted.maximum > before.maximum && !own_credentials.is_root();
        if too_high || (kind == RLIMIT_NOFILE && wanted.maximum > DESCRIPTORS_MAX) {
            return Err(Errno::EPERM.into());
        }
        process.limits.set(kind, wanted);
        for task in &process.threads {
            if let Some(thread) = kernel.threads.get_mut(task.0) {
                thread.settled_nice = Thread::UNSETTLED;
            }
        }
    }
    if old != 0 {
        user::write_value(old, &before)?;
    }
    Ok(0)
}
