//! Making the bytes of a parcel.

use super::{Exception, HEADER_SYSTEM, Stability};
use crate::binder::object::{BINDER_TYPE_BINDER, BINDER_TYPE_FD, FdObject, FlatBinderObject};
use alloc::vec::Vec;
use zerocopy::IntoBytes;

/// The strict mode word of a token that asks for nothing, as Android's libraries write it.
const STRICT_MODE_NONE: u32 = 0x8000_0000;

/// The work source word of a token that names none.
const WORK_SOURCE_NONE: i32 = -1;

/// A growing parcel: its data, and the positions of the objects in it.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    data: Vec<u8>,
    objects: Vec<u64>,
}

/// The place of a size word that [`Writer::end_sized`] fills in.
#[derive(Debug)]
#[must_use = "a size that is not filled in makes the rest unreadable"]
pub struct SizeMark(usize);

impl Writer {
    /// An empty parcel.
    pub const fn new() -> Self {
        Self {
            data: Vec::new(),
            objects: Vec::new(),
        }
    }

    /// The bytes so far. Their number is always a multiple of four.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Where the objects begin in the data, ascending.
    pub fn objects(&self) -> &[u64] {
        &self.objects
    }

    /// The bytes and the positions of the objects.
    pub fn into_parts(self) -> (Vec<u8>, Vec<u64>) {
        (self.data, self.objects)
    }

    /// Forgets everything written and keeps the memory.
    pub fn clear(&mut self) {
        self.data.clear();
        self.objects.clear();
    }

    fn pad(&mut self) {
        let length = self.data.len().next_multiple_of(4);
        self.data.resize(length, 0);
    }

    /// Writes bytes as they are, without a length, and pads them.
    pub fn write_raw(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.pad();
    }

    /// Writes a 32-bit number.
    pub fn write_i32(&mut self, value: i32) {
        self.data.extend_from_slice(&value.to_le_bytes());
    }

    /// Writes a 32-bit number.
    pub fn write_u32(&mut self, value: u32) {
        self.data.extend_from_slice(&value.to_le_bytes());
    }

    /// Writes a 64-bit number. It is aligned to four bytes only.
    pub fn write_i64(&mut self, value: i64) {
        self.data.extend_from_slice(&value.to_le_bytes());
    }

    /// Writes a 64-bit number. It is aligned to four bytes only.
    pub fn write_u64(&mut self, value: u64) {
        self.data.extend_from_slice(&value.to_le_bytes());
    }

    /// Writes a truth value as a whole word.
    pub fn write_bool(&mut self, value: bool) {
        self.write_i32(i32::from(value));
    }

    /// Writes the length word in front of an array.
    pub fn write_length(&mut self, length: usize) {
        self.write_i32(i32::try_from(length).unwrap_or(i32::MAX));
    }

    /// Writes the length word that stands for an absent array or text.
    pub fn write_null(&mut self) {
        self.write_i32(-1);
    }

    /// Writes text as a String16.
    pub fn write_string16(&mut self, text: &str) {
        let place = self.data.len();
        self.write_length(0);
        let mut length = 0;
        for unit in text.encode_utf16() {
            self.data.extend_from_slice(&unit.to_le_bytes());
            length = usize::saturating_add(length, 1);
        }
        self.set_word(place, length);
        self.data.extend_from_slice(&[0, 0]);
        self.pad();
    }

    /// Writes text, or null.
    pub fn write_optional_string16(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.write_string16(text),
            None => self.write_null(),
        }
    }

    /// Writes an array of texts.
    pub fn write_string16_array<S: AsRef<str>>(&mut self, texts: &[S]) {
        self.write_length(texts.len());
        for text in texts {
            self.write_string16(text.as_ref());
        }
    }

    /// Writes an array of bytes with its length.
    pub fn write_byte_array(&mut self, bytes: &[u8]) {
        self.write_length(bytes.len());
        self.write_raw(bytes);
    }

    /// Writes an array of 32-bit numbers with its length.
    pub fn write_i32_array(&mut self, numbers: &[i32]) {
        self.write_length(numbers.len());
        for &number in numbers {
            self.write_i32(number);
        }
    }

    fn write_object(&mut self, object: &[u8]) {
        self.objects.push(self.data.len() as u64);
        self.data.extend_from_slice(object);
    }

    /// Writes a node or a handle, and its stability word.
    pub fn write_binder(&mut self, object: &FlatBinderObject, stability: Stability) {
        self.write_binder_alone(object);
        self.write_i32(stability.0);
    }

    /// Writes a node or a handle without a stability word, as userlands before Android 11 do.
    pub fn write_binder_alone(&mut self, object: &FlatBinderObject) {
        self.write_object(object.as_bytes());
    }

    /// Writes the absence of a binder object. The driver need not look at it, so it is not listed.
    pub fn write_null_binder(&mut self) {
        let object = FlatBinderObject {
            kind: BINDER_TYPE_BINDER,
            ..FlatBinderObject::default()
        };
        self.write_raw(object.as_bytes());
        self.write_i32(Stability::UNDECLARED.0);
    }

    /// Writes a file descriptor of the sender.
    pub fn write_fd(&mut self, fd: i32) {
        let object = FdObject {
            kind: BINDER_TYPE_FD,
            pad_flags: 0,
            fd: u64::from(fd.cast_unsigned()),
            cookie: 0,
        };
        self.write_object(object.as_bytes());
    }

    /// Writes a file descriptor as AIDL's `ParcelFileDescriptor`: present, and without a status channel.
    pub fn write_parcel_fd(&mut self, fd: i32) {
        self.write_i32(1);
        self.write_i32(0);
        self.write_fd(fd);
    }

    /// Begins a request to an interface: who is meant, and under which rules.
    pub fn write_token(&mut self, descriptor: &str) {
        self.write_u32(STRICT_MODE_NONE);
        self.write_i32(WORK_SOURCE_NONE);
        self.write_u32(HEADER_SYSTEM);
        self.write_string16(descriptor);
    }

    /// Begins the reply of a method that went well.
    pub fn write_no_exception(&mut self) {
        self.write_i32(0);
    }

    /// Writes the reply of a method that failed.
    pub fn write_exception(&mut self, exception: &Exception) {
        exception.write(self);
    }

    /// Begins a structure with its size in front, so that a reader may skip what it does not know.
    pub fn begin_sized(&mut self) -> SizeMark {
        let place = SizeMark(self.data.len());
        self.write_i32(0);
        place
    }

    /// Ends a structure that [`Writer::begin_sized`] began.
    pub fn end_sized(&mut self, place: SizeMark) {
        self.set_word(place.0, self.data.len().saturating_sub(place.0));
    }

    /// Sets the length word that was written at a place before what it counts.
    fn set_word(&mut self, place: usize, length: usize) {
        let length = i32::try_from(length).unwrap_or(i32::MAX);
        if let Some(word) = self.data.get_mut(place..).and_then(<[u8]>::first_chunk_mut) {
            *word = length.to_le_bytes();
        }
    }

    /// Writes an AIDL parcelable: present, with its size in front.
    pub fn write_parcelable(&mut self, fields: impl FnOnce(&mut Self)) {
        self.write_i32(1);
        let place = self.begin_sized();
        fields(self);
        self.end_sized(place);
    }
}
