//! Names for what a trace must not show as a number: processes, errors, return codes.

use abi::Errno;
use abi::binder::reply as br;
use alloc::borrow::Cow;
use alloc::format;

/// A system call's result: the value, or the name of the error.
pub(super) fn result(result: i64) -> Cow<'static, str> {
    match Errno::from_result(result) {
        Ok(value) => Cow::Owned(format!("{value}")),
        Err(errno) => Cow::Borrowed(errno.name().unwrap_or("E?")),
    }
}

/// The short name of a return code, as the specification's traces write it.
pub(super) fn reply(code: u32) -> Cow<'static, str> {
    Cow::Borrowed(match code {
        br::BR_NOOP => "N",
        br::BR_TRANSACTION_COMPLETE => "TC",
        br::BR_TRANSACTION => "TXN",
        br::BR_TRANSACTION_SEC_CTX => "TXN_SEC_CTX",
        br::BR_REPLY => "REPLY",
        br::BR_FAILED_REPLY => "FAILED",
        br::BR_DEAD_REPLY => "DEAD",
        br::BR_FROZEN_REPLY => "FROZEN",
        br::BR_SPAWN_LOOPER => "SPAWN",
        br::BR_CLEAR_DEATH_NOTIFICATION_DONE => "CLEAR_DEATH_DONE",
        br::BR_CLEAR_FREEZE_NOTIFICATION_DONE => "CLEAR_FREEZE_DONE",
        br::BR_ONEWAY_SPAM_SUSPECT => "SPAM_SUSPECT",
        br::BR_TRANSACTION_PENDING_FROZEN => "PENDING_FROZEN",
        code => match br::name(code) {
            Some(name) => name.strip_prefix("BR_").unwrap_or(name),
            None => return Cow::Owned(format!("?{code:#x}")),
        },
    })
}
