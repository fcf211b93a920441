//! What the service manager tells of a service.

use crate::binder::IBinder;
use crate::parcel::{FromParcel, Parcel, ToParcel};
use crate::parcelable;
use crate::status::StatusCode;
use alloc::string::String;

parcelable! {
    /// Where a service lives.
    pub struct ServiceDebugInfo {
        /// Its name.
        pub name: String,
        /// The process that registered it.
        pub debug_pid: i32,
    }
}

parcelable! {
    /// Where a service of another machine is reached.
    pub struct ConnectionInfo {
        /// Its address.
        pub ip_address: String,
        /// Its port.
        pub port: i32,
    }
}

parcelable! {
    /// A service, and what a caller may do with what it was told.
    pub struct ServiceWithMetadata {
        /// The service; null when there is none.
        pub service: Option<IBinder>,
        /// Whether it may end when nobody uses it, so that the answer is not to be kept.
        pub is_lazy_service: bool,
    }
}

/// What stands behind a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// A service of this machine, or none.
    Local(ServiceWithMetadata),
    /// An object that opens connections to a service elsewhere.
    Accessor(Option<IBinder>),
}

/// AIDL's tags of the variants, in their order.
const LOCAL: i32 = 0;
const ACCESSOR: i32 = 1;

/// A union travels as its tag and the value, behind the mark that it is not null.
impl ToParcel for Service {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        parcel.write(&1_i32)?;
        match self {
            Self::Local(service) => {
                parcel.write(&LOCAL)?;
                parcel.write(service)
            }
            Self::Accessor(accessor) => {
                parcel.write(&ACCESSOR)?;
                parcel.write(accessor)
            }
        }
    }
}

impl FromParcel for Service {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        if parcel.read::<i32>()? == 0 {
            return Err(StatusCode::UnexpectedNull);
        }
        match parcel.read::<i32>()? {
            LOCAL => Ok(Self::Local(parcel.read()?)),
            ACCESSOR => Ok(Self::Accessor(parcel.read()?)),
            _ => Err(StatusCode::BadValue),
        }
    }
}

impl ToParcel for Option<ConnectionInfo> {
    fn write_to(&self, parcel: &mut Parcel) -> Result<(), StatusCode> {
        match self {
            Some(info) => info.write_to(parcel),
            None => parcel.write(&0_i32),
        }
    }
}

impl FromParcel for Option<ConnectionInfo> {
    fn read_from(parcel: &Parcel) -> Result<Self, StatusCode> {
        let start = parcel.position();
        if parcel.read::<i32>()? == 0 {
            return Ok(None);
        }
        parcel.set_position(start);
        ConnectionInfo::read_from(parcel).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried<T: ToParcel + FromParcel>(value: &T) -> T {
        let mut parcel = Parcel::new();
        parcel.write(value).expect("it can be written");
        parcel.set_position(0);
        parcel.read().expect("it can be read")
    }

    #[test]
    fn a_union_keeps_its_variant() {
        let local = Service::Local(ServiceWithMetadata {
            service: None,
            is_lazy_service: true,
        });
        assert_eq!(carried(&local), local);
        assert_eq!(carried(&Service::Accessor(None)), Service::Accessor(None));
    }

    #[test]
    fn a_null_parcelable_is_one_word() {
        let none: Option<ConnectionInfo> = None;
        assert_eq!(carried(&none), none);
        let some = Some(ConnectionInfo {
            ip_address: "10.0.0.1".into(),
            port: 80,
        });
        assert_eq!(carried(&some), some);
    }
}
