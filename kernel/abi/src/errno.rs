//! Error numbers of system calls.

use crate::lines;
use core::fmt;

/// An error number, as Linux counts them: positive here, negative in the result register of a system call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(u16);

macro_rules! errnos {
    ($($name:ident = $number:literal, $doc:literal;)*) => {
        impl Errno {
            $(#[doc = $doc] pub const $name: Self = Self($number);)*

            /// The number, the name and the meaning of each.
            const TEXTS: &str = concat!($(stringify!($number), " ", stringify!($name), " ", $doc, "\n"),*);
        }
    };
}

errnos! {
    EPERM = 1, "The caller may not do that.";
    ENOENT = 2, "No such file.";
    ESRCH = 3, "No such process or thread.";
    EINTR = 4, "A signal interrupted the wait.";
    EIO = 5, "The device failed.";
    ENXIO = 6, "No such device or address.";
    E2BIG = 7, "Arguments and environment are too long.";
    ENOEXEC = 8, "Not a program this kernel can start.";
    EBADF = 9, "Not an open file descriptor.";
    ECHILD = 10, "No child to wait for.";
    EAGAIN = 11, "Nothing yet; a blocking call would wait.";
    ENOMEM = 12, "Out of memory.";
    EACCES = 13, "The protection or mode forbids it.";
    EFAULT = 14, "An address that the caller may not access.";
    EBUSY = 16, "In use.";
    EEXIST = 17, "Exists already.";
    EXDEV = 18, "The two names are on different file systems.";
    ENODEV = 19, "The file cannot do that kind of operation.";
    ENOTDIR = 20, "A path component is not a directory.";
    EISDIR = 21, "Is a directory.";
    EINVAL = 22, "An argument has no meaning.";
    ENFILE = 23, "The system has too many open files.";
    EMFILE = 24, "The process has too many open files.";
    ENOTTY = 25, "The file does not know this ioctl.";
    EFBIG = 27, "The file would grow too large.";
    ENOSPC = 28, "No space left.";
    ESPIPE = 29, "The file has no position.";
    EROFS = 30, "The file system is read-only.";
    EMLINK = 31, "Too many links.";
    EPIPE = 32, "Nobody reads the other end.";
    EDOM = 33, "Outside the domain of the function.";
    ERANGE = 34, "The result does not fit.";
    EDEADLK = 35, "It would deadlock.";
    ENAMETOOLONG = 36, "The name is too long.";
    ENOSYS = 38, "No such system call.";
    ENOTEMPTY = 39, "The directory is not empty.";
    ELOOP = 40, "Too many symbolic links.";
    EPROTO = 71, "The conversation's protocol was broken.";
    EOVERFLOW = 75, "The value does not fit its type.";
    EBADMSG = 74, "The message is malformed.";
    ENOTSOCK = 88, "The file is no socket.";
    ENOPROTOOPT = 92, "There is no such option of a socket.";
    EPROTONOSUPPORT = 93, "There is no such protocol.";
    ESOCKTNOSUPPORT = 94, "There is no such kind of socket.";
    EOPNOTSUPP = 95, "The file does not support it.";
    EAFNOSUPPORT = 97, "There is no such family of sockets.";
    ECONNRESET = 104, "The other end was closed with bytes that it had not read.";
    EISCONN = 106, "The socket is connected.";
    ETIMEDOUT = 110, "The time is up.";
    EALREADY = 114, "Already under way.";
}

impl Errno {
    /// The largest error number that a result register can carry.
    const LAST: u16 = 4095;

    /// The errno of this number, if a result register can carry it.
    pub const fn from_number(number: u16) -> Option<Self> {
        match number {
            1..=Self::LAST => Some(Self(number)),
            _ => None,
        }
    }

    /// The number's symbolic name, for logs and messages.
    pub fn name(self) -> Option<&'static str> {
        self.texts().map(|(name, _)| name)
    }

    /// What the error means, in one sentence.
    pub fn meaning(self) -> Option<&'static str> {
        self.texts().map(|(_, meaning)| meaning)
    }

    fn texts(self) -> Option<(&'static str, &'static str)> {
        lines::cut(lines::find(Self::TEXTS, self.0.into())?, b' ')
    }

    /// The positive number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The value that a failing system call leaves in its result register, and binder in `param` fields.
    pub const fn negated(self) -> i32 {
        -(self.0 as i32)
    }

    /// Splits a system call's raw result into value and error.
    ///
    /// # Errors
    ///
    /// The errno, when the register holds one of the 4,095 values that Linux reserves for them.
    #[expect(
        clippy::cast_sign_loss,
        reason = "the register is the same 64 bits either way"
    )]
    pub const fn from_result(register: i64) -> Result<u64, Self> {
        if register < 0 && register >= -(Self::LAST as i64) {
            Err(Self(-register as u16))
        } else {
            Ok(register as u64)
        }
    }

    /// The inverse of [`Errno::from_result`].
    #[expect(
        clippy::cast_possible_wrap,
        reason = "the register is the same 64 bits either way"
    )]
    pub const fn to_result(result: Result<u64, Self>) -> i64 {
        match result {
            Ok(value) => value as i64,
            Err(errno) => errno.negated() as i64,
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", u32::from(self.0)),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.meaning() {
            Some(meaning) => write!(f, "{meaning} ({self:?})"),
            None => fmt::Debug::fmt(self, f),
        }
    }
}

impl core::error::Error for Errno {}

#[cfg(test)]
mod tests {
    use super::Errno;

    #[test]
    fn a_known_number_has_a_name_and_a_meaning() {
        assert_eq!(Errno::EPERM.name(), Some("EPERM"));
        assert_eq!(Errno::EALREADY.meaning(), Some("Already under way."));
        let unknown = Errno::from_number(4000).expect("a register carries it");
        assert_eq!((unknown.name(), unknown.meaning()), (None, None));
    }

    #[test]
    fn only_the_reserved_values_are_errors() {
        assert_eq!(Errno::from_result(-22), Err(Errno::EINVAL));
        assert_eq!(Errno::from_result(-4096), Ok(-4096_i64 as u64));
        assert_eq!(Errno::from_result(0), Ok(0));
        assert_eq!(Errno::to_result(Err(Errno::EFAULT)), -14);
    }
}
