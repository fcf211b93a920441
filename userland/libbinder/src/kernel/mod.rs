//! The objects of Bindery's kernel.
//!
//! On `/dev/kbinder`, which root may open, the kernel is the context manager. From its root object come all others, by
//! name. A program that was started with handles is confined to them: it finds them as [`granted`], and there is no
//! [`kernel`] for it. On Linux there is no such device either.

mod objects;
mod process;
mod trace;

pub use objects::{Kernel, Log, Memory, Power, Trace, Window, WindowPage};
pub use process::{Process, ProcessManager, Running, Spawn};
pub use trace::TraceStatus;

use crate::binder::IBinder;
use crate::interface::support::call;
use crate::parcel::{FromParcel, Parcel};
use crate::process_state::{KERNEL_DEVICE, ProcessState};
use crate::status::{Result, StatusCode};
use abi::kernel_objects::process_manager::{DEVICE_VARIABLE, HANDLES_VARIABLE};
use abi::parcel::Stability;
use rt::sync::Once;

/// The device that this program was given at its start, if it is a confined one.
pub(crate) fn inherited_device() -> Option<i32> {
    static DEVICE: Once<Option<i32>> = Once::new();
    *DEVICE.get_or_make(|| rt::environment::get(DEVICE_VARIABLE)?.parse().ok())
}

/// The kernel's root object.
///
/// # Errors
///
/// [`StatusCode::NameNotFound`] where there is none, as on Linux; [`StatusCode::Other`] with EACCES for a program
/// that may not open its device.
pub fn kernel() -> Result<Kernel> {
    static KERNEL: Once<IBinder> = Once::new();
    let root = KERNEL.try_get_or_make(|| {
        let connection = ProcessState::open(KERNEL_DEVICE)?;
        connection.context_object().map_err(crate::Status::from)
    })?;
    Ok(Kernel::new(root.clone()))
}

/// The object that whoever started this program gave it under this name.
///
/// # Errors
///
/// [`StatusCode::NameNotFound`] when it gave none of this name.
pub fn granted(name: &str) -> Result<IBinder> {
    let device = inherited_device().ok_or(StatusCode::NameNotFound)?;
    let handle = rt::environment::get(HANDLES_VARIABLE)
        .and_then(|list| {
            list.split(',')
                .find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
        })
        .and_then(|number| number.parse().ok())
        .ok_or(StatusCode::NameNotFound)?;
    let connection = ProcessState::inherited(device)?;
    Ok(IBinder::Remote(
        connection.proxy_for_handle(handle, Stability::SYSTEM),
    ))
}

/// The names of all objects that whoever started this program gave it.
pub fn granted_names() -> impl Iterator<Item = &'static str> {
    let list = rt::environment::get(HANDLES_VARIABLE).unwrap_or_default();
    list.split(',')
        .filter_map(|entry| entry.split_once('='))
        .map(|(name, _)| name)
}

/// Calls a method of a kernel object.
fn ask<T: FromParcel>(
    object: &IBinder,
    descriptor: &str,
    code: u32,
    write: impl FnOnce(&mut Parcel) -> core::result::Result<(), StatusCode>,
) -> Result<T> {
    let mut data = Parcel::request(descriptor);
    write(&mut data)?;
    call(object, code, &data)
}
