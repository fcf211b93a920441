//! The objects of Bindery's kernel.
//!
//! On `/dev/kbinder` the kernel is the context manager. From its root object come all others, by name; a program that
//! was started with handles finds those as [`granted`]. On Linux there is no such device, and [`kernel`] says so.

mod objects;
mod process;

pub use objects::{Kernel, Log, Memory, Power, Window, WindowPage};
pub use process::{Process, ProcessManager, Running, Spawn};

use crate::binder::IBinder;
use crate::interface::support::call;
use crate::parcel::{FromParcel, Parcel};
use crate::process_state::{KERNEL_DEVICE, ProcessState};
use crate::status::{Result, StatusCode};
use abi::kernel_objects::process_manager::{DEVICE_VARIABLE, HANDLES_VARIABLE};
use abi::parcel::Stability;
use rt::sync::Once;

/// The connection to the kernel: the device that was given to the program at its start, or its own.
fn connection() -> Result<&'static ProcessState> {
    match rt::environment::get(DEVICE_VARIABLE).and_then(|text| text.parse().ok()) {
        Some(fd) => Ok(ProcessState::inherited(KERNEL_DEVICE, fd)?),
        None => Ok(ProcessState::open(KERNEL_DEVICE)?),
    }
}

/// The kernel's root object.
///
/// # Errors
///
/// [`StatusCode::NameNotFound`] where there is none, as on Linux.
pub fn kernel() -> Result<Kernel> {
    static KERNEL: Once<IBinder> = Once::new();
    let root = KERNEL.try_get_or_make(|| connection()?.context_object().map_err(crate::Status::from))?;
    Ok(Kernel::new(root.clone()))
}

/// The object that whoever started this program gave it under this name.
///
/// # Errors
///
/// [`StatusCode::NameNotFound`] when it gave none of this name.
pub fn granted(name: &str) -> Result<IBinder> {
    let handle = rt::environment::get(HANDLES_VARIABLE)
        .and_then(|list| {
            list.split(',')
                .find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
        })
        .and_then(|number| number.parse().ok())
        .ok_or(StatusCode::NameNotFound)?;
    Ok(IBinder::Remote(
        connection()?.proxy_for_handle(handle, Stability::SYSTEM),
    ))
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
