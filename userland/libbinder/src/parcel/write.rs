//! Filling a parcel.

use super::{FileDescriptor, Parcel, ToParcel};
use crate::binder::IBinder;
use crate::native::BBinder;
use crate::proxy::BpBinder;
use crate::status::StatusCode;
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE, FLAT_BINDER_FLAG_ACCEPTS_FDS, FLAT_BINDER_FLAG_TXN_SECURITY_CTX,
    FlatBinderObject,
};
use abi::parcel::{Exception, Stability};
use alloc::sync::Arc;

/// The priority that goes with a node: callers of any nice value keep their own.
const LOWEST_PRIORITY: u32 = 19;

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
