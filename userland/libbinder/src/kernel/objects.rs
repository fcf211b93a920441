//! The root object, and those that have little to say.

use super::{ProcessManager, ask};
use crate::binder::IBinder;
use crate::parcel::{FileDescriptor, FromParcel, Parcel};
use crate::process_state::ProcessState;
use crate::status::{Result, StatusCode};
use crate::thread::IpcThreadState;
use abi::binder::command::BC_RELEASE;
use abi::kernel_objects::{log, memory, power, process_manager, root, trace};
use abi::parcel::Stability;
use alloc::string::String;
use alloc::vec::Vec;

macro_rules! objects {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name(IBinder);

            impl $name {
                /// The object, known to be of this kind.
                pub const fn new(binder: IBinder) -> Self {
                    Self(binder)
                }

                /// The object, to pass it on.
                pub const fn as_binder(&self) -> &IBinder {
                    &self.0
                }
            }
        )*
    };
}

objects! {
    /// The root object: knows all others by name.
    Kernel;
    /// Ends the system.
    Power;
    /// Knows how much of everything there is.
    Memory;
    /// Knows what the kernel logged.
    Log;
    /// Records what binder does.
    Trace;
}

impl Kernel {
    /// The object of a name.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn get(&self, name: &str) -> Result<Option<IBinder>> {
        ask(&self.0, root::DESCRIPTOR, root::GET, |data| data.write(name))
    }

    /// The names.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn list(&self) -> Result<Vec<String>> {
        ask(&self.0, root::DESCRIPTOR, root::LIST, |_| Ok(()))
    }

    /// The interface of the kernel's object of this number; nothing where there is none.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn describe(&self, number: u64) -> Result<Option<String>> {
        let interface: String = ask(&self.0, root::DESCRIPTOR, root::DESCRIBE, |data| {
            data.write(&number)
        })?;
        Ok(Some(interface).filter(|interface| !interface.is_empty()))
    }

    /// The same object on another connection of this process. An object of the process itself needs no carrying.
    ///
    /// # Errors
    ///
    /// A service-specific exception, or why the kernel did not answer.
    pub fn carry(&self, object: &IBinder, to: &'static ProcessState) -> Result<IBinder> {
        let (Some(from), Some(handle)) = (object.process(), object.handle()) else {
            return Ok(object.clone());
        };
        if core::ptr::eq(from, to) {
            return Ok(object.clone());
        }
        let carried: i32 = ask(&self.0, root::DESCRIPTOR, root::CARRY, |data| {
            data.write_file(FileDescriptor::duplicate_of(from.device().fd())?);
            data.write(&handle.cast_signed())?;
            data.write_file(FileDescriptor::duplicate_of(to.device().fd())?);
            Ok(())
        })?;
        let handle = carried.cast_unsigned();
        let proxy = to.proxy_for_handle(handle, Stability::SYSTEM);
        // The proxy took a count of its own.
        IpcThreadState::send_handle(to, BC_RELEASE, handle);
        Ok(IBinder::Remote(proxy))
    }

    fn need(&self, name: &str) -> Result<IBinder> {
        Ok(self.get(name)?.ok_or(StatusCode::NameNotFound)?)
    }

    /// What starts programs.
    ///
    /// # Errors
    ///
    /// [`StatusCode::NameNotFound`], or why the kernel did not answer.
    pub fn process_manager(&self) -> Result<ProcessManager> {
        self.need(process_manager::NAME).map(ProcessManager::new)
    }

    /// What ends the system.
    ///
    /// # Errors
    ///
    /// As [`Kernel::process_manager`].
    pub fn power(&self) -> Result<Power> {
        self.need(power::NAME).map(Power::new)
    }

    /// What counts.
    ///
    /// # Errors
    ///
    /// As [`Kernel::process_manager`].
    pub fn memory(&self) -> Result<Memory> {
        self.need(memory::NAME).map(Memory::new)
    }

    /// What remembers.
    ///
    /// # Errors
    ///
    /// As [`Kernel::process_manager`].
    pub fn log(&self) -> Result<Log> {
        self.need(log::NAME).map(Log::new)
    }
}

impl Kernel {
    /// What records.
    ///
    /// # Errors
    ///
    /// As [`Kernel::process_manager`].
    pub fn trace(&self) -> Result<Trace> {
        self.need(trace::NAME).map(Trace::new)
    }
}

impl Power {
    /// Switches the machine off; the emulator ends with `status`.
    ///
    /// # Errors
    ///
    /// Why the kernel refused. Otherwise the call does not return.
    pub fn off(&self, status: i32) -> Result<()> {
        ask(&self.0, power::DESCRIPTOR, power::OFF, |data| data.write(&status))
    }

    /// Starts the machine anew.
    ///
    /// # Errors
    ///
    /// Why the kernel refused. Otherwise the call does not return.
    pub fn reboot(&self) -> Result<()> {
        ask(&self.0, power::DESCRIPTOR, power::REBOOT, |_| Ok(()))
    }

    /// Lets the kernel panic, to see what it says then.
    ///
    /// # Errors
    ///
    /// Why the kernel refused. Otherwise the call does not return.
    pub fn panic(&self) -> Result<()> {
        ask(&self.0, power::DESCRIPTOR, power::PANIC, |_| Ok(()))
    }
}

impl Memory {
    /// All figures, with their names.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn figures(&self) -> Result<Vec<(&'static str, i64)>> {
        let values: Vec<i64> = ask(&self.0, memory::DESCRIPTOR, memory::FIGURES, |_| Ok(()))?;
        Ok(memory::FIGURE_NAMES.into_iter().zip(values).collect())
    }
}

/// A binder region as both sides see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Where it begins in the kernel.
    pub kernel_address: u64,
    /// Where it begins in the receiving process.
    pub receiver_address: u64,
    /// Its size in bytes.
    pub size: u64,
    /// How many copies senders' messages have made into it.
    pub copies: u64,
    /// Its pages that have frames.
    pub pages: Vec<WindowPage>,
}

/// A page of a binder region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowPage {
    /// Its place in the region.
    pub page: i32,
    /// The frame that the kernel's page tables have; -1 for none.
    pub kernel_frame: i64,
    /// The frame that the receiver's page tables have; -1 for none.
    pub receiver_frame: i64,
}

impl FromParcel for WindowPage {
    fn read_from(parcel: &Parcel) -> core::result::Result<Self, StatusCode> {
        Ok(Self {
            page: parcel.read()?,
            kernel_frame: parcel.read()?,
            receiver_frame: parcel.read()?,
        })
    }
}

impl FromParcel for Window {
    fn read_from(parcel: &Parcel) -> core::result::Result<Self, StatusCode> {
        Ok(Self {
            kernel_address: parcel.read()?,
            receiver_address: parcel.read()?,
            size: parcel.read()?,
            copies: parcel.read()?,
            pages: parcel.read()?,
        })
    }
}

impl Memory {
    /// The binder region of a process around an address.
    ///
    /// # Errors
    ///
    /// A service-specific exception: ESRCH for no such process, EFAULT for no region there.
    pub fn window(&self, pid: i32, address: u64) -> Result<Window> {
        ask(&self.0, memory::DESCRIPTOR, memory::WINDOW, |data| {
            data.write(&pid)?;
            data.write(&address)
        })
    }
}

impl Log {
    /// The last lines, oldest first.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn read(&self) -> Result<String> {
        let bytes: Vec<u8> = ask(&self.0, log::DESCRIPTOR, log::READ, |_| Ok(()))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
