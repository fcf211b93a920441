//! The binder driver's place in the kernel.
//!
//! The driver itself is a value in another crate and knows nothing of threads or page tables. Here it meets them:
//! [`caller`] is the machine it sees during a call, [`apply`] carries out the consequences, [`device`] is the file
//! that programs open. A blocked call is a [`Wait`](crate::task::Wait) that names the driver's thread; the driver
//! carries it on when it is that thread's turn, in its address space.

mod apply;
mod caller;
mod device;
mod held;
mod ioctl;
mod leaving;
mod traced;
mod windows;

pub(crate) use apply::{apply, wake};
pub(crate) use caller::{Caller, SECURITY_CONTEXT};
pub(crate) use device::BinderFile;
pub(crate) use device::{
    control, flush, look, mmap, open, poll, release, thread, windows_left, windows_touched,
};
pub(crate) use held::HeldFiles;
pub(crate) use ioctl::{complete, resume, version, write_read};
pub(crate) use leaving::{Leaving, go_on_releasing, release_left};
pub(crate) use windows::Windows;
