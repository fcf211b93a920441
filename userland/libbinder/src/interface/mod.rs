//! From one trait to both sides of an interface.

mod argument;
mod parcelable;
mod proxy;
pub mod support;
#[cfg(test)]
mod tests;

pub use argument::Argument;
pub use proxy::Proxy;

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
