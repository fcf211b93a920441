//! Watching a call on its way.
//!
//! A process may set one observer. It is then told each station of each call with the real data: the proxy, the
//! parcel, the `binder_transaction_data`, the `binder_write_read` before and after the ioctl, each command and return,
//! the object, the method. Without an observer a station costs one load.

mod lines;

pub use lines::Lines;

use crate::parcel::Parcel;
use abi::binder::TransactionData;
use alloc::boxed::Box;
use core::sync::atomic::{AtomicBool, Ordering};
use rt::binder::{Exchange, Return};
use rt::sync::Once;

/// A place on a call's way, with what is there.
#[non_exhaustive]
pub enum Station<'a> {
    /// The device was opened and its region mapped.
    Opened {
        /// The device.
        path: &'a str,
        /// Where its region begins in this process.
        region: u64,
        /// How long it is.
        length: usize,
    },
    /// A method of a proxy was called.
    Proxy {
        /// The proxy's type.
        proxy: &'a str,
        /// The method.
        method: &'a str,
        /// Its code.
        code: u32,
    },
    /// A parcel is complete: about to be sent, or just received.
    Parcel(&'a Parcel),
    /// A call or an answer was described to the driver.
    TransactionData(u32, &'a TransactionData),
    /// Commands are about to be sent.
    Commands(&'a [u8]),
    /// An ioctl has returned, and left these bytes to act on.
    WriteRead(&'a Exchange, &'a [u8]),
    /// A return is about to be acted on.
    Return(u32, &'a Return),
    /// An object of this process is called.
    Transact {
        /// The object's number.
        object: u64,
        /// Its interface.
        descriptor: &'a str,
        /// What the call means.
        code: u32,
    },
    /// The native side of an interface has read its arguments and calls the method.
    OnTransact {
        /// The native side's type.
        native: &'a str,
        /// The method.
        method: &'a str,
        /// Its code.
        code: u32,
    },
}

/// Whoever watches. It must not make binder calls itself.
pub trait Observer: Send + Sync {
    /// A call has come to a station.
    fn at(&self, station: &Station<'_>);
}

static WATCHED: AtomicBool = AtomicBool::new(false);
static OBSERVER: Once<Box<dyn Observer>> = Once::new();

/// Sets the process's observer; the first one stays. It watches until [`stop`].
pub fn observe(observer: impl Observer + 'static) {
    OBSERVER.get_or_make(|| Box::new(observer));
    WATCHED.store(true, Ordering::Release);
}

/// Lets calls go unwatched, until [`resume`].
pub fn stop() {
    WATCHED.store(false, Ordering::Release);
}

/// Watches again, if there is an observer.
pub fn resume() {
    WATCHED.store(OBSERVER.get().is_some(), Ordering::Release);
}

/// Tells the observer of a station, if anybody watches.
#[inline]
pub(crate) fn at<'a>(station: impl FnOnce() -> Station<'a>) {
    if WATCHED.load(Ordering::Relaxed) {
        tell(&station());
    }
}

#[cold]
fn tell(station: &Station<'_>) {
    if let Some(observer) = OBSERVER.get() {
        observer.at(station);
    }
}
