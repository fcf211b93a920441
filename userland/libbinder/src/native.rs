//! Objects of this process.

use crate::binder::{
    DEBUG_PID_TRANSACTION, DUMP_TRANSACTION, EXTENSION_TRANSACTION, IBinder, INTERFACE_TRANSACTION,
    PING_TRANSACTION,
};
use crate::explain::{self, Station};
use crate::objects;
use crate::parcel::{FileDescriptor, Parcel};
use crate::status::StatusCode;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use rt::sync::Mutex;

/// What an object does when it is called.
pub trait Transactable: Send + Sync {
    /// The descriptor of the interface.
    fn descriptor(&self) -> &str;

    /// Handles a call: reads the arguments, writes the answer.
    ///
    /// # Errors
    ///
    /// The status that the caller gets instead of an answer.
    fn on_transact(&self, code: u32, data: &Parcel, reply: &mut Parcel) -> Result<(), StatusCode>;

    /// Prints the object's state.
    ///
    /// # Errors
    ///
    /// The status that the caller gets.
    fn dump(&self, _file: &FileDescriptor, _arguments: &[String]) -> Result<(), StatusCode> {
        Ok(())
    }
}

/// An object of this process that others may call.
pub struct BBinder {
    id: u64,
    service: Box<dyn Transactable>,
    security_context: SecurityContext,
    extension: Mutex<Option<IBinder>>,
}

/// Whether calls of an object come with their sender's security context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SecurityContext {
    /// They do not.
    #[default]
    Omitted,
    /// They do.
    Delivered,
}

impl BBinder {
    /// Makes an object of a service.
    #[expect(
        clippy::new_ret_no_self,
        reason = "an object is only ever used through references to it"
    )]
    pub fn new(service: impl Transactable + 'static) -> IBinder {
        Self::make(service, SecurityContext::Omitted)
    }

    /// Makes an object that is told the security context of each caller.
    pub fn with_security_context(service: impl Transactable + 'static) -> IBinder {
        Self::make(service, SecurityContext::Delivered)
    }

    fn make(service: impl Transactable + 'static, security_context: SecurityContext) -> IBinder {
        let object = objects::register(|id| Self {
            id,
            service: Box::new(service),
            security_context,
            extension: Mutex::new(None),
        });
        IBinder::Local(object)
    }

    /// The number by which the driver and this process name the object to each other.
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The descriptor of the object's interface.
    pub fn descriptor(&self) -> &str {
        self.service.descriptor()
    }

    /// Whether calls come with their sender's security context.
    pub(crate) fn wants_security_context(&self) -> bool {
        self.security_context == SecurityContext::Delivered
    }

    /// Names an object that extends this one.
    pub fn set_extension(&self, extension: IBinder) {
        *self.extension.lock() = Some(extension);
    }

    /// Handles a call: those that every object answers here, all others by the service.
    ///
    /// # Errors
    ///
    /// The status that the caller gets instead of an answer.
    pub fn transact(&self, code: u32, data: &Parcel, reply: &mut Parcel) -> Result<(), StatusCode> {
        explain::at(|| Station::Transact {
            object: self.id,
            descriptor: self.descriptor(),
            code,
        });
        match code {
            PING_TRANSACTION => Ok(()),
            INTERFACE_TRANSACTION => reply.write(self.descriptor()),
            DUMP_TRANSACTION => {
                let file = data.read_file()?;
                let arguments: Vec<String> = data.read()?;
                self.service.dump(&file, &arguments)
            }
            EXTENSION_TRANSACTION => {
                let extension = self.extension.lock().clone();
                reply.write(&extension)
            }
            DEBUG_PID_TRANSACTION => reply.write(&rt::syscall::getpid()),
            _ => self.service.on_transact(code, data, reply),
        }
    }
}

impl Drop for BBinder {
    fn drop(&mut self) {
        objects::forget(self.id);
    }
}

impl From<Arc<BBinder>> for IBinder {
    fn from(object: Arc<BBinder>) -> Self {
        Self::Local(object)
    }
}
