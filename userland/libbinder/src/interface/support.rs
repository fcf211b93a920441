//! What the expansion of [`interface!`](crate::interface!) refers to. Not for use by hand.

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
pub fn answer<T: ToParcel>(result: Result<T>, reply: &mut Parcel) -> core::result::Result<(), StatusCode> {
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
