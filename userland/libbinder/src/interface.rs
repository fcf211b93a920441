//! From one trait to both sides of an interface.

use crate::binder::IBinder;
use crate::parcel::{FromParcel, ToParcel};
use crate::status::{Result, Status, StatusCode};
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

/// The calling side of an interface.
pub trait Proxy: Sized {
    /// The interface's name.
    const DESCRIPTOR: &'static str;

    /// A proxy for an object that is known to have the interface.
    fn from_binder(binder: IBinder) -> Self;

    /// The object behind the proxy.
    fn as_binder(&self) -> &IBinder;

    /// A proxy for an object, after asking it which interface it has.
    ///
    /// # Errors
    ///
    /// [`StatusCode::BadType`] when it is another one, or why the object did not answer.
    fn cast(binder: IBinder) -> Result<Self> {
        if binder.interface_descriptor()? == Self::DESCRIPTOR {
            Ok(Self::from_binder(binder))
        } else {
            Err(Status::Transport(StatusCode::BadType))
        }
    }
}

/// What the expansion of [`interface!`](crate::interface!) refers to. Not for use by hand.
pub mod support {
    pub use crate::explain::Station;
    pub use crate::thread::TransactionFlags;
    pub use alloc::boxed::Box;
    pub use alloc::string::String;

    use crate::binder::IBinder;
    use crate::explain;
    use crate::parcel::{FromParcel, Parcel, ToParcel};
    use crate::status::{Result, Status, StatusCode};

    /// Tells the observer that a proxy's method was called.
    pub fn at_proxy(proxy: &str, method: &str, code: u32) {
        explain::at(|| Station::Proxy { proxy, method, code });
    }

    /// Tells the observer that a method is about to be called.
    pub fn at_native(native: &str, method: &str, code: u32) {
        explain::at(|| Station::OnTransact { native, method, code });
    }

    /// Makes a call and reads its result.
    pub fn call<T: FromParcel>(binder: &IBinder, code: u32, data: &Parcel) -> Result<T> {
        let reply = binder.transact(code, data, TransactionFlags::empty())?;
        reply.read_exception()?;
        Ok(reply.read()?)
    }

    /// Makes a call that has no result.
    pub fn call_one_way(binder: &IBinder, code: u32, data: &Parcel) -> Result<()> {
        binder.transact(code, data, TransactionFlags::ONE_WAY)?;
        Ok(())
    }

    /// Writes what a method gave.
    pub fn answer<T: ToParcel>(
        result: Result<T>,
        reply: &mut Parcel,
    ) -> core::result::Result<(), StatusCode> {
        match result {
            Ok(value) => {
                reply.write_no_exception();
                reply.write(&value)
            }
            Err(Status::Exception(exception)) => {
                reply.write_exception(&exception);
                Ok(())
            }
            Err(Status::Transport(status)) => Err(status),
        }
    }

    /// Drops what a one-way method gave: nobody waits for it.
    pub fn answer_one_way(_result: Result<()>) -> core::result::Result<(), StatusCode> {
        Ok(())
    }
}

