//! Taking the values out of a parcel.

use super::{FileDescriptor, FromParcel, Parcel, Storage};
use crate::binder::IBinder;
use crate::objects;
use crate::status::StatusCode;
use abi::binder::object::{BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE, FlatBinderObject};
use abi::parcel::{Reader, Stability, Token};
use alloc::string::String;

/// Each call takes the next value; a parcel of its own is read from its beginning.
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
