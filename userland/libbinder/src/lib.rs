//! The IPC layer: what turns a method call into a binder transaction, and back.
//!
//! The parts have the names that they have on Android, and the same work:
//!
//! - [`Parcel`] holds the values of a call in Android's wire format.
//! - [`ProcessState`] is a process's connection to a device: the mapped region, the proxies, the thread pool.
//! - [`IpcThreadState`] is a thread's part of it: commands to send, returns to act on.
//! - [`BpBinder`] stands for an object of another process, [`BBinder`] carries an object of this one, and [`IBinder`]
//!   is a reference to either.
//! - [`interface!`] makes a proxy and a native side from one trait.
//! - [`service_manager`] finds objects by name, and [`kernel`] reaches the objects of Bindery's kernel.
//!
//! The way of a call: the proxy's method writes a parcel; [`IBinder::transact`] gives it to
//! [`IpcThreadState::transact`], which describes it in a `binder_transaction_data` and sends that by one ioctl. In the
//! other process a thread of the pool reads it, finds the object by the node's `ptr`, and the object's
//! [`Transactable::on_transact`] reads the parcel and calls the method. [`explain`] shows each of these stations.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod binder;
mod death;
pub mod explain;
mod interface;
pub mod kernel;
mod native;
mod objects;
mod parcel;
mod process_state;
mod proxy;
mod service;
mod service_manager;
mod status;
mod thread;

pub use rt;

pub use abi::parcel::{Exception, ExceptionKind, Stability, Token};
pub use binder::{
    DEBUG_PID_TRANSACTION, DUMP_TRANSACTION, EXTENSION_TRANSACTION, FIRST_CALL_TRANSACTION, IBinder,
    INTERFACE_TRANSACTION, PING_TRANSACTION, WeakBinder,
};
pub use death::{DeathRecipient, on_death};
#[doc(hidden)]
pub use interface::support;
pub use interface::{Argument, Proxy};
pub use kernel::kernel;
pub use native::{BBinder, Transactable};
pub use parcel::{FileDescriptor, FromParcel, Parcel, ToParcel};
pub use process_state::{DEFAULT_DEVICE, KERNEL_DEVICE, ProcessState};
pub use proxy::BpBinder;
pub use service::{ConnectionInfo, Service, ServiceDebugInfo, ServiceWithMetadata};
pub use service_manager::{
    BnClientCallback, BnServiceCallback, BnServiceManager, BpClientCallback, BpServiceCallback,
    BpServiceManager, DumpPriority, IClientCallback, IServiceCallback, IServiceManager, ServiceManager,
    service_manager,
};
pub use status::{Result, Status, StatusCode};
pub use thread::{IpcThreadState, PoolMember, TransactionFlags};

/// What programs import together.
pub mod prelude {
    pub use crate::{
        BBinder, FromParcel, IBinder, Parcel, ProcessState, Proxy, Result, Status, StatusCode, ToParcel,
        Transactable, interface, parcelable, service_manager,
    };
}
