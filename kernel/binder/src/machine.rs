//! What the driver asks of the machine around it.
//!
//! One value of a type that implements [`Machine`] exists per call into the driver and stands for the *caller*: the
//! thread whose system call this is, in whose address space the processor runs. Receivers' memory is reached only
//! through windows, the kernel's own view of a mapped region. Nothing here blocks, and nothing here calls back into
//! the driver: what would (closing a file that may itself be a binder file) is an [effect](crate::Effects) instead.

use crate::trace::Event;
use abi::Errno;
use core::ops::Range;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// An address in the caller's memory. An allegation until [`Machine`] has read or written there.
pub type UserAddress = u64;

/// Where something short stands in a program's memory: an address in the lower half of all addresses, above which the
/// kernel's memory is. Whether there is anything shows in the attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserPlace(UserAddress);

impl UserPlace {
    /// The place at an address, which may be any number.
    #[inline(always)]
    #[must_use]
    pub const fn new(address: UserAddress) -> Option<Self> {
        if address.cast_signed() < 0 {
            return None;
        }
        Some(Self(address))
    }

    /// Its address. It is less than 2⁶³.
    #[inline(always)]
    #[must_use]
    pub const fn address(self) -> UserAddress {
        self.0
    }
}

/// A task of the kernel, named by its thread id. The driver only stores it and gives it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

/// A process of the kernel, named by its process id (Linux's thread group id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(pub u32);

/// The kernel's view of one receiver's mapped region. The machine chooses the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowId(pub u32);

/// An open file that a transaction holds on to while it is under way.
///
/// The machine chooses the number. One `FileId` stands for one reference, given back by [`Machine::install_file`] or by
/// [`Effect::DropFile`](crate::Effect) or [`Effect::CloseFile`](crate::Effect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// The caller's memory does not allow the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

/// There is no free frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

/// What a clock showed, in ticks of its own: in two halves, as processors give it, so that most are never put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    /// The lower half.
    pub low: u32,
    /// The upper half.
    pub high: u32,
}

impl Ticks {
    /// As one number.
    pub fn get(self) -> u64 {
        u64::from(self.high) << u32::BITS | u64::from(self.low)
    }
}

/// The surroundings of one driver call.
pub trait Machine {
    /// Copies bytes from the caller's memory.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not readable; `into` then holds unspecified bytes.
    fn read_user(&mut self, from: UserAddress, into: &mut [u8]) -> Result<(), Fault>;

    /// Copies a value from the caller's memory.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not readable.
    #[inline]
    fn read_user_value<T: FromBytes + IntoBytes>(&mut self, from: UserAddress) -> Result<T, Fault>
    where
        Self: Sized,
    {
        let mut value = T::new_zeroed();
        self.read_user(from, value.as_mut_bytes())?;
        Ok(value)
    }

    /// Copies a value from the caller's memory to where it is to be.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not readable; the value then holds unspecified bytes.
    #[inline]
    fn read_user_into<T: FromBytes + IntoBytes>(
        &mut self,
        from: UserAddress,
        into: &mut T,
    ) -> Result<(), Fault>
    where
        Self: Sized,
    {
        self.read_user(from, into.as_mut_bytes())
    }

    /// Copies a value to the caller's memory.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not writable; a part may have been written.
    #[inline]
    fn write_user_value<T: IntoBytes + Immutable>(&mut self, to: UserAddress, value: &T) -> Result<(), Fault>
    where
        Self: Sized,
    {
        self.write_user(to, value.as_bytes())
    }

    /// Copies a value, of less than a page, to a place in the caller's memory that needs no check any more.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not writable; a part may have been written.
    #[inline]
    fn write_user_place<T: IntoBytes + Immutable>(&mut self, to: UserPlace, value: &T) -> Result<(), Fault>
    where
        Self: Sized,
    {
        self.write_user(to.address(), value.as_bytes())
    }

    /// Copies bytes to the caller's memory.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not writable; a part may have been written.
    fn write_user(&mut self, to: UserAddress, bytes: &[u8]) -> Result<(), Fault>;

    /// Backs pages of a window, which have none, with zeroed frames that receiver and kernel share.
    /// `pages` counts in pages from the window's start. All or nothing.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] when frames run out.
    fn map_pages(&mut self, window: WindowId, pages: Range<usize>) -> Result<(), NoMemory>;

    /// Copies bytes from the caller's memory straight into a window: the one copy of a message.
    /// The pages are backed already.
    ///
    /// # Errors
    ///
    /// [`Fault`] if any byte is not readable; a part may have been copied.
    fn copy_to_window(
        &mut self,
        window: WindowId,
        to: usize,
        from: UserAddress,
        length: usize,
    ) -> Result<(), Fault>;

    /// Writes bytes that the driver made into backed pages of a window.
    fn write_window(&mut self, window: WindowId, to: usize, bytes: &[u8]);

    /// Zeroes a range of backed pages of a window.
    fn zero_window(&mut self, window: WindowId, range: Range<usize>);

    /// Takes a reference to an open file of the caller.
    ///
    /// # Errors
    ///
    /// EBADF if the caller has no such descriptor.
    fn pin_file(&mut self, descriptor: i32) -> Result<FileId, Errno>;

    /// Takes a descriptor from the caller: its number is free at once, and the file is held. Nothing if there is no such
    /// descriptor.
    fn take_file(&mut self, descriptor: i32) -> Option<FileId>;

    /// Gives a held file the lowest free descriptor of the caller, closed on exec. Consumes the `FileId` when it
    /// succeeds; on failure the reference stays with the driver.
    ///
    /// # Errors
    ///
    /// EMFILE at the caller's limit.
    fn install_file(&mut self, file: FileId) -> Result<i32, Errno>;

    /// The caller's process: the one whose thread makes the system call.
    fn pid(&self) -> Pid;

    /// The caller's own effective user id (for becoming context manager).
    fn euid(&self) -> u32;

    /// The effective user id of a process's group leader, as sent with each call; 0 if the process is gone.
    fn euid_of(&self, pid: Pid) -> u32;

    /// The security context of a process as delivered to nodes that ask for it, without the closing NUL.
    fn security_context(&self, pid: Pid) -> &'static str;

    /// The caller's nice value, −20 to 19.
    fn nice(&self) -> i8;

    /// Sets the caller's nice value, clamped to what its limits allow.
    fn set_nice(&mut self, nice: i8);

    /// Milliseconds since boot.
    fn now(&self) -> u64;

    /// A clock that is read at the least cost, in ticks of its own. The debug files show ages by it.
    fn ticks(&self) -> Ticks;

    /// Whether events are wanted. Then no call takes the driver's direct way, which tells of nothing.
    fn traces(&self) -> bool;

    /// Records an event.
    fn record(&mut self, event: Event);
}

/// Telling of what happens.
pub(crate) trait Trace: Machine {
    /// Records an event if events are wanted. It is made only then.
    #[inline]
    fn trace(&mut self, event: impl FnOnce() -> Event) {
        if self.traces() {
            self.record(event());
        }
    }
}

impl<M: Machine + ?Sized> Trace for M {}
