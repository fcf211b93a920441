//! The parcel: a container for the values of one call or answer.
//!
//! A parcel that a program fills owns its bytes, and keeps the objects and files in it alive. A parcel that came from
//! the driver lends its bytes from the mapped region, where the sender's one copy put them; when it is dropped, the
//! buffer goes back to the driver with the thread's next command.

mod file;
mod values;

pub use file::FileDescriptor;
pub use values::{FromParcel, ToParcel};

use crate::binder::IBinder;
use crate::process_state::ProcessState;
use crate::proxy::BpBinder;
use crate::status::StatusCode;
use crate::thread::IpcThreadState;
use crate::{native::BBinder, objects};
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_FD, BINDER_TYPE_HANDLE, FLAT_BINDER_FLAG_ACCEPTS_FDS,
    FLAT_BINDER_FLAG_TXN_SECURITY_CTX, FlatBinderObject,
};
use abi::parcel::{Exception, Reader, Stability, Token, Writer};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use rt::binder::Delivered;

/// The priority that goes with a node: callers of any nice value keep their own.
const LOWEST_PRIORITY: u32 = 19;

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

/// Writing.
impl Parcel {
    /// Writes a value.
    ///
    /// # Errors
    ///
    /// What the value says; most cannot fail.
    pub fn write<T: ToParcel + ?Sized>(&mut self, value: &T) -> Result<(), StatusCode> {
        value.write_to(self)
    }

    /// Writes the beginning of a request.
    pub fn write_interface_token(&mut self, descriptor: &str) {
        self.writer().write_token(descriptor);
    }

    /// Writes an object, or null.
    pub fn write_binder(&mut self, binder: Option<&IBinder>) {
        let Some(binder) = binder else {
            self.writer().write_null_binder();
            return;
        };
        let (object, stability) = flatten(binder);
        self.writer().write_binder(&object, stability);
        self.binders.push(binder.clone());
    }

    /// Writes an object without its stability word, as userlands before Android 11 do.
    pub fn write_binder_alone(&mut self, binder: &IBinder) {
        let (object, _) = flatten(binder);
        self.writer().write_binder_alone(&object);
        self.binders.push(binder.clone());
    }

    /// Writes a file descriptor bare. The parcel keeps it open until it is dropped.
    pub fn write_file(&mut self, file: FileDescriptor) {
        self.writer().write_fd(file.number());
        self.files.push(file);
    }

    /// Writes a file descriptor as AIDL's `ParcelFileDescriptor`.
    pub fn write_parcel_file(&mut self, file: FileDescriptor) {
        self.writer().write_parcel_fd(file.number());
        self.files.push(file);
    }

    /// Begins an answer that carries results.
    pub fn write_no_exception(&mut self) {
        self.writer().write_no_exception();
    }

    /// Writes an answer that is a refusal.
    pub fn write_exception(&mut self, exception: &Exception) {
        self.writer().write_exception(exception);
    }

    /// Writes a structure with its size in front.
    ///
    /// # Errors
    ///
    /// What `fields` says.
    pub fn write_sized(
        &mut self,
        fields: impl FnOnce(&mut Self) -> Result<(), StatusCode>,
    ) -> Result<(), StatusCode> {
        let place = self.writer().begin_sized();
        let result = fields(self);
        self.writer().end_sized(place);
        result
    }
}

