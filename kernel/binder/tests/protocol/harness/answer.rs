//! What a thread got from an ioctl.

use abi::Errno;
use abi::binder::reply as br;
use abi::binder::reply::FrozenStateInfo;
use abi::binder::{PtrCookie, TransactionData, payload_size};
use std::fmt;
use zerocopy::FromBytes;

/// One return.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) name: &'static str,
    payload: Vec<u8>,
}

impl Item {
    pub(crate) fn transaction(&self) -> TransactionData {
        TransactionData::read_from_prefix(&self.payload)
            .expect("a transaction")
            .0
    }

    pub(crate) fn secctx(&self) -> u64 {
        u64::read_from_bytes(&self.payload[64..]).expect("a security context")
    }

    pub(crate) fn name_of_node(&self) -> (u64, u64) {
        let name = PtrCookie::read_from_bytes(&self.payload).expect("a node's name");
        (name.ptr, name.cookie)
    }

    pub(crate) fn cookie(&self) -> u64 {
        u64::read_from_prefix(&self.payload).expect("a cookie").0
    }

    pub(crate) fn frozen(&self) -> (u64, u32) {
        let info = FrozenStateInfo::read_from_bytes(&self.payload).expect("a state");
        (info.cookie, info.is_frozen)
    }
}

/// The outcome of `BINDER_WRITE_READ`.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) result: Result<i32, Errno>,
    pub(crate) write_consumed: u64,
    pub(crate) read_consumed: u64,
    pub(crate) items: Vec<Item>,
}

impl Answer {
    /// Takes apart the bytes of a read.
    pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Item> {
        let mut items = Vec::new();
        while let Ok((code, rest)) = u32::read_from_prefix(bytes) {
            let (payload, rest) = rest.split_at(payload_size(code));
            bytes = rest;
            // Room that counted as filled before the read.
            if code == 0 {
                continue;
            }
            items.push(Item {
                name: short_name(code),
                payload: payload.to_vec(),
            });
        }
        items
    }

    /// The returns in short, or the error.
    pub(crate) fn text(&self) -> String {
        match self.result {
            Err(errno) => format!("{errno:?}"),
            Ok(_) => {
                let names: Vec<_> = self.items.iter().map(|item| item.name).collect();
                names.join(" ")
            }
        }
    }

    /// The only return of this name.
    #[track_caller]
    pub(crate) fn item(&self, name: &str) -> &Item {
        let mut found = self.items.iter().filter(|item| item.name == name);
        match (found.next(), found.next()) {
            (Some(item), None) => item,
            _ => panic!("not exactly one {name} in {}", self.text()),
        }
    }

    /// The incoming call.
    #[track_caller]
    pub(crate) fn call(&self) -> TransactionData {
        self.item("TXN").transaction()
    }

    /// The reply.
    #[track_caller]
    pub(crate) fn reply(&self) -> TransactionData {
        self.item("REPLY").transaction()
    }
}

impl PartialEq<&str> for Answer {
    fn eq(&self, other: &&str) -> bool {
        self.text() == *other
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} (wc {}, rc {})",
            self.text(),
            self.write_consumed,
            self.read_consumed
        )
    }
}

fn short_name(code: u32) -> &'static str {
    match code {
        br::BR_ERROR => "ERROR",
        br::BR_TRANSACTION => "TXN",
        br::BR_TRANSACTION_SEC_CTX => "TXN_SEC_CTX",
        br::BR_REPLY => "REPLY",
        br::BR_DEAD_REPLY => "DEAD",
        br::BR_TRANSACTION_COMPLETE => "TC",
        br::BR_INCREFS => "INCREFS",
        br::BR_ACQUIRE => "ACQUIRE",
        br::BR_RELEASE => "RELEASE",
        br::BR_DECREFS => "DECREFS",
        br::BR_NOOP => "N",
        br::BR_SPAWN_LOOPER => "SPAWN",
        br::BR_DEAD_BINDER => "DEAD_BINDER",
        br::BR_CLEAR_DEATH_NOTIFICATION_DONE => "CLEAR_DONE",
        br::BR_FAILED_REPLY => "FAILED",
        br::BR_FROZEN_REPLY => "FROZEN",
        br::BR_ONEWAY_SPAM_SUSPECT => "SPAM_SUSPECT",
        br::BR_TRANSACTION_PENDING_FROZEN => "PENDING_FROZEN",
        br::BR_FROZEN_BINDER => "FROZEN_BINDER",
        br::BR_CLEAR_FREEZE_NOTIFICATION_DONE => "CLEAR_FREEZE_DONE",
        _ => panic!("the driver never returns {code:#x}"),
    }
}
