//! The parcel: a container for the values of one call or answer.
//!
//! A parcel that a program fills owns its bytes, and keeps the objects and files in it alive. A parcel that came from
//! the driver lends its bytes from the mapped region, where the sender's one copy put them; when it is dropped, the
//! buffer goes back to the driver with the thread's next command.

mod file;
mod read;
mod values;
mod write;

pub use file::FileDescriptor;
pub use values::{FromParcel, ToParcel};

use crate::binder::IBinder;
use crate::process_state::ProcessState;
use crate::thread::IpcThreadState;
use abi::binder::object::BINDER_TYPE_FD;
use abi::parcel::{Reader, Writer};
use alloc::vec::Vec;
use core::cell::Cell;
use rt::binder::Delivered;

/// Where the bytes lie.
enum Storage {
    /// Written in this process.
    Owned(Writer),
    /// Put into the region by the driver; given back when the parcel is dropped.
    Received(&'static ProcessState, Option<Delivered>),
}

/// The values of one call or answer. See the module's text.
pub struct Parcel {
    storage: Storage,
    position: Cell<usize>,
    binders: Vec<IBinder>,
    files: Vec<FileDescriptor>,
}

impl Default for Parcel {
    fn default() -> Self {
        Self::new()
    }
}

impl Parcel {
    /// An empty parcel to fill.
    pub const fn new() -> Self {
        Self {
            storage: Storage::Owned(Writer::new()),
            position: Cell::new(0),
            binders: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The request of a method: begins with the interface's token.
    pub fn request(descriptor: &str) -> Self {
        let mut parcel = Self::new();
        parcel.writer().write_token(descriptor);
        parcel
    }

    /// A message that came from the driver.
    pub(crate) const fn received(process: &'static ProcessState, delivered: Delivered) -> Self {
        Self {
            storage: Storage::Received(process, Some(delivered)),
            position: Cell::new(0),
            binders: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The bytes.
    pub fn data(&self) -> &[u8] {
        match &self.storage {
            Storage::Owned(writer) => writer.data(),
            Storage::Received(_, delivered) => delivered.as_ref().map_or(&[], Delivered::data),
        }
    }

    /// Where objects lie in the bytes.
    pub fn objects(&self) -> &[u64] {
        match &self.storage {
            Storage::Owned(writer) => writer.objects(),
            Storage::Received(_, delivered) => delivered.as_ref().map_or(&[], Delivered::objects),
        }
    }

    /// Where the bytes lie in this process's mapped region; `None` for a parcel of its own.
    pub fn region_address(&self) -> Option<u64> {
        match &self.storage {
            Storage::Owned(_) => None,
            Storage::Received(_, delivered) => delivered.as_ref().map(Delivered::address),
        }
    }

    /// The sender's security context, where the target asked for it.
    pub fn security_context(&self) -> Option<&str> {
        match &self.storage {
            Storage::Owned(_) => None,
            Storage::Received(_, delivered) => delivered.as_ref()?.security_context(),
        }
    }

    /// The bytes to write to. A received parcel becomes an empty one of its own first.
    pub(crate) fn writer(&mut self) -> &mut Writer {
        if matches!(self.storage, Storage::Received(..)) {
            *self = Self::new();
        }
        match &mut self.storage {
            Storage::Owned(writer) => writer,
            Storage::Received(..) => unreachable!("the parcel was just made its own"),
        }
    }

    /// Empties the parcel.
    pub fn clear(&mut self) {
        self.writer().clear();
        self.position.set(0);
        self.binders.clear();
        self.files.clear();
    }

    /// Whether all objects in the parcel may travel over the device of `process`.
    pub(crate) fn fits(&self, process: &'static ProcessState) -> bool {
        self.binders.iter().all(|binder| match binder {
            IBinder::Local(_) => true,
            IBinder::Remote(proxy) => core::ptr::eq(proxy.process(), process),
        })
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        let Storage::Received(process, delivered) = &mut self.storage else {
            return;
        };
        let Some(delivered) = delivered.take() else {
            return;
        };
        for fd in files_in(&delivered) {
            // The number came with the message and belongs to it.
            let _ = rt::syscall::close(fd);
        }
        IpcThreadState::free_buffer(process, delivered);
    }
}

/// The file descriptors that came with a message.
fn files_in(delivered: &Delivered) -> Vec<i32> {
    let (data, objects) = (delivered.data(), delivered.objects());
    let kind = |position: usize| Reader::new(data, objects).at(position).read_u32();
    objects
        .iter()
        .filter_map(|&position| usize::try_from(position).ok())
        .filter(|&position| kind(position) == Ok(BINDER_TYPE_FD))
        .filter_map(|position| Reader::new(data, objects).at(position).read_fd().ok())
        .collect()
}
