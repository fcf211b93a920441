//! How calls fail.

use abi::Errno;
use abi::parcel::{Error, Exception, ExceptionKind};
use alloc::string::String;
use core::fmt;

macro_rules! codes {
    ($($name:ident = $number:expr, $doc:literal;)*) => {
        /// Why a transaction came to nothing. The numbers are those of Android's `status_t`, where errors are negative.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum StatusCode {
            $(#[doc = $doc] $name,)*
            /// A number that means nothing here.
            Other(i32),
        }

        impl StatusCode {
            /// The number on the wire.
            pub const fn code(self) -> i32 {
                match self {
                    $(Self::$name => $number,)*
                    Self::Other(code) => code,
                }
            }

            /// The status of a number other than 0.
            pub fn from_code(code: i32) -> Self {
                $(if code == $number {
                    return Self::$name;
                })*
                Self::Other(code)
            }

            const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $doc,)*
                    Self::Other(_) => "An error without a name.",
                }
            }
        }
    };
}

codes! {
    UnknownError = i32::MIN, "Something went wrong.";
    BadType = i32::MIN + 1, "There is no object of this type here.";
    FailedTransaction = i32::MIN + 2, "The driver rejected the call or its answer.";
    FdsNotAllowed = i32::MIN + 7, "File descriptors may not go there.";
    UnexpectedNull = i32::MIN + 8, "Null where a value is needed.";
    PermissionDenied = -1, "The caller may not do that.";
    NameNotFound = -2, "No such name.";
    WouldBlock = -11, "Nothing yet.";
    NoMemory = -12, "Out of memory.";
    AlreadyExists = -17, "Exists already.";
    NoInit = -19, "The device is not there or not ready.";
    BadValue = -22, "An argument has no meaning.";
    DeadObject = -32, "The object's process is gone.";
    InvalidOperation = -38, "Not possible here.";
    NotEnoughData = -61, "The parcel ends too early.";
    UnknownTransaction = -74, "The object does not know this call.";
    BadIndex = -75, "Beyond the end.";
    TimedOut = -110, "The time is up.";
}

impl StatusCode {
    /// The error number of a system call that the code carries, if it is one.
    fn errno(self) -> Option<Errno> {
        let number = self.code().checked_neg()?;
        Errno::from_number(u16::try_from(number).ok()?)
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.errno()) {
            (Self::Other(_), Some(errno)) => write!(f, "{errno}"),
            _ => write!(f, "{} ({self:?}, {})", self.meaning(), self.code()),
        }
    }
}

impl core::error::Error for StatusCode {}

impl From<Error> for StatusCode {
    fn from(error: Error) -> Self {
        match error {
            Error::NotEnoughData => Self::NotEnoughData,
            Error::BadValue => Self::BadValue,
            Error::BadType => Self::BadType,
            Error::UnexpectedNull => Self::UnexpectedNull,
        }
    }
}

impl From<Errno> for StatusCode {
    fn from(errno: Errno) -> Self {
        Self::from_code(errno.negated())
    }
}

/// How a method of an interface failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The call did not reach the method, or its answer did not come back.
    Transport(StatusCode),
    /// The method itself said no.
    Exception(Exception),
}

impl Status {
    /// A method's refusal, with a message.
    pub fn exception(kind: ExceptionKind, message: impl Into<String>) -> Self {
        Self::Exception(Exception::new(kind, message))
    }

    /// A method's own error number.
    pub fn service_specific(number: i32, message: impl Into<String>) -> Self {
        Self::exception(ExceptionKind::ServiceSpecific(number), message)
    }

    /// What kind of refusal it was, if it was one.
    pub const fn exception_kind(&self) -> Option<ExceptionKind> {
        match self {
            Self::Exception(exception) => Some(exception.kind),
            Self::Transport(_) => None,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(code) => fmt::Display::fmt(code, f),
            Self::Exception(exception) => write!(f, "{:?}: {}", exception.kind, exception.message),
        }
    }
}

impl core::error::Error for Status {}

impl From<StatusCode> for Status {
    fn from(code: StatusCode) -> Self {
        Self::Transport(code)
    }
}

impl From<Exception> for Status {
    fn from(exception: Exception) -> Self {
        Self::Exception(exception)
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        Self::Transport(error.into())
    }
}

impl From<Errno> for Status {
    fn from(errno: Errno) -> Self {
        Self::Transport(errno.into())
    }
}

/// What a method of an interface gives.
pub type Result<T> = core::result::Result<T, Status>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes_are_those_of_android() {
        assert_eq!(StatusCode::DeadObject.code(), -32);
        assert_eq!(StatusCode::from_code(-32), StatusCode::DeadObject);
        assert_eq!(StatusCode::from_code(-77), StatusCode::Other(-77));
        assert_eq!(StatusCode::from(Errno::ENOMEM), StatusCode::NoMemory);
    }

    #[test]
    fn an_error_number_without_a_status_is_shown_as_itself() {
        let shown = alloc::format!("{}", StatusCode::from(Errno::EACCES));
        assert!(shown.ends_with("(EACCES)"), "{shown}");
    }
}
