//! Taking the bytes of a parcel apart.

use super::{Error, Exception, Stability, Token, padded};
use crate::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_FD, BINDER_TYPE_HANDLE, BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE,
    FdObject, FlatBinderObject,
};
use alloc::string::String;
use alloc::vec::Vec;
use zerocopy::FromBytes;

/// A position in the bytes of a parcel.
///
/// The bytes come from another process and may hold anything; only the positions of objects are known to be true,
/// because the driver wrote what lies there. So an object is read at such a position and nowhere else.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    data: &'a [u8],
    objects: &'a [u64],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `data`, with objects at the places that `objects` names.
    pub const fn new(data: &'a [u8], objects: &'a [u64]) -> Self {
        Self {
            data,
            objects,
            position: 0,
        }
    }

    /// Continues at `position`, as an earlier [`Reader::position`] gave it.
    pub const fn at(mut self, position: usize) -> Self {
        self.position = position;
        self
    }

    /// How many bytes have been read.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub const fn remaining(&self) -> usize {
        self.data.len().saturating_sub(self.position)
    }

    /// Reads `length` bytes and the padding behind them.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`].
    pub fn read_raw(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let whole = padded(length).ok_or(Error::BadValue)?;
        let rest = self.data.get(self.position..).ok_or(Error::NotEnoughData)?;
        let bytes = rest.get(..whole).ok_or(Error::NotEnoughData)?;
        self.position = self.position.saturating_add(whole);
        bytes.get(..length).ok_or(Error::NotEnoughData)
    }

    fn read_chunk<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.read_raw(N)?
            .first_chunk()
            .copied()
            .ok_or(Error::NotEnoughData)
    }

    /// Reads a 32-bit number.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`].
    pub fn read_i32(&mut self) -> Result<i32, Error> {
        self.read_chunk().map(i32::from_le_bytes)
    }

    /// Reads a 32-bit number.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`].
    pub fn read_u32(&mut self) -> Result<u32, Error> {
        self.read_chunk().map(u32::from_le_bytes)
    }

    /// Reads a 64-bit number.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`].
    pub fn read_i64(&mut self) -> Result<i64, Error> {
        self.read_chunk().map(i64::from_le_bytes)
    }

    /// Reads a 64-bit number.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`].
    pub fn read_u64(&mut self) -> Result<u64, Error> {
        self.read_chunk().map(u64::from_le_bytes)
    }

    /// Reads a truth value: any word but zero is true.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`].
    pub fn read_bool(&mut self) -> Result<bool, Error> {
        self.read_i32().map(|word| word != 0)
    }

    /// Reads the length word of an array or text. `None` is null.
    ///
    /// # Errors
    ///
    /// [`Error::BadValue`] for a negative length but -1.
    pub fn read_length(&mut self) -> Result<Option<usize>, Error> {
        match self.read_i32()? {
            -1 => Ok(None),
            length => usize::try_from(length).map(Some).map_err(|_| Error::BadValue),
        }
    }

    /// Reads the length word of an array whose elements take four bytes or more each.
    ///
    /// A length that cannot be true is refused here, before anybody makes room for it.
    fn read_count(&mut self) -> Result<Option<usize>, Error> {
        let count = self.read_length()?;
        if count.is_some_and(|count| count > self.remaining() / 4) {
            return Err(Error::NotEnoughData);
        }
        Ok(count)
    }

    /// Reads a String16 that may be null. Units that are no text become U+FFFD.
    ///
    /// # Errors
    ///
    /// [`Error::BadValue`] when the terminator is missing.
    pub fn read_optional_string16(&mut self) -> Result<Option<String>, Error> {
        let Some(length) = self.read_length()? else {
            return Ok(None);
        };
        let bytes = length
            .checked_add(1)
            .and_then(|units| units.checked_mul(2))
            .ok_or(Error::BadValue)?;
        let raw = self.read_raw(bytes)?;
        let Some((text, [0, 0])) = raw.split_last_chunk() else {
            return Err(Error::BadValue);
        };
        let units = text
            .chunks_exact(2)
            .filter_map(|pair| pair.first_chunk().copied().map(u16::from_le_bytes));
        let mut text = String::with_capacity(length);
        for unit in char::decode_utf16(units) {
            text.push(unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(Some(text))
    }

    /// Reads a String16.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_optional_string16`], and [`Error::UnexpectedNull`].
    pub fn read_string16(&mut self) -> Result<String, Error> {
        self.read_optional_string16()?.ok_or(Error::UnexpectedNull)
    }

    /// Reads an array of texts.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_string16`].
    pub fn read_string16_array(&mut self) -> Result<Vec<String>, Error> {
        let count = self.read_count()?.ok_or(Error::UnexpectedNull)?;
        let mut texts = Vec::new();
        for _ in 0..count {
            texts.push(self.read_string16()?);
        }
        Ok(texts)
    }

    /// Reads an array of bytes that may be null.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`], [`Error::BadValue`].
    pub fn read_optional_byte_array(&mut self) -> Result<Option<&'a [u8]>, Error> {
        match self.read_length()? {
            Some(length) => self.read_raw(length).map(Some),
            None => Ok(None),
        }
    }

    /// Reads an array of bytes.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_optional_byte_array`], and [`Error::UnexpectedNull`].
    pub fn read_byte_array(&mut self) -> Result<&'a [u8], Error> {
        self.read_optional_byte_array()?.ok_or(Error::UnexpectedNull)
    }

    /// Reads an array of 32-bit numbers.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_byte_array`].
    pub fn read_i32_array(&mut self) -> Result<Vec<i32>, Error> {
        let count = self.read_count()?.ok_or(Error::UnexpectedNull)?;
        (0..count).map(|_| self.read_i32()).collect()
    }

    /// Whether the driver found an object at `position`.
    fn is_object(&self, position: usize) -> bool {
        self.objects.binary_search(&(position as u64)).is_ok()
    }

    /// Reads a node or a handle without a stability word. `None` is null.
    ///
    /// # Errors
    ///
    /// [`Error::BadType`] when no node or handle lies here.
    pub fn read_binder_alone(&mut self) -> Result<Option<FlatBinderObject>, Error> {
        let position = self.position;
        let raw = self.read_raw(size_of::<FlatBinderObject>())?;
        let object = FlatBinderObject::read_from_bytes(raw).map_err(|_| Error::BadType)?;
        let known = matches!(
            object.kind,
            BINDER_TYPE_BINDER | BINDER_TYPE_WEAK_BINDER | BINDER_TYPE_HANDLE | BINDER_TYPE_WEAK_HANDLE
        );
        if known && self.is_object(position) {
            return Ok(Some(object));
        }
        if object.kind == BINDER_TYPE_BINDER && object.binder == 0 && object.cookie == 0 {
            return Ok(None);
        }
        self.position = position;
        Err(Error::BadType)
    }

    /// Reads a node or a handle, and its stability word. `None` is null.
    ///
    /// # Errors
    ///
    /// [`Error::BadType`] when no node or handle lies here.
    pub fn read_binder(&mut self) -> Result<Option<(FlatBinderObject, Stability)>, Error> {
        let object = self.read_binder_alone()?;
        let stability = Stability(self.read_i32()?);
        Ok(object.map(|object| (object, stability)))
    }

    /// Reads a file descriptor. It belongs to the parcel's buffer until somebody duplicates it.
    ///
    /// # Errors
    ///
    /// [`Error::BadType`] when no descriptor lies here.
    pub fn read_fd(&mut self) -> Result<i32, Error> {
        let position = self.position;
        let raw = self.read_raw(size_of::<FdObject>())?;
        let object = FdObject::read_from_bytes(raw).map_err(|_| Error::BadType)?;
        if object.kind != BINDER_TYPE_FD || !self.is_object(position) {
            self.position = position;
            return Err(Error::BadType);
        }
        i32::try_from(object.fd).map_err(|_| Error::BadValue)
    }

    /// Reads a file descriptor in the form of AIDL's `ParcelFileDescriptor`. `None` is null.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_fd`].
    pub fn read_parcel_fd(&mut self) -> Result<Option<i32>, Error> {
        if self.read_i32()? == 0 {
            return Ok(None);
        }
        self.read_i32()?;
        self.read_fd().map(Some)
    }

    /// Reads the beginning of a request.
    ///
    /// # Errors
    ///
    /// As [`Reader::read_string16`].
    pub fn read_token(&mut self) -> Result<Token, Error> {
        Token::read(self)
    }

    /// Reads the beginning of a reply. `None` means that the method went well and its results follow.
    ///
    /// # Errors
    ///
    /// [`Error::NotEnoughData`], [`Error::BadValue`].
    pub fn read_exception(&mut self) -> Result<Option<Exception>, Error> {
        Exception::read(self)
    }

    /// Reads an AIDL parcelable with a size in front, and skips what `fields` left of it. `None` is null.
    ///
    /// # Errors
    ///
    /// What `fields` says, and [`Error::BadValue`] for a size that cannot be true.
    pub fn read_parcelable<T>(
        &mut self,
        fields: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        if self.read_i32()? == 0 {
            return Ok(None);
        }
        let begin = self.position;
        let size = usize::try_from(self.read_i32()?).map_err(|_| Error::BadValue)?;
        let end = begin.checked_add(size).ok_or(Error::BadValue)?;
        if size < 4 {
            return Err(Error::BadValue);
        }
        let data = self.data.get(..end).ok_or(Error::NotEnoughData)?;
        let mut inner = Reader::new(data, self.objects).at(self.position);
        let value = fields(&mut inner)?;
        self.position = end;
        Ok(Some(value))
    }
}
