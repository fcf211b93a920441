//! User and group numbers. As on Linux each thread has its own; those of a process are its first thread's.

use crate::mm::user;
use crate::task::{Credentials, Flow, Kernel};
use abi::Errno;

/// "Leave this one as it is", in the calls that set several.
const UNCHANGED: u32 = u32::MAX;

/// `getuid`.
pub(crate) fn getuid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.thread().credentials.uid.into())
}

/// `geteuid`.
pub(crate) fn geteuid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.thread().credentials.euid.into())
}

/// `getgid`.
pub(crate) fn getgid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.thread().credentials.gid.into())
}

/// `getegid`.
pub(crate) fn getegid(kernel: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.thread().credentials.egid.into())
}

/// `getresuid`.
pub(crate) fn getresuid(kernel: &mut Kernel, [uid, euid, suid, ..]: [u64; 6]) -> Result<u64, Flow> {
    let own = kernel.thread().credentials;
    user::write_value(uid, &own.uid)?;
    user::write_value(euid, &own.euid)?;
    user::write_value(suid, &own.suid)?;
    Ok(0)
}

/// `getresgid`.
pub(crate) fn getresgid(kernel: &mut Kernel, [gid, egid, sgid, ..]: [u64; 6]) -> Result<u64, Flow> {
    let own = kernel.thread().credentials;
    user::write_value(gid, &own.gid)?;
    user::write_value(egid, &own.egid)?;
    user::write_value(sgid, &own.sgid)?;
    Ok(0)
}

/// `getgroups`: there are no further groups.
pub(crate) fn getgroups(_: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(0)
}

/// `setuid`.
pub(crate) fn setuid(kernel: &mut Kernel, [uid, ..]: [u64; 6]) -> Result<u64, Flow> {
    let uid = uid as u32;
    if kernel.thread().credentials.is_root() {
        return set_users(kernel, [uid; 3]);
    }
    set_users(kernel, [UNCHANGED, uid, UNCHANGED])
}

/// `setresuid`.
pub(crate) fn setresuid(kernel: &mut Kernel, [uid, euid, suid, ..]: [u64; 6]) -> Result<u64, Flow> {
    set_users(kernel, [uid as u32, euid as u32, suid as u32])
}

/// `setgid`.
pub(crate) fn setgid(kernel: &mut Kernel, [gid, ..]: [u64; 6]) -> Result<u64, Flow> {
    let gid = gid as u32;
    if kernel.thread().credentials.is_root() {
        return set_groups(kernel, [gid; 3]);
    }
    set_groups(kernel, [UNCHANGED, gid, UNCHANGED])
}

/// `setresgid`.
pub(crate) fn setresgid(kernel: &mut Kernel, [gid, egid, sgid, ..]: [u64; 6]) -> Result<u64, Flow> {
    set_groups(kernel, [gid as u32, egid as u32, sgid as u32])
}

fn set_users(kernel: &mut Kernel, wanted: [u32; 3]) -> Result<u64, Flow> {
    let own = kernel.thread().credentials;
    let [uid, euid, suid] = choose(wanted, [own.uid, own.euid, own.suid], own.is_root())?;
    kernel.set_credentials(Credentials {
        uid,
        euid,
        suid,
        ..own
    });
    Ok(0)
}

fn set_groups(kernel: &mut Kernel, wanted: [u32; 3]) -> Result<u64, Flow> {
    let own = kernel.thread().credentials;
    let [gid, egid, sgid] = choose(wanted, [own.gid, own.egid, own.sgid], own.is_root())?;
    kernel.set_credentials(Credentials {
        gid,
        egid,
        sgid,
        ..own
    });
    Ok(0)
}

/// The new numbers. Who is not root may only choose among those it has.
fn choose(wanted: [u32; 3], own: [u32; 3], root: bool) -> Result<[u32; 3], Errno> {
    let mut chosen = own;
    for (slot, want) in chosen.iter_mut().zip(wanted) {
        if want == UNCHANGED {
            continue;
        }
        if !root && !own.contains(&want) {
            return Err(Errno::EPERM);
        }
        *slot = want;
    }
    Ok(chosen)
}
