//! What methods take, on either side.

use crate::binder::IBinder;
use crate::parcel::{FromParcel, ToParcel};
use alloc::string::String;
use alloc::vec::Vec;

/// The type of a method's argument.
///
/// The calling side writes the argument as it is; the serving side reads an owned value and lends it to the method.
pub trait Argument<'a>: ToParcel {
    /// What the serving side reads.
    type Owned: FromParcel;

    /// The argument, from what was read.
    fn lend(owned: &'a Self::Owned) -> Self;
}

macro_rules! copied {
    ($($type:ty),*) => {
        $(
            impl<'a> Argument<'a> for $type {
                type Owned = $type;

                fn lend(owned: &'a $type) -> Self {
                    *owned
                }
            }
        )*
    };
}

copied!(i32, u32, i64, u64, bool);

impl<'a> Argument<'a> for &'a str {
    type Owned = String;

    fn lend(owned: &'a String) -> Self {
        owned
    }
}

impl<'a> Argument<'a> for Option<&'a str> {
    type Owned = Option<String>;

    fn lend(owned: &'a Option<String>) -> Self {
        owned.as_deref()
    }
}

impl<'a> Argument<'a> for Option<&'a IBinder> {
    type Owned = Option<IBinder>;

    fn lend(owned: &'a Option<IBinder>) -> Self {
        owned.as_ref()
    }
}

impl<'a, T: FromParcel> Argument<'a> for &'a [T]
where
    [T]: ToParcel,
    Vec<T>: FromParcel,
{
    type Owned = Vec<T>;

    fn lend(owned: &'a Vec<T>) -> Self {
        owned
    }
}

impl<'a> Argument<'a> for &'a [u8] {
    type Owned = Vec<u8>;

    fn lend(owned: &'a Vec<u8>) -> Self {
        owned
    }
}

impl<'a, T: ToParcel + FromParcel> Argument<'a> for &'a T {
    type Owned = T;

    fn lend(owned: &'a T) -> Self {
        owned
    }
}
