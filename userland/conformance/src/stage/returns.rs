//! Decodes what a read returned.

use abi::binder::reply as br;
use abi::binder::reply::FrozenStateInfo;
use abi::binder::{PtrCookie, TransactionData, TransactionDataSecctx, payload_size};
use alloc::vec::Vec;
use zerocopy::FromBytes;

/// One return with its payload.
pub(super) enum Return {
    /// A code without payload, or one that this table does not know.
    Bare(u32),
    /// A call or reply, with the address of its security context if it has one.
    Transaction(u32, TransactionData, Option<u64>),
    /// A refcount request.
    Node(u32, PtrCookie),
    /// A code with a cookie.
    Cookie(u32, u64),
    /// A freeze notification.
    Frozen(FrozenStateInfo),
    /// Bytes that are no return.
    Rest(Vec<u8>),
}

impl Return {
    /// Its code; 0 if it has none.
    pub(super) const fn code(&self) -> u32 {
        match self {
            Self::Bare(code) | Self::Transaction(code, ..) | Self::Node(code, _) | Self::Cookie(code, _) => {
                *code
            }
            Self::Frozen(_) => br::BR_FROZEN_BINDER,
            Self::Rest(_) => 0,
        }
    }
}

/// Splits the bytes of a read into returns.
pub(super) fn decode(mut bytes: &[u8]) -> Vec<Return> {
    let mut returns = Vec::new();
    while let Some((code, rest)) = bytes.split_at_checked(4) {
        let code = u32::from_le_bytes([code[0], code[1], code[2], code[3]]);
        // The driver writes no payload behind BR_ERROR, though the code announces one.
        let size = if code == br::BR_ERROR {
            0
        } else {
            payload_size(code)
        };
        let known = br::name(code).is_some();
        let Some((payload, rest)) = rest.split_at_checked(size).filter(|_| known) else {
            break;
        };
        returns.push(one(code, payload));
        bytes = rest;
    }
    if !bytes.is_empty() {
        returns.push(Return::Rest(bytes.to_vec()));
    }
    returns
}

fn one(code: u32, payload: &[u8]) -> Return {
    let bare = Return::Bare(code);
    match code {
        br::BR_TRANSACTION | br::BR_REPLY => TransactionData::read_from_bytes(payload)
            .map_or(bare, |data| Return::Transaction(code, data, None)),
        br::BR_TRANSACTION_SEC_CTX => TransactionDataSecctx::read_from_bytes(payload).map_or(bare, |data| {
            Return::Transaction(code, data.transaction_data, Some(data.secctx))
        }),
        br::BR_INCREFS | br::BR_ACQUIRE | br::BR_RELEASE | br::BR_DECREFS => {
            PtrCookie::read_from_bytes(payload).map_or(bare, |node| Return::Node(code, node))
        }
        br::BR_FROZEN_BINDER => FrozenStateInfo::read_from_bytes(payload).map_or(bare, Return::Frozen),
        br::BR_DEAD_BINDER | br::BR_CLEAR_DEATH_NOTIFICATION_DONE | br::BR_CLEAR_FREEZE_NOTIFICATION_DONE => {
            u64::read_from_bytes(payload).map_or(bare, |cookie| Return::Cookie(code, cookie))
        }
        _ => bare,
    }
}

/// The calls and replies among the bytes of a read, each with the address of its security context if it has one.
pub(crate) fn transactions(bytes: &[u8]) -> impl Iterator<Item = (TransactionData, Option<u64>)> {
    decode(bytes).into_iter().filter_map(|item| match item {
        Return::Transaction(_, data, context) => Some((data, context)),
        _ => None,
    })
}
