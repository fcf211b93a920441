//! Whether callers have security contexts.
//!
//! A context manager that asks for its callers' contexts where no security module names any is reached by nobody: the
//! driver fails every call. So it asks only where there are some: of Linux's modules, SELinux.

use rt::syscall::{OpenFlags, close, open, read, system_name};

/// Whether the driver can name its callers' security contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contexts {
    /// Every process has one.
    Known,
    /// There is no security module, or none that names them.
    Unknown,
}

/// Where Linux lists the file systems it has; SELinux brings one of its own.
const FILE_SYSTEMS: &str = "/proc/filesystems";

/// Finds out.
pub(crate) fn contexts() -> Contexts {
    if system_name() == "Bindery" {
        return Contexts::Known;
    }
    let mut buffer = [0; 4096];
    let listed = open(FILE_SYSTEMS, OpenFlags::CLOEXEC).and_then(|fd| {
        let length = read(fd, &mut buffer);
        close(fd)?;
        length
    });
    let list = buffer.get(..listed.unwrap_or(0)).unwrap_or_default();
    if list
        .split(|byte| byte.is_ascii_whitespace())
        .any(|name| name == b"selinuxfs")
    {
        Contexts::Known
    } else {
        Contexts::Unknown
    }
}
