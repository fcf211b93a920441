//! The parcel: how values lie in the data of a transaction.
//!
//! This is Android's wire format. Everything is little-endian and begins at a multiple of four bytes. Text is UTF-16
//! with its length in front and a NUL behind. Binder objects lie between the other values; their positions travel in
//! a list beside the data, because the driver translates exactly those.
//!
//! [`Writer`] makes such bytes, [`Reader`] takes them apart and trusts none of them. Both are plain values that know
//! nothing of processes, so programs and the kernel's own objects speak through the same code.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

mod exception;
mod reader;
#[cfg(test)]
mod tests;
mod token;
mod writer;

pub use exception::{Exception, ExceptionKind};
pub use reader::Reader;
pub use token::{HEADER_RECOVERY, HEADER_SYSTEM, HEADER_VENDOR, Token};
pub use writer::{SizeMark, Writer};

use core::fmt;

/// What Android writes behind each binder object: who may rely on its interface.
///
/// A parcel carries the number as it is, so a level that is unknown here passes through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stability(pub i32);

impl Stability {
    /// Nothing was declared; the word behind a null binder.
    pub const UNDECLARED: Self = Self(0);
    /// Stable within a vendor's image.
    pub const VENDOR: Self = Self(0x03);
    /// Stable within the system's image: what a program's own objects get.
    pub const SYSTEM: Self = Self(0x0c);
    /// Stable between the two.
    pub const VINTF: Self = Self(0x3f);
}

/// Why bytes could not be read as the value that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The data ends before the value does.
    NotEnoughData,
    /// A length or a terminator has no meaning.
    BadValue,
    /// There is no object of this type at this place.
    BadType,
    /// The value is null, and null is not allowed here.
    UnexpectedNull,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotEnoughData => "the parcel ends too early",
            Self::BadValue => "a length in the parcel has no meaning",
            Self::BadType => "the parcel has no such object here",
            Self::UnexpectedNull => "the parcel has null where a value is needed",
        })
    }
}

impl core::error::Error for Error {}

/// Rounds a length up to the four bytes at which every value begins.
const fn padded(length: usize) -> Option<usize> {
    match length.checked_add(3) {
        Some(sum) => Some(sum & !3),
        None => None,
    }
}
