//! From an incoming call to the method of an object.

use super::{lease, log, power, process, process_manager, root, trace, usage};
use crate::task::Kernel;
use abi::Errno;
use abi::kernel_objects::{self as interface, INTERFACE_TRANSACTION, PING_TRANSACTION};
use abi::parcel::{Exception, ExceptionKind, Reader, Writer};
use alloc::string::String;
use alloc::vec::Vec;
use binder_driver::Pid;

/// A call, taken out of the region.
#[derive(Debug)]
pub(super) struct Incoming {
    /// The called object.
    pub(super) node: u64,
    /// Who calls; nobody for a one-way call.
    pub(super) sender: Pid,
    /// As whom.
    pub(super) user: u32,
    /// The method.
    pub(super) code: u32,
    /// The arguments.
    pub(super) data: Vec<u8>,
    /// Where objects lie in them.
    pub(super) objects: Vec<u64>,
}

/// What comes of a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// This parcel.
    Reply(Writer),
    /// A failure of the transport, as a negative number.
    Status(i32),
    /// The status of this process, when it has ended.
    AtEndOf(Pid),
}

/// How a method fails.
#[derive(Debug)]
pub(super) enum Failure {
    /// The arguments cannot be read.
    BadParcel,
    /// There is no such method.
    UnknownMethod,
    /// The method says so.
    Exception(Exception),
}

impl From<abi::parcel::Error> for Failure {
    fn from(_: abi::parcel::Error) -> Self {
        Self::BadParcel
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        let message = alloc::format!("{errno}");
        Self::Exception(Exception::new(
            ExceptionKind::ServiceSpecific(errno.number().into()),
            message,
        ))
    }
}

impl Failure {
    /// Something that the caller may not have.
    pub(super) fn security(message: impl Into<String>) -> Self {
        Self::Exception(Exception::new(ExceptionKind::Security, message))
    }

    /// An argument that has no meaning.
    pub(super) fn argument(message: impl Into<String>) -> Self {
        Self::Exception(Exception::new(ExceptionKind::IllegalArgument, message))
    }
}

/// Android's status for an unknown method.
const UNKNOWN_TRANSACTION: i32 = -74;
/// Android's status for a request to another interface.
const BAD_TYPE: i32 = i32::MIN + 1;
/// Android's status for a parcel that ends too early or has no meaning.
const BAD_VALUE: i32 = -22;

/// The object that a node's number means, if there is one.
#[derive(Clone, Copy, Debug)]
enum Object {
    Root,
    ProcessManager(process_manager::Power),
    Power,
    Memory,
    Log,
    Trace,
    Process(u64),
    Lease,
}

impl Object {
    fn of(node: u64) -> Option<Self> {
        Some(match node {
            root::NODE => Self::Root,
            process_manager::NODE => Self::ProcessManager(process_manager::Power::Full),
            process_manager::CONFINED_NODE => Self::ProcessManager(process_manager::Power::Confined),
            power::NODE => Self::Power,
            usage::NODE => Self::Memory,
            log::NODE => Self::Log,
            trace::NODE => Self::Trace,
            node if lease::is_lease(node) => Self::Lease,
            node if node >= process::FIRST => Self::Process(node),
            _ => return None,
        })
    }

    fn descriptor(self) -> &'static str {
        match self {
            Self::Root => interface::root::DESCRIPTOR,
            Self::ProcessManager(_) => interface::process_manager::DESCRIPTOR,
            Self::Power => interface::power::DESCRIPTOR,
            Self::Memory => interface::memory::DESCRIPTOR,
            Self::Log => interface::log::DESCRIPTOR,
            Self::Trace => interface::trace::DESCRIPTOR,
            Self::Process(_) => interface::process::DESCRIPTOR,
            Self::Lease => interface::process::LEASE_DESCRIPTOR,
        }
    }
}

/// The interface of the object that a node's number means; nothing if there is none.
pub(super) fn descriptor_of(node: u64) -> &'static str {
    Object::of(node).map_or("", Object::descriptor)
}

/// Finds the object and its method, and calls it.
pub(super) fn dispatch(kernel: &mut Kernel, incoming: &Incoming) -> Answer {
    let Some(object) = Object::of(incoming.node) else {
        return Answer::Status(UNKNOWN_TRANSACTION);
    };
    match incoming.code {
        PING_TRANSACTION => return Answer::Reply(Writer::new()),
        INTERFACE_TRANSACTION => {
            let mut reply = Writer::new();
            reply.write_string16(object.descriptor());
            return Answer::Reply(reply);
        }
        _ => {}
    }
    let mut request = Reader::new(&incoming.data, &incoming.objects);
    match request.read_token() {
        Ok(token) if token.descriptor == object.descriptor() => {}
        _ => return Answer::Status(BAD_TYPE),
    }
    let mut reply = Writer::new();
    reply.write_no_exception();
    let result = match object {
        Object::Root => root::call(kernel, incoming.code, &mut request, &mut reply),
        Object::ProcessManager(power) => {
            process_manager::call(kernel, power, incoming, &mut request, &mut reply)
        }
        Object::Power => power::call(incoming.code, &mut request),
        Object::Memory => usage::call(kernel, incoming.code, &mut request, &mut reply),
        Object::Log => log::call(incoming.code, &mut reply),
        Object::Trace => trace::call(&mut kernel.tracer, incoming.code, &mut request, &mut reply),
        Object::Lease => Err(Failure::UnknownMethod),
        Object::Process(node) => {
            return process::call(kernel, node, incoming.code, &mut request, reply).unwrap_or_else(failed);
        }
    };
    match result {
        Ok(()) => Answer::Reply(reply),
        Err(failure) => failed(failure),
    }
}

fn failed(failure: Failure) -> Answer {
    match failure {
        Failure::BadParcel => Answer::Status(BAD_VALUE),
        Failure::UnknownMethod => Answer::Status(UNKNOWN_TRANSACTION),
        Failure::Exception(exception) => {
            let mut reply = Writer::new();
            reply.write_exception(&exception);
            Answer::Reply(reply)
        }
    }
}

/// A failure of the transport as a parcel.
pub(super) fn status_parcel(status: i32) -> Writer {
    let mut parcel = Writer::new();
    parcel.write_i32(status);
    parcel
}
