//! `bindery.IProcessManager`: starting programs.
//!
//! There are two objects. The full one starts programs of either kind; to hold it is to reach everything. The other one
//! starts confined programs only, so that a confined program can have programs of its own.

use super::call::{Call, Failure, Incoming};
use super::{grant, lease, process, root};
use crate::defect::{self, Defect};
use crate::file::{CloseOnExec, FileTable};
use crate::task::{Credentials, Kernel, Limits, Pid, Reach, Spawn};
use abi::Errno;
use abi::kernel_objects::process_manager;
use abi::parcel::Reader;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The number of the full object.
pub(super) const NODE: u64 = 0x10;

/// The number of the one for confined programs only.
pub(super) const CONFINED_NODE: u64 = 0x18;

/// What the called object may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// Everything that the interface has.
    Full,
    /// Starting confined programs.
    Confined,
}

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    let power = match call.incoming.node {
        CONFINED_NODE => Power::Confined,
        _ => Power::Full,
    };
    match call.incoming.code {
        code @ (process_manager::SPAWN | process_manager::SPAWN_LEASED) => {
            let pid = spawn(call, power)?;
            let Call { kernel, reply, .. } = call;
            let node = process::create(kernel, pid);
            root::write_object(reply, node);
            reply.write_i32(pid.0 as i32);
            if code == process_manager::SPAWN_LEASED {
                let lease = lease::create(kernel, node, pid);
                root::write_object(reply, lease);
            }
        }
        process_manager::CONFINED => root::write_object(&mut call.reply, CONFINED_NODE),
        process_manager::LIST if power == Power::Confined => {
            return Err(Failure::Security(&"this process manager lists nothing"));
        }
        process_manager::LIST => {
            let Call { kernel, reply, .. } = call;
            let mut processes: Vec<_> = kernel.processes.iter().collect();
            binder_driver::sort_by_key(&mut processes, |process| process.id);
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

/// A program runs as whoever asked for it. A call that is one-way names nobody, and nobody would hold the program.
fn credentials_of(kernel: &Kernel, incoming: &Incoming) -> Result<Credentials, Failure> {
    let Some(process) = kernel.processes.get(incoming.sender.0) else {
        return Err(Failure::Security(&"nobody is there to hold the program"));
    };
    let (user, group) = (incoming.user, process.credentials.egid);
    Ok(Credentials {
        uid: user,
        euid: user,
        suid: user,
        gid: group,
        egid: group,
        sgid: group,
    })
}

#[inline(never)]
fn spawn(call: &mut Call<'_>, power: Power) -> Result<Pid, Failure> {
    let credentials = credentials_of(call.kernel, call.incoming)?;
    let Call { kernel, request, .. } = call;
    let path = request.read_string16()?;
    if !path.starts_with('/') {
        return Err(Failure::Argument(&"a program's path is absolute"));
    }
    let arguments = to_bytes(request.read_string16_array()?);
    let mut environment = to_bytes(request.read_string16_array()?);
    let files = read_files(request)?;
    let grants = grant::read(request)?;
    if grants.is_none() && power == Power::Confined {
        return Err(Failure::Security(
            &"this process manager starts confined programs only",
        ));
    }
    let reach = match grants {
        None => Reach::Everything,
        Some(_) if defect::is(Defect::Confinement) => Reach::Everything,
        Some(_) => Reach::Granted,
    };
    let pid = kernel.reserve_pid()?;
    let mut table = FileTable::new();
    for (number, descriptor) in files {
        let placed = place(kernel, &mut table, number, descriptor);
        if let Err(errno) = placed {
            kernel.release_table(table);
            return Err(errno.into());
        }
    }
    if let Some(grants) = grants
        && let Err(errno) = grant::give(kernel, pid, &grants, &mut table, &mut environment)
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
        credentials,
        reach,
    };
    Ok(kernel.spawn(program)?)
}

fn to_bytes(texts: Vec<String>) -> Vec<Vec<u8>> {
    texts.into_iter().map(String::into_bytes).collect()
}

/// The descriptors for the program: its numbers, and the kernel's.
#[inline(never)]
fn read_files(request: &mut Reader<'_>) -> Result<Vec<(usize, i32)>, Failure> {
    let mut files = Vec::new();
    for _ in 0..grant::checked_count(request.read_i32()?)? {
        let number = request.read_i32()?;
        let number =
            usize::try_from(number).map_err(|_| Failure::Argument(&"a descriptor is not negative"))?;
        if number >= Limits::INITIAL.descriptors() {
            return Err(Failure::Argument(&"the descriptor is beyond the limit"));
        }
        files.push((number, request.read_fd()?));
    }
    Ok(files)
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
