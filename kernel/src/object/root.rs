//! `bindery.IKernel`: finding the others.

use super::call::Failure;
use super::{log, power, process_manager, trace, usage};
use abi::binder::object::{BINDER_TYPE_BINDER, FlatBinderObject};
use abi::kernel_objects::{self as interface, root};
use abi::parcel::{Reader, Stability, Writer};

/// The context manager's own number.
pub(super) const NODE: u64 = 0;

pub(super) fn call(code: u32, request: &mut Reader<'_>, reply: &mut Writer) -> Result<(), Failure> {
    match code {
        root::GET => {
            let name = request.read_string16()?;
            match node_of(&name) {
                Some(node) => write_object(reply, node),
                None => reply.write_null_binder(),
            }
        }
        root::LIST => reply.write_string16_array(&interface::NAMES),
        _ => return Err(Failure::UnknownMethod),
    }
    Ok(())
}

fn node_of(name: &str) -> Option<u64> {
    Some(match name {
        interface::process_manager::NAME => process_manager::NODE,
        interface::power::NAME => power::NODE,
        interface::memory::NAME => usage::NODE,
        interface::log::NAME => log::NODE,
        interface::trace::NAME => trace::NODE,
        _ => return None,
    })
}

/// Writes one of the kernel's objects.
pub(super) fn write_object(reply: &mut Writer, node: u64) {
    let object = FlatBinderObject {
        kind: BINDER_TYPE_BINDER,
        // It takes descriptors, and asks for no particular priority.
        flags: abi::binder::object::FLAT_BINDER_FLAG_ACCEPTS_FDS | NICE_ANY,
        binder: node,
        cookie: node,
    };
    reply.write_binder(&object, Stability::SYSTEM);
}

/// The nice value of objects that do not care.
const NICE_ANY: u32 = 0x13;
