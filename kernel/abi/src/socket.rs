//! Sockets: `socketpair`, `sendto`, `recvfrom`, `shutdown`, `getsockopt`.

/// `AF_UNIX`: sockets within the machine.
pub const AF_UNIX: u32 = 1;
/// One more than the number of the last family.
pub const AF_MAX: u32 = 46;
/// One more than the number of the last kind.
pub const SOCK_MAX: u32 = 11;

/// `SOCK_STREAM`: bytes without borders.
pub const SOCK_STREAM: u32 = 1;
/// The bits of a kind; what is above them are flags.
pub const SOCK_TYPE_MASK: u32 = 0xf;

/// `MSG_PEEK`: what is read stays.
pub const MSG_PEEK: u32 = 0x2;
/// `MSG_DONTWAIT`: the call does not wait.
pub const MSG_DONTWAIT: u32 = 0x40;
/// `MSG_NOSIGNAL`: no SIGPIPE.
pub const MSG_NOSIGNAL: u32 = 0x4000;

/// `SHUT_RD`: no more reading.
pub const SHUT_RD: u32 = 0;
/// `SHUT_WR`: no more writing.
pub const SHUT_WR: u32 = 1;
/// `SHUT_RDWR`: neither.
pub const SHUT_RDWR: u32 = 2;

/// The level of options that every socket has.
pub const SOL_SOCKET: u32 = 1;
/// `SO_TYPE`: the kind.
pub const SO_TYPE: u32 = 3;
/// `SO_ERROR`: the error that the next call would meet, which is forgotten then.
pub const SO_ERROR: u32 = 4;
/// `SO_PROTOCOL`.
pub const SO_PROTOCOL: u32 = 38;
/// `SO_DOMAIN`: the family.
pub const SO_DOMAIN: u32 = 39;
