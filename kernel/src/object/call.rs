//! From an incoming call to the method of an object.

use super::{lease, log, power, process, process_manager, root, trace, usage};
use crate::task::Kernel;
use abi::Errno;
use abi::kernel_objects::{self as interface, INTERFACE_TRANSACTION, PING_TRANSACTION};
use abi::parcel::{Exception, ExceptionKind, Reader, Writer};
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

/// A call, as the method of an object sees it.
pub(super) struct Call<'a> {
    pub(super) kernel: &'a mut Kernel,
    pub(super) incoming: &'a Incoming,
    /// The arguments.
    pub(super) request: Reader<'a>,
    /// The results; they begin behind the word that says that all went well.
    pub(super) reply: Writer,
    /// The process at whose end the call is answered, if it cannot be answered at once.
    pub(super) awaited: Option<Pid>,
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
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    /// The arguments cannot be read.
    BadParcel,
    /// There is no such method.
    UnknownMethod,
    /// What the method tried went wrong.
    Errno(Errno),
    /// The caller may not have this.
    Security(&'static &'static str),
    /// An argument has no meaning.
    Argument(&'static &'static str),
}

impl From<abi::parcel::Error> for Failure {
    fn from(_: abi::parcel::Error) -> Self {
        Self::BadParcel
    }
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// Android's status for an unknown method.
const UNKNOWN_TRANSACTION: i32 = -74;
/// Android's status for a request to another interface.
const BAD_TYPE: i32 = i32::MIN + 1;
/// Android's status for a parcel that ends too early or has no meaning.
const BAD_VALUE: i32 = -22;

/// One of the kernel's objects.
struct Object {
    /// Its interface.
    descriptor: &'static str,
    /// Carries out its methods.
    call: fn(&mut Call<'_>) -> Result<(), Failure>,
}

/// The objects that there always are, by their numbers.
static OBJECTS: [(u64, Object); 7] = [
    (root::NODE, object(interface::root::DESCRIPTOR, root::call)),
    (process_manager::NODE, PROCESS_MANAGER),
    (process_manager::CONFINED_NODE, PROCESS_MANAGER),
    (power::NODE, object(interface::power::DESCRIPTOR, power::call)),
    (usage::NODE, object(interface::memory::DESCRIPTOR, usage::call)),
    (log::NODE, object(interface::log::DESCRIPTOR, log::call)),
    (trace::NODE, object(interface::trace::DESCRIPTOR, trace::call)),
];

const PROCESS_MANAGER: Object = object(interface::process_manager::DESCRIPTOR, process_manager::call);

static PROCESS: Object = object(interface::process::DESCRIPTOR, process::call);

static LEASE: Object = object(interface::process::LEASE_DESCRIPTOR, |_| {
    Err(Failure::UnknownMethod)
});

const fn object(descriptor: &'static str, call: fn(&mut Call<'_>) -> Result<(), Failure>) -> Object {
    Object { descriptor, call }
}

/// The object that a node's number means, if there is one.
fn object_of(node: u64) -> Option<&'static Object> {
    if lease::is_lease(node) {
        return Some(&LEASE);
    }
    if node >= process::FIRST {
        return Some(&PROCESS);
    }
    let found = OBJECTS.iter().find(|(number, _)| *number == node);
    found.map(|(_, object)| object)
}

/// The interface of the object that a node's number means; nothing if there is none.
pub(super) fn descriptor_of(node: u64) -> &'static str {
    object_of(node).map_or("", |object| object.descriptor)
}

/// Finds the object and its method, and calls it.
#[inline(never)]
pub(super) fn dispatch(kernel: &mut Kernel, incoming: &Incoming) -> Answer {
    let Some(object) = object_of(incoming.node) else {
        return Answer::Status(UNKNOWN_TRANSACTION);
    };
    let mut call = Call {
        kernel,
        incoming,
        request: Reader::new(&incoming.data, &incoming.objects),
        reply: Writer::new(),
        awaited: None,
    };
    match incoming.code {
        PING_TRANSACTION => return Answer::Reply(call.reply),
        INTERFACE_TRANSACTION => {
            call.reply.write_string16(object.descriptor);
            return Answer::Reply(call.reply);
        }
        _ => {}
    }
    match call.request.read_token() {
        Ok(token) if token.descriptor == object.descriptor => {}
        _ => return Answer::Status(BAD_TYPE),
    }
    call.reply.write_no_exception();
    match (object.call)(&mut call) {
        Ok(()) => match call.awaited {
            Some(pid) => Answer::AtEndOf(pid),
            None => Answer::Reply(call.reply),
        },
        Err(failure) => failed(failure),
    }
}

fn failed(failure: Failure) -> Answer {
    let exception = match failure {
        Failure::BadParcel => return Answer::Status(BAD_VALUE),
        Failure::UnknownMethod => return Answer::Status(UNKNOWN_TRANSACTION),
        Failure::Errno(errno) => Exception::new(
            ExceptionKind::ServiceSpecific(errno.number().into()),
            alloc::format!("{errno}"),
        ),
        Failure::Security(message) => Exception::new(ExceptionKind::Security, *message),
        Failure::Argument(message) => Exception::new(ExceptionKind::IllegalArgument, *message),
    };
    let mut reply = Writer::new();
    reply.write_exception(&exception);
    Answer::Reply(reply)
}

/// A failure of the transport as a parcel.
pub(super) fn status_parcel(status: i32) -> Writer {
    let mut parcel = Writer::new();
    parcel.write_i32(status);
    parcel
}
