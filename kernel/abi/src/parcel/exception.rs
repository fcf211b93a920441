//! The exception: how a method says that it failed.

use super::{Error, Reader, Writer};
use alloc::string::String;

/// The word in front of a reply header that carries more than an exception. Its size follows.
const HAS_REPLY_HEADER: i32 = -128;
/// The same for a header with noted operations.
const HAS_NOTED_OPERATIONS_HEADER: i32 = -127;
/// The exception that carries a number of the service's own.
const SERVICE_SPECIFIC: i32 = -8;

macro_rules! kinds {
    ($($name:ident = $number:literal, $doc:literal;)*) => {
        /// What kind of failure it was. The names are AIDL's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ExceptionKind {
            $(#[doc = $doc] $name,)*
            /// The service's own error number.
            ServiceSpecific(i32),
            /// A number that is unknown here.
            Other(i32),
        }

        impl ExceptionKind {
            /// The number on the wire.
            pub const fn code(self) -> i32 {
                match self {
                    $(Self::$name => $number,)*
                    Self::ServiceSpecific(_) => SERVICE_SPECIFIC,
                    Self::Other(code) => code,
                }
            }

            const fn from_code(code: i32) -> Self {
                match code {
                    $($number => Self::$name,)*
                    other => Self::Other(other),
                }
            }
        }
    };
}

kinds! {
    Security = -1, "The caller may not do that.";
    BadParcelable = -2, "The request could not be read.";
    IllegalArgument = -3, "An argument has no meaning.";
    NullPointer = -4, "An argument is null that must not be.";
    IllegalState = -5, "Not now.";
    NetworkMainThread = -6, "Would block a thread that must not block.";
    UnsupportedOperation = -7, "Never.";
    Parcelable = -9, "The exception is an object of its own.";
    TransactionFailed = -129, "The call itself failed; only made up by a caller, never sent.";
}

/// A failed method, as it lies at the beginning of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// What kind of failure.
    pub kind: ExceptionKind,
    /// What a person should know.
    pub message: String,
}

impl Exception {
    /// A failure with a message.
    pub fn new(kind: ExceptionKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.write_i32(self.kind.code());
        writer.write_string16(&self.message);
        // No remote stack trace.
        writer.write_i32(0);
        match self.kind {
            ExceptionKind::ServiceSpecific(number) => writer.write_i32(number),
            // No exception object behind it.
            ExceptionKind::Parcelable => writer.write_i32(0),
            _ => {}
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, Error> {
        let mut code = reader.read_i32()?;
        if code == HAS_NOTED_OPERATIONS_HEADER {
            skip_header(reader)?;
            code = reader.read_i32()?;
        }
        if code == HAS_REPLY_HEADER {
            skip_header(reader)?;
            return Ok(None);
        }
        if code == 0 {
            return Ok(None);
        }
        let message = reader.read_optional_string16()?.unwrap_or_default();
        skip_stack_trace(reader)?;
        let kind = if code == SERVICE_SPECIFIC {
            ExceptionKind::ServiceSpecific(reader.read_i32()?)
        } else {
            ExceptionKind::from_code(code)
        };
        Ok(Some(Self { kind, message }))
    }
}

/// Skips a header whose size word counts itself.
fn skip_header(reader: &mut Reader<'_>) -> Result<(), Error> {
    let size = usize::try_from(reader.read_i32()?).map_err(|_| Error::BadValue)?;
    let rest = size.checked_sub(4).ok_or(Error::BadValue)?;
    reader.read_raw(rest).map(drop)
}

/// Skips the remote stack trace: a zero word, or its size in bytes behind the size word and then the trace.
fn skip_stack_trace(reader: &mut Reader<'_>) -> Result<(), Error> {
    match reader.read_i32()? {
        0 => Ok(()),
        size => {
            let rest = usize::try_from(size).map_err(|_| Error::BadValue)?;
            reader.read_raw(rest).map(drop)
        }
    }
}
