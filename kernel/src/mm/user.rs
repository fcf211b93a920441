//! The only way to the current program's memory.
//!
//! An address that a program gives is an allegation. Here it is checked against the end of user memory; whether there is
//! anything behind it shows in the attempt, which fills in missing pages or fails.

use super::errors::UserFault;
use super::layout::{PAGE, USER_END};
use crate::arch::user_access::{
    Failed, user_access_copy, user_access_half_and_words, user_access_load, user_access_store,
    user_access_store_half, user_access_value, user_access_words, user_access_zero,
};
use abi::Errno;
use alloc::vec::Vec;
use binder_driver::UserPlace;
use core::mem::MaybeUninit;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// Refuses ranges that reach into the kernel's half.
#[inline]
pub(super) fn check(address: u64, length: usize) -> Result<(), UserFault> {
    match address.checked_add(length as u64) {
        Some(end) if end <= USER_END => Ok(()),
        Some(_) | None => Err(UserFault),
    }
}

/// As [`check`], for an access that begins at the address and goes upwards. A short one that begins in the lower half of
/// all addresses does not reach the kernel's memory, and what is not user memory there faults.
#[inline(always)]
fn check_access(address: u64, length: usize) -> Result<(), UserFault> {
    if length > PAGE as usize {
        return check(address, length);
    }
    if address.cast_signed() >= 0 {
        Ok(())
    } else {
        Err(UserFault)
    }
}

impl From<Failed> for UserFault {
    #[inline(always)]
    fn from(_: Failed) -> Self {
        Self
    }
}

/// What a user access routine says.
#[inline]
fn outcome(failed: u32) -> Result<(), UserFault> {
    if failed == 0 { Ok(()) } else { Err(UserFault) }
}

/// The most bytes that are copied by a short way, as a few whole words, or four bytes and those.
const SHORT: usize = 256;

/// Copies bytes from the program's memory.
///
/// # Errors
///
/// [`UserFault`] if any byte is not readable; `into` then holds unspecified bytes.
#[inline]
pub(crate) fn read(address: u64, into: &mut [u8]) -> Result<(), UserFault> {
    check_access(address, into.len())?;
    let to = into.as_mut_ptr().expose_provenance() as u64;
    // SAFETY: the source is user memory, which may fault; the target is the slice.
    unsafe { copy(to, address, into.len()) }
}

/// Copies bytes to the program's memory.
///
/// # Errors
///
/// [`UserFault`] if any byte is not writable; a part may have been written.
#[inline]
pub(crate) fn write(address: u64, bytes: &[u8]) -> Result<(), UserFault> {
    check_access(address, bytes.len())?;
    if let Ok(half) = bytes.try_into() {
        // SAFETY: the address was checked.
        return Ok(unsafe { user_access_store_half(address, u32::from_ne_bytes(half)) }?);
    }
    if let Ok(word) = bytes.try_into() {
        // SAFETY: the address was checked.
        return Ok(unsafe { user_access_store(address, u64::from_ne_bytes(word)) }?);
    }
    let from = bytes.as_ptr().expose_provenance() as u64;
    // SAFETY: the target is user memory, which may fault; the source is the slice.
    unsafe { copy(address, from, bytes.len()) }
}

/// Copies bytes, of which one side is user memory.
///
/// # Safety
///
/// The other side must be the caller's, of this length.
#[inline(always)]
unsafe fn copy(to: u64, from: u64, length: usize) -> Result<(), UserFault> {
    match length % 8 {
        // SAFETY: by this function's contract.
        0 if length <= SHORT => Ok(unsafe { user_access_words(to, from, length / 8) }?),
        // SAFETY: by this function's contract.
        4 if length <= SHORT => Ok(unsafe { user_access_half_and_words(to, from, length / 8) }?),
        // SAFETY: by this function's contract.
        _ => outcome(unsafe { user_access_copy(to, from, length) }),
    }
}

/// Reads a value from the program's memory.
///
/// # Errors
///
/// [`UserFault`] if any byte is not readable.
#[inline]
pub(crate) fn read_value<T: FromBytes>(address: u64) -> Result<T, UserFault> {
    check_access(address, size_of::<T>())?;
    let mut value = MaybeUninit::<T>::uninit();
    let to = value.as_mut_ptr().expose_provenance() as u64;
    // SAFETY: the source is user memory, which may fault; the target is as long as the value.
    unsafe { copy_value::<T>(to, address)? };
    // SAFETY: all bytes were written, and `T` takes any bytes.
    Ok(unsafe { value.assume_init() })
}

