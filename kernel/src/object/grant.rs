//! The handles that a program is confined to.
//!
//! It gets an open binder device in a context without a manager, and on it exactly these handles. So there is no
//! handle 0, and none that it could have got from anywhere but from who started it and from whom those objects lead to.

use super::call::Failure;
use super::open_for;
use crate::binder::BinderFile;
use crate::file::{CloseOnExec, FileTable, OpenFile};
use crate::task::{Kernel, Limits, Pid};
use abi::Errno;
use abi::binder::object::{BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE};
use abi::file::OpenFlags;
use abi::kernel_objects::process_manager::{DEVICE_VARIABLE, HANDLES_VARIABLE, NULL_LIST};
use abi::parcel::Reader;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use binder_driver::{Context, ProcId};

/// The most descriptors or handles that one program is given.
pub(super) const GIVEN_MAX: usize = 64;

/// A handle that a program is to get.
pub(super) struct Grant {
    name: String,
    object: Granted,
}

/// What it leads to, as the kernel knows it.
enum Granted {
    /// An object of another process, by the kernel's own handle.
    Handle(u32),
    /// One of the kernel's objects, by its number.
    Own(u64),
}

/// Reads the list of handles; nothing for a null list, which confines to nothing.
#[inline(never)]
pub(super) fn read(request: &mut Reader<'_>) -> Result<Option<Vec<Grant>>, Failure> {
    let count = match request.read_i32()? {
        NULL_LIST => return Ok(None),
        count => checked_count(count)?,
    };
    let mut grants: Vec<Grant> = Vec::new();
    for _ in 0..count {
        let name = request.read_string16()?;
        if name.is_empty() || name.bytes().any(|byte| matches!(byte, b'=' | b',' | 0)) {
            return Err(Failure::Argument(&"a handle's name has neither '=' nor ','"));
        }
        if grants.iter().any(|grant| grant.name == name) {
            return Err(Failure::Argument(&"two handles have the same name"));
        }
        let (object, _stability) = request
            .read_binder()?
            .ok_or(Failure::Argument(&"a handle is null"))?;
        let object = match object.kind {
            BINDER_TYPE_HANDLE => Granted::Handle(object.binder as u32),
            BINDER_TYPE_BINDER => Granted::Own(object.binder),
            _ => return Err(Failure::Argument(&"a handle is weak")),
        };
        grants.push(Grant { name, object });
    }
    Ok(Some(grants))
}

/// A count that may be that of a list.
pub(super) fn checked_count(count: i32) -> Result<usize, Failure> {
    match usize::try_from(count) {
        Ok(count) if count <= GIVEN_MAX => Ok(count),
        _ => Err(Failure::Argument(&"too many")),
    }
}

/// Opens the device for the program and puts the handles there. They get the numbers from 1 on, in order, unless two
/// names mean the same object. The environment tells the program.
#[inline(never)]
pub(super) fn give(
    kernel: &mut Kernel,
    pid: Pid,
    grants: &[Grant],
    table: &mut FileTable,
    environment: &mut Vec<Vec<u8>>,
) -> Result<(), Errno> {
    let own = kernel.objects.proc.ok_or(Errno::ENODEV)?;
    let proc: ProcId = open_for(kernel, Context::Granted, pid)?;
    let device = Box::new(BinderFile::new(proc, None));
    let device = OpenFile::nameless(device, OpenFlags::READ_WRITE, b"anon_inode:[binder]".to_vec());
    let installed = table.install(&device, CloseOnExec::No, 0, Limits::INITIAL.descriptors());
    // If the table has it, this reference is not the last; else the device is closed with it.
    kernel.release_file(device);
    let descriptor = installed?;
    let mut names = format!("{HANDLES_VARIABLE}=");
    for (place, grant) in grants.iter().enumerate() {
        let handle = match grant.object {
            Granted::Handle(handle) => kernel.driver.grant(own, handle, proc)?,
            Granted::Own(node) => kernel.driver.grant_own(own, node, proc)?,
        };
        let comma = if place == 0 { "" } else { "," };
        names.push_str(&format!("{comma}{}={handle}", grant.name));
    }
    // What the caller wrote there would tell of handles that the program does not have.
    environment.retain(|variable| {
        let is = |name: &str| {
            variable
                .strip_prefix(name.as_bytes())
                .is_some_and(|rest| rest.first() == Some(&b'='))
        };
        !is(DEVICE_VARIABLE) && !is(HANDLES_VARIABLE)
    });
    environment.push(format!("{DEVICE_VARIABLE}={descriptor}").into_bytes());
    environment.push(names.into_bytes());
    Ok(())
}
