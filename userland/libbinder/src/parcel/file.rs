//! A file descriptor that is closed by its owner.

use crate::status::StatusCode;
use rt::syscall;

/// An open file of this process; closed when the value is dropped.
#[derive(Debug)]
pub struct FileDescriptor(i32);

impl FileDescriptor {
    /// Takes over a descriptor.
    pub const fn adopt(number: i32) -> Self {
        Self(number)
    }

    /// A new descriptor of the same open file.
    ///
    /// # Errors
    ///
    /// Why the kernel gave none.
    pub fn duplicate_of(number: i32) -> Result<Self, StatusCode> {
        Ok(Self(syscall::duplicate_from(number, 0)?))
    }

    /// A new descriptor of the same open file.
    ///
    /// # Errors
    ///
    /// Why the kernel gave none.
    pub fn duplicate(&self) -> Result<Self, StatusCode> {
        Self::duplicate_of(self.0)
    }

    /// The number.
    pub const fn number(&self) -> i32 {
        self.0
    }

    /// Gives the descriptor away: whoever takes it closes it.
    pub fn into_number(self) -> i32 {
        let number = self.0;
        core::mem::forget(self);
        number
    }
}

impl Drop for FileDescriptor {
    fn drop(&mut self) {
        // There is nobody to tell of an error.
        let _ = syscall::close(self.0);
    }
}
