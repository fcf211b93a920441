//! Why a request is not granted.

/// A refusal; each variant becomes the exception of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller may not do this.
    Security(&'static str),
    /// An argument has no meaning.
    IllegalArgument(&'static str),
    /// An object was needed and none was given.
    NullPointer(&'static str),
    /// It cannot be done now.
    IllegalState(&'static str),
    /// The caller is not one that this is meant for.
    Unsupported(&'static str),
}

impl Refusal {
    /// The text that goes with the exception.
    pub fn message(self) -> &'static str {
        match self {
            Self::Security(text)
            | Self::IllegalArgument(text)
            | Self::NullPointer(text)
            | Self::IllegalState(text)
            | Self::Unsupported(text) => text,
        }
    }
}
