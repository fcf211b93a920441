//! What an actor is asked to do for a step.

use super::actor::Player;
use super::arena;
use crate::operation::Operation;
use crate::script::{Action, Step};

/// Turns a step into the system call that an actor makes.
pub(super) fn operation(step: &Step, named_pid: i32, players: &mut [Player]) -> Operation {
    let slot = step.slot;
    match &step.action {
        Action::Open { device, nonblocking } => Operation::Open {
            slot,
            device: *device,
            nonblocking: *nonblocking,
        },
        Action::Map {
            length,
            writable,
            shared,
        } => Operation::Map {
            slot,
            length: *length,
            writable: *writable,
            shared: *shared,
        },
        Action::Unmap { offset } => Operation::Unmap {
            slot,
            offset: *offset,
        },
        Action::MakeWritable => Operation::MakeWritable { slot },
        Action::Peek { offset, length } => Operation::Peek {
            slot,
            offset: *offset,
            length: *length,
        },
        Action::Close => Operation::Close { slot },
        Action::Duplicate { to } => Operation::Duplicate { slot, to: *to },
        Action::WriteRead(call) => {
            let arena::Prepared { memory, header } = arena::prepare(step.thread, call, players);
            Operation::WriteRead { slot, memory, header }
        }
        Action::Ioctl { request, argument } => Operation::Ioctl {
            slot,
            request: *request,
            argument: argument.clone(),
        },
        Action::IoctlOfProcess {
            request, argument, ..
        } => {
            let mut bytes = named_pid.to_le_bytes().to_vec();
            bytes.extend_from_slice(argument);
            Operation::Ioctl {
                slot,
                request: *request,
                argument: bytes,
            }
        }
        Action::IoctlAt { request, address } => Operation::IoctlAt {
            slot,
            request: *request,
            address: *address,
        },
        Action::Poll { events, timeout } => Operation::Poll {
            slot,
            events: *events,
            timeout: *timeout,
        },
        Action::SetNice(nice) => Operation::SetNice(*nice),
        Action::Nice | Action::Die | Action::Signal => Operation::Nice,
        Action::Pipe => Operation::Pipe,
        Action::CloseDescriptor(descriptor) => Operation::CloseDescriptor(*descriptor),
        Action::Write(descriptor, bytes) => Operation::Write(*descriptor, bytes.clone()),
        Action::Read(descriptor) => Operation::Read(*descriptor),
        Action::Descriptor(descriptor) => Operation::Descriptor(*descriptor),
    }
}
