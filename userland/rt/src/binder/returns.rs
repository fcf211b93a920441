//! What the driver has sent.

use super::{Delivered, Device};
use abi::binder::reply::{self, FrozenStateInfo};
use abi::binder::{PtrCookie, TransactionData, TransactionDataSecctx};
use alloc::vec;
use alloc::vec::Vec;
use zerocopy::FromBytes;

/// Room for a handful of returns, as Android's library has it.
const ROOM: usize = 256;

/// An incoming call, or the answer to one.
#[derive(Debug)]
pub struct Incoming {
    /// What the driver says about it.
    pub data: TransactionData,
    /// Its bytes. `None` when they do not lie in the region, which no driver does.
    pub delivered: Option<Delivered>,
}

/// One thing that the driver said. The names are those of the `BR_` codes.
#[derive(Debug)]
pub enum Return {
    /// A command failed for want of memory.
    Error(i32),
    /// Nothing.
    Noop,
    /// A call.
    Transaction(Incoming),
    /// The answer to the thread's call.
    Reply(Incoming),
    /// The thread's call or reply was accepted.
    TransactionComplete,
    /// Accepted, but this sender floods the receiver.
    OnewaySpamSuspect,
    /// Accepted; the receiver is frozen and will see it later.
    TransactionPendingFrozen,
    /// The target is dead.
    DeadReply,
    /// The call or reply was rejected, or its answer failed.
    FailedReply,
    /// The target is frozen.
    FrozenReply,
    /// A node has its first weak reference.
    IncRefs(PtrCookie),
    /// A node has its first strong reference.
    Acquire(PtrCookie),
    /// A node's last strong reference is gone.
    Release(PtrCookie),
    /// A node's last weak reference is gone.
    DecRefs(PtrCookie),
    /// One more thread is wanted in the pool.
    SpawnLooper,
    /// A watched node died.
    DeadBinder(u64),
    /// A watch was withdrawn.
    ClearDeathNotificationDone(u64),
    /// A watched process was frozen or thawed.
    FrozenBinder(FrozenStateInfo),
    /// A watch was withdrawn.
    ClearFreezeNotificationDone(u64),
    /// A code that means nothing here.
    Unknown(u32),
}

/// What the driver has sent and nobody has looked at yet.
pub struct Returns {
    buffer: Vec<u8>,
    position: usize,
    end: usize,
    device: Option<&'static Device>,
}

impl Default for Returns {
    fn default() -> Self {
        Self::new()
    }
}

impl Returns {
    /// Nothing.
    pub fn new() -> Self {
        Self {
            buffer: vec![0; ROOM],
            position: 0,
            end: 0,
            device: None,
        }
    }

    /// Whether everything was looked at.
    pub const fn is_empty(&self) -> bool {
        self.position >= self.end
    }

    /// Where the driver may write, and how much. All that is still in there will be lost.
    pub(super) fn room(&self) -> (u64, u64) {
        (self.buffer.as_ptr() as u64, self.buffer.len() as u64)
    }

    /// Notes that the driver wrote `count` bytes.
    pub(super) fn filled(&mut self, device: &'static Device, count: u64) {
        self.position = 0;
        self.end = usize::try_from(count).unwrap_or(0).min(self.buffer.len());
        self.device = Some(device);
    }

    /// The bytes that nobody has looked at yet.
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(self.position..self.end).unwrap_or_default()
    }

    fn take<T: FromBytes>(&mut self) -> Option<T> {
        let (value, _) = T::read_from_prefix(self.bytes()).ok()?;
        self.position += size_of::<T>();
        Some(value)
    }

    fn incoming(&mut self, data: TransactionData, security_context: Option<u64>) -> Option<Incoming> {
        let delivered = Delivered::new(self.device?, &data, security_context);
        Some(Incoming { data, delivered })
    }

    /// The next return, with its code.
    pub fn next_return(&mut self) -> Option<(u32, Return)> {
        let code = self.take::<u32>()?;
        let value = match code {
            reply::BR_ERROR => Return::Error(self.take()?),
            reply::BR_NOOP | reply::BR_OK => Return::Noop,
            reply::BR_TRANSACTION => {
                let data = self.take()?;
                Return::Transaction(self.incoming(data, None)?)
            }
            reply::BR_TRANSACTION_SEC_CTX => {
                let data: TransactionDataSecctx = self.take()?;
                Return::Transaction(self.incoming(data.transaction_data, Some(data.secctx))?)
            }
            reply::BR_REPLY => {
                let data = self.take()?;
                Return::Reply(self.incoming(data, None)?)
            }
            reply::BR_TRANSACTION_COMPLETE => Return::TransactionComplete,
            reply::BR_ONEWAY_SPAM_SUSPECT => Return::OnewaySpamSuspect,
            reply::BR_TRANSACTION_PENDING_FROZEN => Return::TransactionPendingFrozen,
            reply::BR_DEAD_REPLY => Return::DeadReply,
            reply::BR_FAILED_REPLY => Return::FailedReply,
            reply::BR_FROZEN_REPLY => Return::FrozenReply,
            reply::BR_INCREFS => Return::IncRefs(self.take()?),
            reply::BR_ACQUIRE => Return::Acquire(self.take()?),
            reply::BR_RELEASE => Return::Release(self.take()?),
            reply::BR_DECREFS => Return::DecRefs(self.take()?),
            reply::BR_SPAWN_LOOPER => Return::SpawnLooper,
            reply::BR_DEAD_BINDER => Return::DeadBinder(self.take()?),
            reply::BR_CLEAR_DEATH_NOTIFICATION_DONE => Return::ClearDeathNotificationDone(self.take()?),
            reply::BR_FROZEN_BINDER => Return::FrozenBinder(self.take()?),
            reply::BR_CLEAR_FREEZE_NOTIFICATION_DONE => Return::ClearFreezeNotificationDone(self.take()?),
            unknown => {
                let length = abi::binder::payload_size(unknown);
                self.position = self.position.saturating_add(length).min(self.end);
                Return::Unknown(unknown)
            }
        };
        Some((code, value))
    }
}
