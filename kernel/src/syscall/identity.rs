//! User and group numbers. As on Linux each thread has its own; those of a process are its first thread's.

use crate::mm::user;
use crate::task::{Credentials, Flow, Kernel};
use abi::Errno;

/// "Leave this one as it is", in the calls that set several.
const UNCHANGED: u32 = u32::MAX;

/// Which numbers are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Users,
    Groups,
}

impl Kind {
    /// The real, the effective and the saved one.
    fn of(self, of: Credentials) -> [u32; 3] {
        match self {
            Self::Users => [of.uid, of.euid, of.suid],
            Self::Groups => [of.gid, of.egid, of.sgid],
        }
    }
}

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
pub(crate) fn getresuid(kernel: &mut Kernel, addresses: [u64; 6]) -> Result<u64, Flow> {
    tell(kernel, Kind::Users, addresses)
}

/// `getresgid`.
pub(crate) fn getresgid(kernel: &mut Kernel, addresses: [u64; 6]) -> Result<u64, Flow> {
    tell(kernel, Kind::Groups, addresses)
}

fn tell(kernel: &Kernel, kind: Kind, addresses: [u64; 6]) -> Result<u64, Flow> {
    for (number, address) in kind.of(kernel.thread().credentials).iter().zip(addresses) {
        user::write_value(address, number)?;
    }
    Ok(0)
}

/// `getgroups`: there are no further groups.
pub(crate) fn getgroups(_: &mut Kernel, _: [u64; 6]) -> Result<u64, Flow> {
    Ok(0)
}

/// `setuid`.
pub(crate) fn setuid(kernel: &mut Kernel, [uid, ..]: [u64; 6]) -> Result<u64, Flow> {
    set_current(kernel, Kind::Users, uid)
}

/// `setgid`.
pub(crate) fn setgid(kernel: &mut Kernel, [gid, ..]: [u64; 6]) -> Result<u64, Flow> {
    set_current(kernel, Kind::Groups, gid)
}

/// `setresuid`.
pub(crate) fn setresuid(kernel: &mut Kernel, [uid, euid, suid, ..]: [u64; 6]) -> Result<u64, Flow> {
    set(kernel, Kind::Users, [uid, euid, suid])
}

/// `setresgid`.
pub(crate) fn setresgid(kernel: &mut Kernel, [gid, egid, sgid, ..]: [u64; 6]) -> Result<u64, Flow> {
    set(kernel, Kind::Groups, [gid, egid, sgid])
}

/// Root sets all three numbers, others the effective one.
fn set_current(kernel: &mut Kernel, kind: Kind, number: u64) -> Result<u64, Flow> {
    let others = if kernel.thread().credentials.is_root() {
        number
    } else {
        UNCHANGED.into()
    };
    set(kernel, kind, [others, number, others])
}

/// Sets three numbers. Who is not root may only choose among those it has.
fn set(kernel: &mut Kernel, kind: Kind, wanted: [u64; 3]) -> Result<u64, Flow> {
    let mut credentials = kernel.thread().credentials;
    let own = kind.of(credentials);
    let mut chosen = own;
    for (slot, want) in chosen.iter_mut().zip(wanted) {
        let want = want as u32;
        if want == UNCHANGED {
            continue;
        }
        if !credentials.is_root() && own.iter().all(|known| *known != want) {
            return Err(Errno::EPERM.into());
        }
        *slot = want;
    }
    match kind {
        Kind::Users => [credentials.uid, credentials.euid, credentials.suid] = chosen,
        Kind::Groups => [credentials.gid, credentials.egid, credentials.sgid] = chosen,
    }
    kernel.set_credentials(credentials);
    Ok(0)
}