/// Reads a value from the program's memory to where it is to be.
///
/// # Errors
///
/// [`UserFault`] if any byte is not readable; the value then holds unspecified bytes.
#[inline(always)]
pub(crate) fn read_into<T: FromBytes + IntoBytes>(address: u64, into: &mut T) -> Result<(), UserFault> {
    check_access(address, size_of::<T>())?;
    let to = into.as_mut_bytes().as_mut_ptr().expose_provenance() as u64;
    // SAFETY: the source is user memory, which may fault; the target is the value, which takes any bytes.
    unsafe { copy_value::<T>(to, address) }
}

/// Writes a value to the program's memory.
///
/// # Errors
///
/// [`UserFault`] if any byte is not writable; a part may have been written.
#[inline(always)]
pub(crate) fn write_value<T: IntoBytes + Immutable>(address: u64, value: &T) -> Result<(), UserFault> {
    let bytes = value.as_bytes();
    if bytes.len() == size_of::<u32>() || bytes.len() == size_of::<u64>() {
        return write(address, bytes);
    }
    check_access(address, bytes.len())?;
    let from = bytes.as_ptr().expose_provenance() as u64;
    // SAFETY: the target is user memory, which may fault; the source is the value.
    unsafe { copy_value::<T>(address, from) }
}

/// Writes a value to a place in the program's memory that is known to be in the lower half of all addresses.
///
/// # Errors
///
/// [`UserFault`] if any byte is not writable; a part may have been written.
#[inline(always)]
pub(crate) fn write_place<T: IntoBytes + Immutable>(to: UserPlace, value: &T) -> Result<(), UserFault> {
    const {
        assert!(
            size_of::<T>() <= PAGE as usize,
            "it does not reach the kernel's memory"
        );
    }
    let from = value.as_bytes().as_ptr().expose_provenance() as u64;
    // SAFETY: the target is user memory, which may fault, as `check_access` says of places; the source is the value.
    unsafe { copy_value::<T>(to.address(), from) }
}

/// Copies a value, of which one side is user memory.
///
/// # Safety
///
/// The other side must be the caller's, of a value's length.
#[inline(always)]
unsafe fn copy_value<T>(to: u64, from: u64) -> Result<(), UserFault> {
    if size_of::<T>() <= SHORT {
        // SAFETY: by this function's contract.
        return Ok(unsafe { user_access_value::<T>(to, from) }?);
    }
    // SAFETY: by this function's contract.
    unsafe { copy(to, from, size_of::<T>()) }
}

/// Writes a word, with code that stands where it is called from.
///
/// # Errors
///
/// [`UserFault`] if any byte is not writable.
#[inline(always)]
pub(crate) fn store_i32(address: u64, word: i32) -> Result<(), UserFault> {
    check(address, size_of::<i32>())?;
    let from = (&raw const word).expose_provenance() as u64;
    // SAFETY: the target is user memory, which may fault; the source is the word.
    unsafe { copy(address, from, size_of::<i32>()) }
}

/// Zeroes a range of the program's memory.
///
/// # Errors
///
/// [`UserFault`] if any byte is not writable.
pub(crate) fn zero(address: u64, length: usize) -> Result<(), UserFault> {
    check(address, length)?;
    // SAFETY: the target is user memory, which may fault.
    outcome(unsafe { user_access_zero(address, length) })
}

/// Reads bytes up to a zero byte, which is left out.
///
/// # Errors
///
/// EFAULT if a byte is not readable, ENAMETOOLONG if none of the first `limit` bytes is zero.
pub(crate) fn read_c_string(address: u64, limit: usize) -> Result<Vec<u8>, Errno> {
    let mut string = Vec::new();
    let mut at = address;
    let mut piece = [0; 64];
    while string.len() < limit {
        // Up to the page's end, so that the string may end just before memory that is not there.
        let count = ((PAGE - at % PAGE) as usize).min(limit - string.len());
        let count = count.min(piece.len());
        let piece = &mut piece[..count];
        read(at, piece)?;
        let end = piece.iter().position(|byte| *byte == 0);
        string.extend_from_slice(&piece[..end.unwrap_or(count)]);
        if end.is_some() {
            return Ok(string);
        }
        at += count as u64;
    }
    Err(Errno::ENAMETOOLONG)
}

/// Loads a word in one piece.
///
/// # Errors
///
/// [`UserFault`] if it is not readable.
pub(crate) fn load_u32(address: u64) -> Result<u32, UserFault> {
    check(address, 4)?;
    let mut word = 0;
    // SAFETY: the source is user memory, which may fault.
    outcome(unsafe { user_access_load(address, &mut word) })?;
    Ok(word)
}
