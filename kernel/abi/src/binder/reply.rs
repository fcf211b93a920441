//! `BR_` codes: what a program reads from the driver.

use super::{NONE, READ, code};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

macro_rules! replies {
    ($($name:ident = $number:literal, $size:literal, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub const $name: u32 = code(if $size == 0 { NONE } else { READ }, b'r', $number, $size);
        )*

        /// The name of a return code, for traces and statistics.
        pub const fn name(reply: u32) -> Option<&'static str> {
            match reply {
                $($name => Some(stringify!($name)),)*
                _ => None,
            }
        }

        /// Every return code, ascending by number.
        pub const ALL: &[u32] = &[$($name),*];
    };
}

replies! {
    BR_ERROR = 0, 4, "A command failed for want of memory.";
    BR_OK = 1, 0, "Never returned; stands for \"no error\" in `ExtendedError`.";
    BR_TRANSACTION = 2, 64, "An incoming call. Payload: `TransactionData`.";
    BR_TRANSACTION_SEC_CTX = 2, 72, "An incoming call with the sender's security context. Payload: `TransactionDataSecctx`.";
    BR_REPLY = 3, 64, "The answer to the thread's call. Payload: `TransactionData`.";
    BR_ACQUIRE_RESULT = 4, 4, "Never returned.";
    BR_DEAD_REPLY = 5, 0, "The target is dead.";
    BR_TRANSACTION_COMPLETE = 6, 0, "The thread's own call or reply was accepted.";
    BR_INCREFS = 7, 16, "The node has its first weak reference. Payload: `PtrCookie`.";
    BR_ACQUIRE = 8, 16, "The node has its first strong reference. Payload: `PtrCookie`.";
    BR_RELEASE = 9, 16, "The node's last strong reference is gone. Payload: `PtrCookie`.";
    BR_DECREFS = 10, 16, "The node's last weak reference is gone. Payload: `PtrCookie`.";
    BR_ATTEMPT_ACQUIRE = 11, 24, "Never returned.";
    BR_NOOP = 12, 0, "The first word of a read.";
    BR_SPAWN_LOOPER = 13, 0, "The driver would like one more thread in the pool.";
    BR_FINISHED = 14, 0, "Never returned.";
    BR_DEAD_BINDER = 15, 8, "A watched node died. Payload: the cookie.";
    BR_CLEAR_DEATH_NOTIFICATION_DONE = 16, 8, "The watch was withdrawn. Payload: the cookie.";
    BR_FAILED_REPLY = 17, 0, "The thread's call or reply was rejected, or its answer failed.";
    BR_FROZEN_REPLY = 18, 0, "The target is frozen.";
    BR_ONEWAY_SPAM_SUSPECT = 19, 0, "Accepted, but this sender floods the receiver.";
    BR_TRANSACTION_PENDING_FROZEN = 20, 0, "Accepted; the receiver is frozen and will see it later.";
    BR_FROZEN_BINDER = 21, 16, "A watched process was frozen or thawed. Payload: `FrozenStateInfo`.";
    BR_CLEAR_FREEZE_NOTIFICATION_DONE = 22, 8, "The watch was withdrawn. Payload: the cookie.";
}

/// The payload of [`BR_FROZEN_BINDER`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FrozenStateInfo {
    /// The registration's cookie.
    pub cookie: u64,
    /// 1 when frozen, 0 when thawed.
    pub is_frozen: u32,
    /// Zero.
    pub reserved: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_uapi() {
        assert_eq!(BR_ERROR, 0x8004_7200);
        assert_eq!(BR_TRANSACTION, 0x8040_7202);
        assert_eq!(BR_TRANSACTION_SEC_CTX, 0x8048_7202);
        assert_eq!(BR_DEAD_REPLY, 0x7205);
        assert_eq!(BR_DEAD_BINDER, 0x8008_720f);
        assert_eq!(BR_FROZEN_BINDER, 0x8010_7215);
        assert_eq!(BR_CLEAR_FREEZE_NOTIFICATION_DONE, 0x8008_7216);
    }
}
