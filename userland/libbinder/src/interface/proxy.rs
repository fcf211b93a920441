//! What all calling sides have in common.

use crate::binder::IBinder;
use crate::status::{Result, Status, StatusCode};

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
