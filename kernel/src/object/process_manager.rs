//! `bindery.IProcessManager`: starting programs.

use super::call::{Failure, Incoming};
use super::{open_for, process, root};
use crate::binder::BinderFile;
use crate::file::{CloseOnExec, FileTable, OpenFile};
use crate::task::{Credentials, Kernel, Limits, Pid, Spawn};
use abi::Errno;
use abi::binder::object::BINDER_TYPE_HANDLE;
use abi::file::OpenFlags;
use abi::kernel_objects::process_manager::{self, DEVICE_VARIABLE, HANDLES_VARIABLE};
use abi::parcel::{Reader, Writer};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::ProcId;

/// The object's number.
pub(super) const NODE: u64 = 0x10;

/// The most descriptors or handles that one program is given.
const GIVEN_MAX: usize = 64;

pub(super) fn call(
    kernel: &mut Kernel,
    incoming: &Incoming,
    request: &mut Reader<'_>,
    reply: &mut Writer,
) -> Result<(), Failure> {
    match incoming.code {
        process_manager::SPAWN => {
            let credentials = credentials_of(kernel, incoming);
            let pid = spawn(kernel, request, credentials)?;
            let node = process::create(kernel, pid);
            root::write_object(reply, node);
            reply.write_i32(pid.0 as i32);
        }
        process_manager::LIST => {
            let mut processes: Vec<_> = kernel.processes.iter().collect();
            processes.sort_unstable_by_key(|process| process.id);
            reply.write_length(processes.len());
            for process in processes {
                reply.write_i32(process.id.0 as i32);
                reply.write_string16(process.program_name());
            }
        }
        _ => return Err(Failure::UnknownMethod),
    }
    Ok(())
}

/// A handle that a program is to get: its name, and the kernel's own number for it.
struct Grant {
    name: String,
    handle: u32,
}

/// A program runs as whoever asked for it.
fn credentials_of(kernel: &Kernel, incoming: &Incoming) -> Credentials {
    let user = incoming.user;
    let group = match kernel.processes.get(incoming.sender.0) {
        Some(process) => process.credentials.egid,
        None => user,
    };
    Credentials {
        uid: user,
        euid: user,
        suid: user,
        gid: group,
        egid: group,
        sgid: group,
    }
}

fn spawn(kernel: &mut Kernel, request: &mut Reader<'_>, credentials: Credentials) -> Result<Pid, Failure> {
    let path = request.read_string16()?;
    let arguments = to_bytes(request.read_string16_array()?);
    let mut environment = to_bytes(request.read_string16_array()?);
    let files = read_files(request)?;
    let grants = read_grants(request)?;
    let pid = kernel.reserve_pid()?;
    let mut table = FileTable::new();
    for (number, descriptor) in files {
        let placed = place(kernel, &mut table, number, descriptor);
        if let Err(errno) = placed {
            kernel.release_table(table);
            return Err(errno.into());
        }
    }
    if !grants.is_empty()
        && let Err(errno) = give_handles(kernel, pid, &grants, &mut table, &mut environment)
    {
        kernel.release_table(table);
        return Err(errno.into());
    }
    let program = Spawn {
        id: pid,
        path: path.into_bytes(),
        arguments,
        environment,
        files: table,
        directory: alloc::vec![b'/'],
        credentials,
        limits: Limits::initial(),
    };
    Ok(kernel.spawn(program)?)
}

fn to_bytes(texts: Vec<String>) -> Vec<Vec<u8>> {
    texts.into_iter().map(String::into_bytes).collect()
}

/// The descriptors for the program: its numbers, and the kernel's.
fn read_files(request: &mut Reader<'_>) -> Result<Vec<(usize, i32)>, Failure> {
    let mut files = Vec::new();
    for _ in 0..read_count(request)? {
        let number = request.read_i32()?;
        let number =
            usize::try_from(number).map_err(|_| Failure::argument("a descriptor is not negative"))?;
        if number >= Limits::initial().descriptors() {
            return Err(Failure::argument("the descriptor is beyond the limit"));
        }
        files.push((number, request.read_fd()?));
    }
    Ok(files)
}

fn read_grants(request: &mut Reader<'_>) -> Result<Vec<Grant>, Failure> {
    let mut grants = Vec::new();
    for _ in 0..read_count(request)? {
        let name = request.read_string16()?;
        if name.is_empty() || name.contains(['=', ',']) {
            return Err(Failure::argument("a handle's name has neither '=' nor ','"));
        }
        let (object, _stability) = request
            .read_binder()?
            .ok_or_else(|| Failure::argument("a handle is null"))?;
        if object.kind != BINDER_TYPE_HANDLE {
            return Err(Failure::argument(
                "the kernel's own objects are reached through its root object",
            ));
        }
        grants.push(Grant {
            name,
            handle: object.binder as u32,
        });
    }
    Ok(grants)
}

fn read_count(request: &mut Reader<'_>) -> Result<usize, Failure> {
    match usize::try_from(request.read_i32()?) {
        Ok(count) if count <= GIVEN_MAX => Ok(count),
        _ => Err(Failure::argument("too many")),
    }
}

/// Puts a received descriptor where the program wants it.
fn place(kernel: &mut Kernel, table: &mut FileTable, number: usize, descriptor: i32) -> Result<(), Errno> {
    let file = Arc::clone(kernel.objects.files.get(descriptor)?);
    let placed = table.place(&file, CloseOnExec::No, number);
    // The call's own reference is still there.
    drop(file);
    if let Some(previous) = placed? {
        kernel.release_file(previous);
    }
    Ok(())
}

/// Opens the kernel's context for the program and puts the handles there. They get the numbers from 1 on, in order.
fn give_handles(
    kernel: &mut Kernel,
    pid: Pid,
    grants: &[Grant],
    table: &mut FileTable,
    environment: &mut Vec<Vec<u8>>,
) -> Result<(), Errno> {
    let own = kernel.objects.proc.ok_or(Errno::ENODEV)?;
    let proc: ProcId = open_for(kernel, pid)?;
    let device = Box::new(BinderFile::new(proc));
    let device = OpenFile::nameless(device, OpenFlags::READ_WRITE, b"/dev/kbinder".to_vec());
    let installed = table.install(&device, CloseOnExec::No, 0, Limits::initial().descriptors());
    // If the table has it, this reference is not the last; else the device is closed with it.
    kernel.release_file(device);
    let descriptor = installed?;
    let mut names = Vec::new();
    for grant in grants {
        let handle = kernel.driver.grant(own, grant.handle, proc)?;
        names.push(format!("{}={handle}", grant.name));
    }
    environment.push(format!("{DEVICE_VARIABLE}={descriptor}").into_bytes());
    environment.push(format!("{HANDLES_VARIABLE}={}", names.join(",")).into_bytes());
    Ok(())
}
