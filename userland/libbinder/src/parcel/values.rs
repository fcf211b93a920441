//! Which types travel in a parcel, and how.

use super::{FileDescriptor, Parcel};
use crate::binder::IBinder;
use crate::status::StatusCode;
use abi::parcel::Reader;
use alloc::string::String;
use alloc::vec::Vec;

/// A value that can be written to a parcel.
pub trait ToParcel {
    /// Writes the value.
    ///
    /// # Errors
    ///
    /// That it cannot travel; plain values never fail.
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode>;
}

/// A value that can be read from a parcel.
pub trait FromParcel: Sized {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// That the parcel holds no such value here.
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode>;
}

macro_rules! scalars {
    ($($type:ty: $write:ident($as:ty), $read:ident;)*) => {
        $(
            impl ToParcel for $type {
                fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
                    parcel.writer().$write(<$as>::from(*self));
                    Ok(())
                }
            }

            impl FromParcel for $type {
                fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
                    parcel.read_with(Reader::$read)
                }
            }
        )*
    };
}

scalars! {
    i32: write_i32(i32), read_i32;
    u32: write_u32(u32), read_u32;
    i64: write_i64(i64), read_i64;
    u64: write_u64(u64), read_u64;
    bool: write_bool(bool), read_bool;
}

macro_rules! floats {
    ($($float:ty: $bits:ty;)*) => {
        $(
            impl ToParcel for $float {
                fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
                    parcel.write(&self.to_bits())
                }
            }

            impl FromParcel for $float {
                fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
                    parcel.read::<$bits>().map(Self::from_bits)
                }
            }
        )*
    };
}

floats! {
    f32: u32;
    f64: u64;
}

impl ToParcel for () {
    fn write_to(&self, _parcel: &mut Parcel) -> Result<(), StatusCode> {
        Ok(())
    }
}

impl FromParcel for () {
    fn read_from(_parcel: &Parcel) -> Result<Self, StatusCode> {
        Ok(())
    }
}

/// Two results of one method.
impl<A: FromParcel, B: FromParcel> FromParcel for (A, B) {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        Ok((parcel.read()?, parcel.read()?))
    }
}

impl<A: ToParcel, B: ToParcel> ToParcel for (A, B) {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.write(&self.0)?;
        parcel.write(&self.1)
    }
}

impl<T: ToParcel + ?Sized> ToParcel for &T {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        (**self).write_to(parcel)
    }
}

impl ToParcel for str {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.writer().write_string16(self);
        Ok(())
    }
}

impl ToParcel for String {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        self.as_str().write_to(parcel)
    }
}

impl FromParcel for String {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        parcel.read_with(Reader::read_string16)
    }
}

impl ToParcel for IBinder {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.write_binder(Some(self));
        Ok(())
    }
}

impl FromParcel for IBinder {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        parcel.read_binder()?.ok_or(StatusCode::UnexpectedNull)
    }
}

/// As AIDL's `ParcelFileDescriptor`. What is written is a duplicate.
impl ToParcel for FileDescriptor {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.write_parcel_file(self.duplicate()?);
        Ok(())
    }
}

impl FromParcel for FileDescriptor {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        parcel.read_parcel_file()?.ok_or(StatusCode::UnexpectedNull)
    }
}

macro_rules! nullable {
    ($($type:ty, $owned:ty: $value:ident, $parcel:ident => $null:expr, $read:expr;)*) => {
        $(
            impl ToParcel for Option<$type> {
                fn write_to(&self, $parcel: &mut Parcel) -> Result<(), StatusCode> {
                    match self {
                        Some($value) => return $value.write_to($parcel),
                        None => $null,
                    }
                    Ok(())
                }
            }

            impl FromParcel for Option<$owned> {
                fn read_from($parcel: &Parcel) -> Result<Self, StatusCode> {
                    $read
                }
            }
        )*
    };
}

nullable! {
    String, String: text, parcel => parcel.writer().write_null(), parcel.read_string16();
    IBinder, IBinder: binder, parcel => parcel.write_binder(None), parcel.read_binder();
    FileDescriptor, FileDescriptor: file, parcel => parcel.writer().write_i32(0), parcel.read_parcel_file();
    Vec<u8>, Vec<u8>: bytes, parcel => parcel.writer().write_null(), read_bytes(parcel);
}

impl ToParcel for Option<&str> {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.writer().write_optional_string16(*self);
        Ok(())
    }
}

impl ToParcel for Option<&IBinder> {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.write_binder(*self);
        Ok(())
    }
}

/// Bytes travel packed, other arrays one value per element.
impl ToParcel for [u8] {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.writer().write_byte_array(self);
        Ok(())
    }
}

impl ToParcel for Vec<u8> {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        self.as_slice().write_to(parcel)
    }
}

fn read_bytes(parcel: &Parcel) -> Result<Option<Vec<u8>>, StatusCode> {
    parcel.read_with(|reader| {
        reader
            .read_optional_byte_array()
            .map(|bytes| bytes.map(<[u8]>::to_vec))
    })
}

impl FromParcel for Vec<u8> {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        read_bytes(parcel)?.ok_or(StatusCode::UnexpectedNull)
    }
}

impl<T: ToParcel> ToParcel for [T] {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.writer().write_length(self.len());
        self.iter().try_for_each(|value| value.write_to(parcel))
    }
}

impl<T: ToParcel> ToParcel for Vec<T> {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        self.as_slice().write_to(parcel)
    }
}

impl<T: FromParcel> FromParcel for Vec<T> {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        let count = parcel
            .read_with(Reader::read_length)?
            .ok_or(StatusCode::UnexpectedNull)?;
        // Every element takes at least a word, so no more room is made than the parcel can fill.
        if count > parcel.remaining() / 4 {
            return Err(StatusCode::NotEnoughData);
        }
        (0..count).map(|_| T::read_from(parcel)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn round_trip<T: ToParcel + FromParcel + PartialEq + core::fmt::Debug>(value: &T) {
        let mut parcel = Parcel::new();
        parcel.write(value).unwrap();
        assert_eq!(&parcel.read::<T>().unwrap(), value);
        assert_eq!(parcel.remaining(), 0);
    }

    #[test]
    fn values_come_back() {
        round_trip(&-1_i32);
        round_trip(&u64::MAX);
        round_trip(&true);
        round_trip(&-1.5_f32);
        round_trip(&f64::MIN_POSITIVE);
        round_trip(&String::from("Grüße"));
        round_trip(&Some(String::from("x")));
        round_trip(&None::<String>);
        round_trip(&vec![1_u8, 2, 3]);
        round_trip(&vec![String::from("a"), String::new()]);
        round_trip(&vec![vec![1_i32], vec![]]);
    }

    #[test]
    fn bytes_are_packed_and_numbers_are_not() {
        let mut parcel = Parcel::new();
        parcel.write(&vec![1_u8, 2, 3]).unwrap();
        assert_eq!(parcel.data(), [3, 0, 0, 0, 1, 2, 3, 0]);
        parcel.clear();
        parcel.write(&vec![true]).unwrap();
        assert_eq!(parcel.data(), [1, 0, 0, 0, 1, 0, 0, 0]);
    }

    #[test]
    fn a_request_for_another_interface_is_refused() {
        let parcel = Parcel::request("one");
        assert_eq!(parcel.enforce_interface("two"), Err(StatusCode::PermissionDenied));
        let parcel = Parcel::request("one");
        assert_eq!(parcel.enforce_interface("one"), Ok(()));
    }
}
