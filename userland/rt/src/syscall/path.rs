//! Paths as the kernel takes them.

use crate::Result;
use abi::Errno;
use alloc::vec::Vec;

/// Calls `with` with the address of `text` as a C string.
///
/// # Errors
///
/// EINVAL when the text holds a NUL, else what `with` gives.
pub(crate) fn with_c_string<T>(text: &str, with: impl FnOnce(u64) -> Result<T>) -> Result<T> {
    if text.as_bytes().contains(&0) {
        return Err(Errno::EINVAL);
    }
    let mut bytes = Vec::with_capacity(text.len() + 1);
    bytes.extend_from_slice(text.as_bytes());
    bytes.push(0);
    with(bytes.as_ptr() as u64)
}
