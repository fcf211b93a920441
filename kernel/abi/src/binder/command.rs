//! `BC_` codes: what a program writes to the driver.

use super::{NONE, WRITE, code};

macro_rules! commands {
    ($($name:ident = $number:literal, $size:literal, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub const $name: u32 = code(if $size == 0 { NONE } else { WRITE }, b'c', $number, $size);
        )*

        /// The name of a command code, for traces and statistics.
        pub const fn name(command: u32) -> Option<&'static str> {
            match command {
                $($name => Some(stringify!($name)),)*
                _ => None,
            }
        }

        /// Every command code, ascending by number.
        pub const ALL: &[u32] = &[$($name),*];
    };
}

commands! {
    BC_TRANSACTION = 0, 64, "Calls a node. Payload: `TransactionData`.";
    BC_REPLY = 1, 64, "Answers the call on top of the thread's stack. Payload: `TransactionData`.";
    BC_ACQUIRE_RESULT = 2, 4, "Never implemented.";
    BC_FREE_BUFFER = 3, 8, "Gives a delivered buffer back. Payload: its address.";
    BC_INCREFS = 4, 4, "Takes a weak count on a handle.";
    BC_ACQUIRE = 5, 4, "Takes a strong count on a handle.";
    BC_RELEASE = 6, 4, "Drops a strong count on a handle.";
    BC_DECREFS = 7, 4, "Drops a weak count on a handle.";
    BC_INCREFS_DONE = 8, 16, "Acknowledges `BR_INCREFS`. Payload: `PtrCookie`.";
    BC_ACQUIRE_DONE = 9, 16, "Acknowledges `BR_ACQUIRE`. Payload: `PtrCookie`.";
    BC_ATTEMPT_ACQUIRE = 10, 8, "Never implemented.";
    BC_REGISTER_LOOPER = 11, 0, "A thread started on `BR_SPAWN_LOOPER` joins the pool.";
    BC_ENTER_LOOPER = 12, 0, "A thread joins the pool of its own accord.";
    BC_EXIT_LOOPER = 13, 0, "A thread leaves the pool.";
    BC_REQUEST_DEATH_NOTIFICATION = 14, 12, "Asks to hear of a node's death. Payload: `HandleCookie`.";
    BC_CLEAR_DEATH_NOTIFICATION = 15, 12, "Withdraws that wish. Payload: `HandleCookie`.";
    BC_DEAD_BINDER_DONE = 16, 8, "Acknowledges `BR_DEAD_BINDER`. Payload: the cookie.";
    BC_TRANSACTION_SG = 17, 72, "As `BC_TRANSACTION`, with room for scattered buffers.";
    BC_REPLY_SG = 18, 72, "As `BC_REPLY`, with room for scattered buffers.";
    BC_REQUEST_FREEZE_NOTIFICATION = 19, 12, "Asks to hear of a process being frozen. Payload: `HandleCookie`.";
    BC_CLEAR_FREEZE_NOTIFICATION = 20, 12, "Withdraws that wish. Payload: `HandleCookie`.";
    BC_FREEZE_NOTIFICATION_DONE = 21, 8, "Acknowledges `BR_FROZEN_BINDER`. Payload: the cookie.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_uapi() {
        assert_eq!(BC_TRANSACTION, 0x4040_6300);
        assert_eq!(BC_FREE_BUFFER, 0x4008_6303);
        assert_eq!(BC_REGISTER_LOOPER, 0x0000_630b);
        assert_eq!(BC_REQUEST_DEATH_NOTIFICATION, 0x400c_630e);
        assert_eq!(BC_REPLY_SG, 0x4048_6312);
        assert_eq!(BC_FREEZE_NOTIFICATION_DONE, 0x4008_6315);
        assert_eq!(ALL.len(), 22);
    }
}