/// Makes the proxy and the native side of an interface from one trait.
///
/// ```ignore
/// libbinder::interface! {
///     /// What can be asked of the activity manager.
///     pub trait IActivityManager: "android.app.IActivityManager" {
///         proxy ActivityManagerProxy;
///         native ActivityManagerNative;
///
///         /// Starts a service and gives its name.
///         fn start_service(&self, intent: &Intent) -> ComponentName = 1;
///         /// Forgets a service.
///         oneway fn forget(&self, name: &str) = 2;
///     }
/// }
/// ```
///
/// Each method gives a [`Result`](crate::Result) of the type behind the arrow. `ActivityManagerProxy` implements the
/// trait by transactions; `ActivityManagerNative::new(service)` makes an object of anything that implements it. An
/// argument is a number, a truth value, `&str`, a slice, or a reference to a type that travels in parcels.
#[macro_export]
macro_rules! interface {
    (
        $(#[$attribute:meta])*
        $visibility:vis trait $interface:ident: $descriptor:literal {
            proxy $proxy:ident;
            native $native:ident;
            $($methods:tt)*
        }
    ) => {
        $crate::interface_methods! {
            [$(#[$attribute])*] [$visibility] $interface $descriptor $proxy $native
            [] [$($methods)*]
        }
    };
}

/// Sorts the methods of an interface into one form: kind, documentation, name, arguments, result, code.
#[doc(hidden)]
#[macro_export]
macro_rules! interface_methods {
    (
        $attributes:tt $visibility:tt $interface:ident $descriptor:literal $proxy:ident $native:ident
        [$($done:tt)*]
        [
            $(#[$doc:meta])*
            oneway fn $method:ident(&self $(, $argument:ident: $type:ty)* $(,)?) = $code:literal;
            $($rest:tt)*
        ]
    ) => {
        $crate::interface_methods! {
            $attributes $visibility $interface $descriptor $proxy $native
            [$($done)* {[call_one_way answer_one_way] [$(#[$doc])*] $method ($($argument: $type),*) [()] $code}]
            [$($rest)*]
        }
    };
    (
        $attributes:tt $visibility:tt $interface:ident $descriptor:literal $proxy:ident $native:ident
        [$($done:tt)*]
        [
            $(#[$doc:meta])*
            fn $method:ident(&self $(, $argument:ident: $type:ty)* $(,)?) -> $result:ty = $code:literal;
            $($rest:tt)*
        ]
    ) => {
        $crate::interface_methods! {
            $attributes $visibility $interface $descriptor $proxy $native
            [$($done)* {[call answer] [$(#[$doc])*] $method ($($argument: $type),*) [$result] $code}]
            [$($rest)*]
        }
    };
    (
        $attributes:tt $visibility:tt $interface:ident $descriptor:literal $proxy:ident $native:ident
        [$($done:tt)*]
        [
            $(#[$doc:meta])*
            fn $method:ident(&self $(, $argument:ident: $type:ty)* $(,)?) = $code:literal;
            $($rest:tt)*
        ]
    ) => {
        $crate::interface_methods! {
            $attributes $visibility $interface $descriptor $proxy $native
            [$($done)* {[call answer] [$(#[$doc])*] $method ($($argument: $type),*) [()] $code}]
            [$($rest)*]
        }
    };
    (
        [$($attribute:tt)*] [$visibility:vis] $interface:ident $descriptor:literal $proxy:ident $native:ident
        [$({[$call:ident $answer:ident] [$($doc:tt)*] $method:ident ($($argument:ident: $type:ty),*) [$result:ty] $code:literal})*]
        []
    ) => {
        $($attribute)*
        $visibility trait $interface: Send + Sync {
            $(
                $($doc)*
                ///
                /// # Errors
                ///
                /// The method's refusal, or why it was not reached.
                fn $method(&self $(, $argument: $type)*) -> $crate::Result<$result>;
            )*

            /// Prints the state of the service to a file.
            ///
            /// # Errors
            ///
            /// The status that the caller gets.
            fn dump(
                &self,
                _file: &$crate::FileDescriptor,
                _arguments: &[$crate::support::String],
            ) -> ::core::result::Result<(), $crate::StatusCode> {
                Ok(())
            }
        }

        #[doc = concat!("The calling side of [`", stringify!($interface), "`].")]
        #[derive(Clone, Debug, PartialEq, Eq)]
        $visibility struct $proxy($crate::IBinder);

        impl $crate::Proxy for $proxy {
            const DESCRIPTOR: &'static str = $descriptor;

            fn from_binder(binder: $crate::IBinder) -> Self {
                Self(binder)
            }

            fn as_binder(&self) -> &$crate::IBinder {
                &self.0
            }
        }

        impl $interface for $proxy {
            $(
                fn $method(&self $(, $argument: $type)*) -> $crate::Result<$result> {
                    $crate::support::at_proxy(stringify!($proxy), stringify!($method), $code);
                    #[allow(unused_mut, clippy::allow_attributes, reason = "a method may have no arguments")]
                    let mut data = $crate::Parcel::request($descriptor);
                    $(data.write(&$argument)?;)*
                    $crate::support::$call(&self.0, $code, &data)
                }
            )*
        }

        #[doc = concat!("The serving side of [`", stringify!($interface), "`]: makes an object of a service.")]
        $visibility struct $native<T>($visibility T);

        impl<T: $interface + 'static> $native<T> {
            /// Makes an object of a service.
            #[allow(clippy::new_ret_no_self, clippy::allow_attributes, reason = "the object is what callers need")]
            $visibility fn new(service: T) -> $crate::IBinder {
                $crate::BBinder::new(Self(service))
            }
        }

        impl<T: $interface> $crate::Transactable for $native<T> {
            fn descriptor(&self) -> &str {
                $descriptor
            }

            fn on_transact(
                &self,
                code: u32,
                data: &$crate::Parcel,
                reply: &mut $crate::Parcel,
            ) -> ::core::result::Result<(), $crate::StatusCode> {
                match code {
                    $(
                        $code => {
                            data.enforce_interface($descriptor)?;
                            $(let $argument: <$type as $crate::Argument<'_>>::Owned = data.read()?;)*
                            $crate::support::at_native(stringify!($native), stringify!($method), $code);
                            let result = self.0.$method($(<$type as $crate::Argument<'_>>::lend(&$argument)),*);
                            $crate::interface_answer!($answer, result, reply)
                        }
                    )*
                    _ => Err($crate::StatusCode::UnknownTransaction),
                }
            }

            fn dump(
                &self,
                file: &$crate::FileDescriptor,
                arguments: &[$crate::support::String],
            ) -> ::core::result::Result<(), $crate::StatusCode> {
                $interface::dump(&self.0, file, arguments)
            }
        }
    };
}

/// Writes a method's answer, if anybody waits for one.
#[doc(hidden)]
#[macro_export]
macro_rules! interface_answer {
    (answer, $result:ident, $reply:ident) => {
        $crate::support::answer($result, $reply)
    };
    (answer_one_way, $result:ident, $reply:ident) => {{
        // A one-way call has no answer to write.
        let _ = &$reply;
        $crate::support::answer_one_way($result)
    }};
}

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

#[cfg(test)]
mod tests {
    use crate::{Proxy, Status, StatusCode, TransactionFlags};
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicI32, Ordering};

    parcelable! {
        struct Point {
            x: i32,
            name: String,
        }
    }

    interface! {
        trait ISample: "bindery.test.ISample" {
            proxy SampleProxy;
            native SampleNative;

            fn join(&self, first: &str, rest: &[String], many: bool) -> String = 1;
            fn shift(&self, point: &Point, by: i32) -> Point = 2;
            fn fail(&self) = 3;
            oneway fn note(&self, number: i32) = 4;
        }
    }

    #[derive(Default)]
    struct Sample(AtomicI32);

    impl ISample for Sample {
        fn join(&self, first: &str, rest: &[String], many: bool) -> crate::Result<String> {
            let separator = if many { "+" } else { "" };
            Ok([&[first.to_string()], rest].concat().join(separator))
        }

        fn shift(&self, point: &Point, by: i32) -> crate::Result<Point> {
            Ok(Point {
                x: point.x + by,
                name: point.name.clone(),
            })
        }

        fn fail(&self) -> crate::Result<()> {
            Err(Status::service_specific(
                self.0.load(Ordering::Relaxed),
                "as asked",
            ))
        }

        fn note(&self, number: i32) -> crate::Result<()> {
            self.0.store(number, Ordering::Relaxed);
            Ok(())
        }
    }

    #[test]
    fn a_call_passes_arguments_and_result_through_parcels() {
        let sample = SampleProxy::from_binder(SampleNative::new(Sample::default()));
        let rest: Vec<String> = ["b".into(), "c".into()].into();
        assert_eq!(sample.join("a", &rest, true).unwrap(), "a+b+c");
        let point = Point {
            x: 1,
            name: "p".into(),
        };
        assert_eq!(sample.shift(&point, 4).unwrap().x, 5);
        sample.note(7).unwrap();
        assert_eq!(sample.fail(), Err(Status::service_specific(7, "as asked")));
        assert_eq!(SampleProxy::cast(sample.as_binder().clone()), Ok(sample));
    }

    #[test]
    fn what_an_object_does_not_know_it_says() {
        let binder = SampleNative::new(Sample::default());
        let unknown = binder.transact(99, &crate::Parcel::new(), TransactionFlags::empty());
        assert_eq!(unknown.err(), Some(StatusCode::UnknownTransaction));
        let strange = binder.transact(1, &crate::Parcel::request("other"), TransactionFlags::empty());
        assert_eq!(strange.err(), Some(StatusCode::PermissionDenied));
        assert_eq!(binder.ping(), Ok(()));
        assert_eq!(binder.extension(), Ok(None));
    }
}
