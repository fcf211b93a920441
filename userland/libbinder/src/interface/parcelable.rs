//! Structures that travel in parcels.

/// Makes a structure that travels as AIDL's parcelables do: with its size in front, so that either side may know
/// fields at the end that the other does not.
///
/// ```ignore
/// libbinder::parcelable! {
///     /// What is to be done.
///     pub struct Intent {
///         /// The action.
///         pub action: String,
///     }
/// }
/// ```
#[macro_export]
macro_rules! parcelable {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$doc:meta])* $field_visibility:vis $field:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        $visibility struct $name {
            $($(#[$doc])* $field_visibility $field: $type,)*
        }

        impl $crate::ToParcel for $name {
            fn write_to(&self, parcel: &mut $crate::Parcel) -> ::core::result::Result<(), $crate::StatusCode> {
                parcel.write(&1_i32)?;
                parcel.write_sized(|parcel| {
                    $(parcel.write(&self.$field)?;)*
                    Ok(())
                })
            }
        }

        impl $crate::FromParcel for $name {
            fn read_from(parcel: &$crate::Parcel) -> ::core::result::Result<Self, $crate::StatusCode> {
                if parcel.read::<i32>()? == 0 {
                    return Err($crate::StatusCode::UnexpectedNull);
                }
                parcel.read_sized(|parcel, end| {
                    let mut value = Self::default();
                    $(
                        if parcel.position() >= end {
                            return Ok(value);
                        }
                        value.$field = parcel.read()?;
                    )*
                    Ok(value)
                })
            }
        }
    };
}
