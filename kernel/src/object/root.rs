//! `bindery.IKernel`: finding the others.

use super::call::{Call, Failure, descriptor_of};
use super::{log, power, process_manager, trace, usage};
use crate::binder::BinderFile;
use crate::task::Kernel;
use abi::Errno;
use abi::binder::object::{BINDER_TYPE_BINDER, FLAT_BINDER_FLAG_ACCEPTS_FDS, FlatBinderObject};
use abi::kernel_objects::{self as interface, root};
use abi::parcel::{Stability, Writer};
use binder_driver::ProcId;

/// The context manager's own number.
pub(super) const NODE: u64 = 0;

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    let Call {
        kernel,
        request,
        reply,
        ..
    } = call;
    match call.incoming.code {
        root::GET => {
            let name = request.read_string16()?;
            match node_of(&name) {
                Some(node) => write_object(reply, node),
                None => reply.write_null_binder(),
            }
        }
        root::CARRY => {
            let from = device(kernel, request.read_fd()?)?;
            let handle = request.read_i32()?.cast_unsigned();
            let to = device(kernel, request.read_fd()?)?;
            let carried = kernel.driver.grant(from, handle, to)?;
            reply.write_i32(carried.cast_signed());
        }
        root::DESCRIBE => reply.write_string16(descriptor_of(request.read_u64()?)),
        root::LIST => reply.write_string16_array(&interface::NAMES),
        _ => return Err(Failure::UnknownMethod),
    }
    Ok(())
}

/// The open binder device behind a descriptor that came with the call.
fn device(kernel: &Kernel, descriptor: i32) -> Result<ProcId, Errno> {
    let file = kernel.objects.files.get(descriptor)?;
    file.downcast::<BinderFile>()
        .map(BinderFile::proc)
        .ok_or(Errno::EINVAL)
}

fn node_of(name: &str) -> Option<u64> {
    /// In the order of the names.
    static NODES: [u64; interface::NAMES.len()] = [
        process_manager::NODE,
        power::NODE,
        usage::NODE,
        log::NODE,
        trace::NODE,
    ];
    let place = interface::NAMES.iter().position(|known| *known == name)?;
    NODES.get(place).copied()
}

/// Writes one of the kernel's objects.
pub(super) fn write_object(reply: &mut Writer, node: u64) {
    reply.write_binder(&object(node), Stability::SYSTEM);
}

/// One of the kernel's objects as the driver is told of it. It takes descriptors, and asks for no particular priority.
pub(super) fn object(node: u64) -> FlatBinderObject {
    FlatBinderObject {
        kind: BINDER_TYPE_BINDER,
        flags: FLAT_BINDER_FLAG_ACCEPTS_FDS | NICE_ANY,
        binder: node,
        cookie: node,
    }
}

/// The nice value of objects that do not care.
const NICE_ANY: u32 = 0x13;
