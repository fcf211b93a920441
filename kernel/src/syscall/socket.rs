//! Pairs of sockets, and what is asked of them beyond reading and writing.

use super::path::open_file;
use crate::file::{OpenFile, Patience, Socket, Taking, UserMemory, socket_pair};
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::file::OpenFlags;
use abi::signal::Signal;
use abi::socket::{
    AF_MAX, AF_UNIX, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, SHUT_RD, SHUT_RDWR, SHUT_WR, SO_DOMAIN, SO_ERROR,
    SO_PROTOCOL, SO_TYPE, SOCK_MAX, SOCK_STREAM, SOCK_TYPE_MASK, SOL_SOCKET,
};

/// `socketpair`.
pub(crate) fn socketpair(
    kernel: &mut Kernel,
    [family, kind, protocol, into, ..]: [u64; 6],
) -> Result<u64, Flow> {
    let (family, kind, protocol) = (family as u32, kind as u32, protocol as u32);
    let flags = OpenFlags::from_bits_retain(kind & !SOCK_TYPE_MASK);
    if !(OpenFlags::CLOSE_ON_EXEC | OpenFlags::NONBLOCK).contains(flags) {
        return Err(Errno::EINVAL.into());
    }
    kernel.check_room_for_pair()?;
    match (family, kind & SOCK_TYPE_MASK, protocol) {
        (AF_MAX.., ..) => Err(Errno::EAFNOSUPPORT),
        (_, SOCK_MAX.., _) => Err(Errno::EINVAL),
        (AF_UNIX, _, 2..) => Err(Errno::EPROTONOSUPPORT),
        (AF_UNIX, SOCK_STREAM, _) => Ok(()),
        (AF_UNIX, ..) => Err(Errno::ESOCKTNOSUPPORT),
        _ => Err(Errno::EAFNOSUPPORT),
    }?;
    kernel.install_pair(into, flags, socket_pair(flags - OpenFlags::CLOSE_ON_EXEC))
}

/// `sendto`. The other end is known, so there is no address.
pub(crate) fn sendto(
    kernel: &mut Kernel,
    [descriptor, address, length, flags, to, to_length]: [u64; 6],
) -> Result<u64, Flow> {
    let flags = flags as u32;
    let mut from = UserMemory::new(address, length)?;
    with_socket(kernel, descriptor, |kernel, open, socket| {
        if to != 0 && to_length as u32 != 0 {
            return Err(Errno::EISCONN.into());
        }
        if flags & !(MSG_DONTWAIT | MSG_NOSIGNAL) != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let patience = if flags & MSG_DONTWAIT != 0 {
            Patience::None
        } else {
            Patience::of(open)
        };
        let sent = socket.send(kernel, &mut from, patience);
        if sent == Err(Errno::EPIPE.into()) && flags & MSG_NOSIGNAL == 0 {
            kernel.raise(Signal::SIGPIPE);
        }
        conclude(sent, patience)
    })
}

/// `recvfrom`. The other end has no address, and its length is told to be 0.
pub(crate) fn recvfrom(
    kernel: &mut Kernel,
    [descriptor, address, length, flags, source, source_length]: [u64; 6],
) -> Result<u64, Flow> {
    let flags = flags as u32;
    let mut into = UserMemory::new(address, length)?;
    with_socket(kernel, descriptor, |kernel, open, socket| {
        if flags & !(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_PEEK) != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let taking = if flags & MSG_PEEK != 0 {
            Taking::Peeks
        } else {
            Taking::Takes
        };
        let patience = if flags & MSG_DONTWAIT != 0 {
            Patience::None
        } else {
            Patience::of(open)
        };
        let received = socket.receive(kernel, &mut into, taking);
        let count = conclude(received, patience)?;
        if source != 0 {
            user::write_value(source_length, &0_u32)?;
        }
        Ok(count)
    })
}

/// `shutdown`.
pub(crate) fn shutdown(kernel: &mut Kernel, [descriptor, how, ..]: [u64; 6]) -> Result<u64, Flow> {
    let how = how as u32;
    with_socket(kernel, descriptor, |kernel, _, socket| {
        if how > SHUT_RDWR {
            return Err(Errno::EINVAL.into());
        }
        if how != SHUT_WR {
            socket.stop_reading(kernel);
        }
        if how != SHUT_RD {
            socket.stop_writing(kernel);
        }
        Ok(0)
    })
}

/// `getsockopt`: what a socket is, and its error.
pub(crate) fn getsockopt(
    kernel: &mut Kernel,
    [descriptor, level, option, into, length, _]: [u64; 6],
) -> Result<u64, Flow> {
    let (level, option) = (level as u32, option as u32);
    with_socket(kernel, descriptor, |_, _, socket| {
        if level != SOL_SOCKET {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let room: i32 = user::read_value(length)?;
        let room = usize::try_from(room).map_err(|_| Errno::EINVAL)?;
        let value = match option {
            SO_TYPE => SOCK_STREAM,
            SO_ERROR => socket.take_error().map_or(0, |errno| u32::from(errno.number())),
            SO_PROTOCOL => 0,
            SO_DOMAIN => AF_UNIX,
            _ => return Err(Errno::ENOPROTOOPT.into()),
        };
        let told = room.min(size_of::<u32>());
        user::write(into, &value.to_ne_bytes()[..told])?;
        user::write_value(length, &(told as u32))?;
        Ok(0)
    })
}

fn conclude(progress: Result<usize, Flow>, patience: Patience) -> Result<u64, Flow> {
    match progress {
        Ok(count) => Ok(count as u64),
        Err(Flow::BLOCK) if patience == Patience::None => Err(Errno::EAGAIN.into()),
        Err(flow) => Err(flow),
    }
}

/// Does something with the socket of a descriptor.
fn with_socket(
    kernel: &mut Kernel,
    descriptor: u64,
    action: impl FnOnce(&mut Kernel, &OpenFile, &Socket) -> Result<u64, Flow>,
) -> Result<u64, Flow> {
    let open = open_file(kernel, descriptor)?;
    let result = match open.downcast::<Socket>() {
        Some(socket) => action(kernel, &open, socket),
        None => Err(Errno::ENOTSOCK.into()),
    };
    kernel.release_file(open);
    result
}