/// Reading. Each call takes the next value; a parcel of its own is read from its beginning.
impl Parcel {
    /// Reads with the wire codec, and goes on behind what it took.
    pub(crate) fn read_with<'a, T>(
        &'a self,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, abi::parcel::Error>,
    ) -> Result<T, StatusCode> {
        let mut reader = Reader::new(self.data(), self.objects()).at(self.position.get());
        let value = read(&mut reader)?;
        self.position.set(reader.position());
        Ok(value)
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// That the parcel holds no such value here.
    pub fn read<T: FromParcel>(&self) -> Result<T, StatusCode> {
        T::read_from(self)
    }

    /// How many bytes have been read.
    pub const fn position(&self) -> usize {
        self.position.get()
    }

    /// Goes on reading at `position`.
    pub fn set_position(&self, position: usize) {
        self.position.set(position);
    }

    /// How many bytes are left to read.
    pub fn remaining(&self) -> usize {
        self.data().len().saturating_sub(self.position.get())
    }

    /// Reads the beginning of a request, in whichever Android's form.
    ///
    /// # Errors
    ///
    /// [`StatusCode::NotEnoughData`], [`StatusCode::BadValue`].
    pub fn read_interface_token(&self) -> Result<Token, StatusCode> {
        self.read_with(Reader::read_token)
    }

    /// Reads the beginning of a request and checks that it means this interface.
    ///
    /// # Errors
    ///
    /// [`StatusCode::PermissionDenied`] when it means another one, as Android has it.
    pub fn enforce_interface(&self, descriptor: &str) -> Result<(), StatusCode> {
        let token = self
            .read_interface_token()
            .map_err(|_| StatusCode::PermissionDenied)?;
        if token.descriptor == descriptor {
            Ok(())
        } else {
            Err(StatusCode::PermissionDenied)
        }
    }

    /// Reads an object, or null.
    ///
    /// # Errors
    ///
    /// [`StatusCode::BadType`] when there is none here.
    pub fn read_binder(&self) -> Result<Option<IBinder>, StatusCode> {
        match self.read_with(Reader::read_binder)? {
            Some((object, stability)) => self.unflatten(&object, stability).map(Some),
            None => Ok(None),
        }
    }

    /// Reads an object without its stability word, as userlands before Android 11 write it.
    ///
    /// # Errors
    ///
    /// [`StatusCode::BadType`] when there is none here.
    pub fn read_binder_alone(&self) -> Result<Option<IBinder>, StatusCode> {
        match self.read_with(Reader::read_binder_alone)? {
            Some(object) => self.unflatten(&object, Stability::UNDECLARED).map(Some),
            None => Ok(None),
        }
    }

    fn unflatten(&self, object: &FlatBinderObject, stability: Stability) -> Result<IBinder, StatusCode> {
        match object.kind {
            BINDER_TYPE_BINDER => objects::find(object.binder)
                .map(IBinder::Local)
                .ok_or(StatusCode::DeadObject),
            BINDER_TYPE_HANDLE => match &self.storage {
                Storage::Received(process, _) => {
                    let handle = object.binder as u32;
                    Ok(IBinder::Remote(process.proxy_for_handle(handle, stability)))
                }
                // A parcel that this process wrote still holds the object itself.
                Storage::Owned(_) => self.own_proxy(object.binder as u32).ok_or(StatusCode::BadType),
            },
            _ => Err(StatusCode::BadType),
        }
    }

    fn own_proxy(&self, handle: u32) -> Option<IBinder> {
        let same = |binder: &&IBinder| matches!(binder, IBinder::Remote(proxy) if proxy.handle() == handle);
        self.binders.iter().find(same).cloned()
    }

    /// Reads a bare file descriptor, as one of the reader's own.
    ///
    /// # Errors
    ///
    /// [`StatusCode::BadType`] when there is none here, or why it could not be duplicated.
    pub fn read_file(&self) -> Result<FileDescriptor, StatusCode> {
        FileDescriptor::duplicate_of(self.read_with(Reader::read_fd)?)
    }

    /// Reads AIDL's `ParcelFileDescriptor`, or null.
    ///
    /// # Errors
    ///
    /// As [`Parcel::read_file`].
    pub fn read_parcel_file(&self) -> Result<Option<FileDescriptor>, StatusCode> {
        self.read_with(Reader::read_parcel_fd)?
            .map(FileDescriptor::duplicate_of)
            .transpose()
    }

    /// Reads text, or null.
    ///
    /// # Errors
    ///
    /// [`StatusCode::NotEnoughData`], [`StatusCode::BadValue`].
    pub fn read_string16(&self) -> Result<Option<String>, StatusCode> {
        self.read_with(Reader::read_optional_string16)
    }

    /// Reads the beginning of an answer.
    ///
    /// # Errors
    ///
    /// The refusal, if it is one.
    pub fn read_exception(&self) -> crate::Result<()> {
        match self.read_with(Reader::read_exception)? {
            None => Ok(()),
            Some(exception) => Err(exception.into()),
        }
    }

    /// Reads a structure with its size in front. `fields` is told where it ends; the rest of it is skipped.
    ///
    /// # Errors
    ///
    /// What `fields` says, and [`StatusCode::BadValue`] for a size that cannot be true.
    pub fn read_sized<T>(
        &self,
        fields: impl FnOnce(&Self, usize) -> Result<T, StatusCode>,
    ) -> Result<T, StatusCode> {
        let begin = self.position.get();
        let size = usize::try_from(self.read::<i32>()?).map_err(|_| StatusCode::BadValue)?;
        let end = begin.checked_add(size).ok_or(StatusCode::BadValue)?;
        if size < 4 || end > self.data().len() {
            return Err(StatusCode::BadValue);
        }
        let value = fields(self, end)?;
        if self.position.get() > end {
            return Err(StatusCode::BadValue);
        }
        self.position.set(end);
        Ok(value)
    }
}

/// An object as it lies in a parcel.
fn flatten(binder: &IBinder) -> (FlatBinderObject, Stability) {
    match binder {
        IBinder::Local(object) => (flatten_local(object), Stability::SYSTEM),
        IBinder::Remote(proxy) => (flatten_remote(proxy), proxy.stability()),
    }
}

fn flatten_local(object: &Arc<BBinder>) -> FlatBinderObject {
    let mut flags = FLAT_BINDER_FLAG_ACCEPTS_FDS | LOWEST_PRIORITY;
    if object.wants_security_context() {
        flags |= FLAT_BINDER_FLAG_TXN_SECURITY_CTX;
    }
    FlatBinderObject {
        kind: BINDER_TYPE_BINDER,
        flags,
        binder: object.id(),
        cookie: object.id(),
    }
}

fn flatten_remote(proxy: &Arc<BpBinder>) -> FlatBinderObject {
    FlatBinderObject {
        kind: BINDER_TYPE_HANDLE,
        flags: LOWEST_PRIORITY,
        binder: u64::from(proxy.handle()),
        cookie: 0,
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
