//! References to binder objects, wherever they live.

use crate::death::DeathRecipient;
use crate::native::BBinder;
use crate::parcel::{FileDescriptor, Parcel};
use crate::process_state::ProcessState;
use crate::proxy::BpBinder;
use crate::status::StatusCode;
use crate::thread::TransactionFlags;
use alloc::string::String;
use alloc::sync::{Arc, Weak};
use core::fmt;

const fn code(letters: &[u8; 4]) -> u32 {
    u32::from_be_bytes(*letters)
}

/// The lowest code of an interface's own calls.
pub const FIRST_CALL_TRANSACTION: u32 = 1;
/// Is anybody there? Answered with nothing.
pub const PING_TRANSACTION: u32 = code(b"_PNG");
/// Which interface? Answered with its descriptor.
pub const INTERFACE_TRANSACTION: u32 = code(b"_NTF");
/// Print your state to a file.
pub const DUMP_TRANSACTION: u32 = code(b"_DMP");
/// Which object extends this one? Answered with an object or null.
pub const EXTENSION_TRANSACTION: u32 = code(b"_EXT");
/// Which process? Answered with its number.
pub const DEBUG_PID_TRANSACTION: u32 = code(b"_PID");

/// A strong reference to a binder object: the object lives as long as this does.
#[derive(Clone)]
pub enum IBinder {
    /// An object of this process.
    Local(Arc<BBinder>),
    /// An object of another process.
    Remote(Arc<BpBinder>),
}

/// A reference that does not keep the object alive.
#[derive(Clone)]
pub enum WeakBinder {
    /// To an object of this process.
    Local(Weak<BBinder>),
    /// To an object of another process.
    Remote(Weak<BpBinder>),
}

impl WeakBinder {
    /// A strong reference, if anybody else in this process still has one.
    pub fn promote(&self) -> Option<IBinder> {
        match self {
            Self::Local(object) => object.upgrade().map(IBinder::Local),
            Self::Remote(proxy) => proxy.upgrade().map(IBinder::Remote),
        }
    }

    /// Whether this refers to the same object as `binder`.
    pub fn is(&self, binder: &IBinder) -> bool {
        match (self, binder) {
            (Self::Local(weak), IBinder::Local(strong)) => core::ptr::eq(weak.as_ptr(), Arc::as_ptr(strong)),
            (Self::Remote(weak), IBinder::Remote(strong)) => {
                core::ptr::eq(weak.as_ptr(), Arc::as_ptr(strong))
            }
            _ => false,
        }
    }
}

impl IBinder {
    /// Calls the object. For an object of this process, that is a function call; for any other it is a transaction.
    ///
    /// Gives the answer; an empty parcel when the call was one-way.
    ///
    /// # Errors
    ///
    /// Why there is no answer, or the status that the object answered with.
    pub fn transact(&self, code: u32, data: &Parcel, flags: TransactionFlags) -> Result<Parcel, StatusCode> {
        match self {
            Self::Local(object) => {
                data.set_position(0);
                let mut reply = Parcel::new();
                object.transact(code, data, &mut reply)?;
                Ok(reply)
            }
            Self::Remote(proxy) => proxy.transact(code, data, flags),
        }
    }

    fn ask(&self, code: u32) -> Result<Parcel, StatusCode> {
        self.transact(code, &Parcel::new(), TransactionFlags::empty())
    }

    /// Asks whether the object's process answers.
    ///
    /// # Errors
    ///
    /// [`StatusCode::DeadObject`] when it is gone.
    pub fn ping(&self) -> Result<(), StatusCode> {
        self.ask(PING_TRANSACTION).map(drop)
    }

    /// The descriptor of the object's interface.
    ///
    /// # Errors
    ///
    /// Those of [`IBinder::transact`].
    pub fn interface_descriptor(&self) -> Result<String, StatusCode> {
        match self {
            Self::Local(object) => Ok(object.descriptor().into()),
            Self::Remote(_) => self.ask(INTERFACE_TRANSACTION)?.read(),
        }
    }

    /// Lets the object print its state to a file.
    ///
    /// # Errors
    ///
    /// Those of [`IBinder::transact`].
    pub fn dump(&self, file: &FileDescriptor, arguments: &[String]) -> Result<(), StatusCode> {
        let mut data = Parcel::new();
        data.write_file(file.duplicate()?);
        data.write(arguments)?;
        self.transact(DUMP_TRANSACTION, &data, TransactionFlags::empty())
            .map(drop)
    }

    /// The object that extends this one, if there is any.
    ///
    /// # Errors
    ///
    /// Those of [`IBinder::transact`].
    pub fn extension(&self) -> Result<Option<Self>, StatusCode> {
        self.ask(EXTENSION_TRANSACTION)?.read_binder()
    }

    /// The process that the object lives in.
    ///
    /// # Errors
    ///
    /// Those of [`IBinder::transact`].
    pub fn debug_pid(&self) -> Result<i32, StatusCode> {
        self.ask(DEBUG_PID_TRANSACTION)?.read()
    }

    /// Tells `recipient` when the object's process dies.
    ///
    /// # Errors
    ///
    /// [`StatusCode::InvalidOperation`] for an object of this process, [`StatusCode::DeadObject`] when it is dead.
    pub fn link_to_death(&self, recipient: &Arc<dyn DeathRecipient>) -> Result<(), StatusCode> {
        match self {
            Self::Local(_) => Err(StatusCode::InvalidOperation),
            Self::Remote(proxy) => proxy.link_to_death(recipient),
        }
    }

    /// Withdraws what [`IBinder::link_to_death`] asked for.
    ///
    /// # Errors
    ///
    /// [`StatusCode::NameNotFound`] when it did not, [`StatusCode::DeadObject`] when it is too late.
    pub fn unlink_to_death(&self, recipient: &Arc<dyn DeathRecipient>) -> Result<(), StatusCode> {
        match self {
            Self::Local(_) => Err(StatusCode::InvalidOperation),
            Self::Remote(proxy) => proxy.unlink_to_death(recipient),
        }
    }

    /// Whether the object's process was alive when this process last heard of it.
    pub fn is_alive(&self) -> bool {
        match self {
            Self::Local(_) => true,
            Self::Remote(proxy) => proxy.is_alive(),
        }
    }

    /// The number by which this process calls an object of another one.
    pub fn handle(&self) -> Option<u32> {
        match self {
            Self::Local(_) => None,
            Self::Remote(proxy) => Some(proxy.handle()),
        }
    }

    /// The connection that calls to the object go over. An object of this process has none of its own.
    pub fn process(&self) -> Option<&'static ProcessState> {
        match self {
            Self::Local(_) => None,
            Self::Remote(proxy) => Some(proxy.process()),
        }
    }

    /// A reference that does not keep the object alive.
    pub fn downgrade(&self) -> WeakBinder {
        match self {
            Self::Local(object) => WeakBinder::Local(Arc::downgrade(object)),
            Self::Remote(proxy) => WeakBinder::Remote(Arc::downgrade(proxy)),
        }
    }
}

/// Two references are equal when they mean the same object.
impl PartialEq for IBinder {
    fn eq(&self, other: &Self) -> bool {
        self.downgrade().is(other)
    }
}

impl Eq for IBinder {}

impl fmt::Debug for IBinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(object) => write!(f, "object {}", object.id()),
            Self::Remote(proxy) => write!(f, "handle {}", proxy.handle()),
        }
    }
}
