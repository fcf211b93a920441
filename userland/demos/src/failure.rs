//! Why a demonstration did not hold.

use alloc::string::String;
use core::fmt;

use libbinder::{Status, StatusCode};
use rt::Errno;

/// What did not hold, in a sentence.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// This did not hold.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! from_errors {
    ($($error:ty),*) => {
        $(
            impl From<$error> for Failure {
                fn from(error: $error) -> Self {
                    Self(alloc::format!("{error}"))
                }
            }
        )*
    };
}

from_errors!(Status, StatusCode, Errno);

/// Fails with these words unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($format:tt)*) => {
        if !$condition {
            return Err($crate::failure::Failure::new(alloc::format!($($format)*)));
        }
    };
}
pub(crate) use ensure;
