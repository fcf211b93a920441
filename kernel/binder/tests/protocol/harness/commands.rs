//! Commands and transactions, as tests write them.

use abi::binder::command as bc;
use abi::binder::object as kinds;
use abi::binder::{HandleCookie, PtrCookie, TransactionData, TransactionDataSg};
use zerocopy::{Immutable, IntoBytes};

/// The data of a call or reply.
#[derive(Clone, Default)]
pub(crate) struct Data {
    pub(crate) target: u64,
    pub(crate) is_reply: bool,
    pub(crate) code: u32,
    pub(crate) flags: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) offsets: Vec<u64>,
    /// Room for scattered buffers: makes it a `_SG` command.
    pub(crate) buffers: Option<u64>,
    /// Replaces what the command says of itself.
    pub(crate) patch: Vec<Patch>,
}

/// A lie about a transaction.
#[derive(Clone, Copy)]
pub(crate) enum Patch {
    DataSize(u64),
    OffsetsSize(u64),
    DataPointer(u64),
    OffsetsPointer(u64),
}

/// A call to a handle.
pub(crate) fn call(handle: u64) -> Data {
    Data {
        target: handle,
        ..Data::default()
    }
}

/// A reply.
pub(crate) fn reply() -> Data {
    Data {
        is_reply: true,
        ..Data::default()
    }
}

impl Data {
    pub(crate) fn oneway(self) -> Self {
        self.flags(1)
    }

    pub(crate) fn flags(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    pub(crate) fn code(mut self, code: u32) -> Self {
        self.code = code;
        self
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn zeros(mut self, count: usize) -> Self {
        self.bytes.resize(self.bytes.len() + count, 0);
        self
    }

    pub(crate) fn offset(mut self, offset: u64) -> Self {
        self.offsets.push(offset);
        self
    }

    pub(crate) fn patch(mut self, patch: Patch) -> Self {
        self.patch.push(patch);
        self
    }

    pub(crate) fn buffers(mut self, size: u64) -> Self {
        self.buffers = Some(size);
        self
    }

    pub(crate) fn object(mut self, object: &(impl IntoBytes + Immutable)) -> Self {
        self.offsets.push(self.bytes.len() as u64);
        self.bytes.extend_from_slice(object.as_bytes());
        self
    }

    fn flat(self, kind: u32, flags: u32, binder: u64, cookie: u64) -> Self {
        self.object(&kinds::FlatBinderObject {
            kind,
            flags,
            binder,
            cookie,
        })
    }

    pub(crate) fn binder(self, ptr: u64, cookie: u64) -> Self {
        self.flat(kinds::BINDER_TYPE_BINDER, 0x17f, ptr, cookie)
    }

    pub(crate) fn binder_with(self, flags: u32, ptr: u64, cookie: u64) -> Self {
        self.flat(kinds::BINDER_TYPE_BINDER, flags, ptr, cookie)
    }

    pub(crate) fn weak_binder(self, ptr: u64, cookie: u64) -> Self {
        self.flat(kinds::BINDER_TYPE_WEAK_BINDER, 0x17f, ptr, cookie)
    }

    pub(crate) fn handle(self, handle: u64) -> Self {
        self.flat(kinds::BINDER_TYPE_HANDLE, 0, handle, 0)
    }

    pub(crate) fn weak_handle(self, handle: u64) -> Self {
        self.flat(kinds::BINDER_TYPE_WEAK_HANDLE, 0, handle, 0)
    }

    pub(crate) fn fd(self, descriptor: u64, cookie: u64) -> Self {
        self.object(&kinds::FdObject {
            kind: kinds::BINDER_TYPE_FD,
            pad_flags: 0x55,
            fd: descriptor,
            cookie,
        })
    }
}

/// A stream of commands.
#[derive(Clone, Default)]
pub(crate) struct Bc {
    pub(crate) parts: Vec<Part>,
}

/// A part of a stream.
#[derive(Clone)]
pub(crate) enum Part {
    Raw(Vec<u8>),
    Send(Data),
}

impl Bc {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.parts.push(Part::Raw(bytes.to_vec()));
        self
    }

    pub(crate) fn then(mut self, more: Self) -> Self {
        self.parts.extend(more.parts);
        self
    }

    fn command(self, code: u32, payload: &(impl IntoBytes + Immutable + ?Sized)) -> Self {
        let mut bytes = code.to_le_bytes().to_vec();
        bytes.extend_from_slice(payload.as_bytes());
        self.raw(&bytes)
    }

    pub(crate) fn send(mut self, data: Data) -> Self {
        self.parts.push(Part::Send(data));
        self
    }

    pub(crate) fn enter(self) -> Self {
        self.raw(&bc::BC_ENTER_LOOPER.to_le_bytes())
    }

    pub(crate) fn register(self) -> Self {
        self.raw(&bc::BC_REGISTER_LOOPER.to_le_bytes())
    }

    pub(crate) fn exit_looper(self) -> Self {
        self.raw(&bc::BC_EXIT_LOOPER.to_le_bytes())
    }

    pub(crate) fn free(self, address: u64) -> Self {
        self.command(bc::BC_FREE_BUFFER, &address)
    }

    pub(crate) fn increfs(self, handle: u32) -> Self {
        self.command(bc::BC_INCREFS, &handle)
    }

    pub(crate) fn acquire(self, handle: u32) -> Self {
        self.command(bc::BC_ACQUIRE, &handle)
    }

    pub(crate) fn release(self, handle: u32) -> Self {
        self.command(bc::BC_RELEASE, &handle)
    }

    pub(crate) fn decrefs(self, handle: u32) -> Self {
        self.command(bc::BC_DECREFS, &handle)
    }

    pub(crate) fn increfs_done(self, ptr: u64, cookie: u64) -> Self {
        self.command(bc::BC_INCREFS_DONE, &PtrCookie { ptr, cookie })
    }

    pub(crate) fn acquire_done(self, ptr: u64, cookie: u64) -> Self {
        self.command(bc::BC_ACQUIRE_DONE, &PtrCookie { ptr, cookie })
    }

    fn watch(self, code: u32, handle: u32, cookie: u64) -> Self {
        self.command(code, &HandleCookie { handle, cookie })
    }

    pub(crate) fn request_death(self, handle: u32, cookie: u64) -> Self {
        self.watch(bc::BC_REQUEST_DEATH_NOTIFICATION, handle, cookie)
    }

    pub(crate) fn clear_death(self, handle: u32, cookie: u64) -> Self {
        self.watch(bc::BC_CLEAR_DEATH_NOTIFICATION, handle, cookie)
    }

    pub(crate) fn dead_done(self, cookie: u64) -> Self {
        self.command(bc::BC_DEAD_BINDER_DONE, &cookie)
    }

    pub(crate) fn request_freeze(self, handle: u32, cookie: u64) -> Self {
        self.watch(bc::BC_REQUEST_FREEZE_NOTIFICATION, handle, cookie)
    }

    pub(crate) fn clear_freeze(self, handle: u32, cookie: u64) -> Self {
        self.watch(bc::BC_CLEAR_FREEZE_NOTIFICATION, handle, cookie)
    }

    pub(crate) fn freeze_done(self, cookie: u64) -> Self {
        self.command(bc::BC_FREEZE_NOTIFICATION_DONE, &cookie)
    }

    pub(crate) fn attempt_acquire(self) -> Self {
        self.command(bc::BC_ATTEMPT_ACQUIRE, &0_u64)
    }

    pub(crate) fn acquire_result(self) -> Self {
        self.command(bc::BC_ACQUIRE_RESULT, &0_u32)
    }

    /// The bytes of the stream, with the data of transactions put into memory by `place`.
    pub(crate) fn encode(&self, mut place: impl FnMut(&[u8]) -> u64) -> Vec<u8> {
        let mut stream = Vec::new();
        for part in &self.parts {
            match part {
                Part::Raw(bytes) => stream.extend_from_slice(bytes),
                Part::Send(data) => encode_send(data, &mut place, &mut stream),
            }
        }
        stream
    }
}

fn encode_send(data: &Data, place: &mut impl FnMut(&[u8]) -> u64, stream: &mut Vec<u8>) {
    let mut header = TransactionData {
        target: data.target,
        code: data.code,
        flags: data.flags,
        data_size: data.bytes.len() as u64,
        offsets_size: data.offsets.len() as u64 * 8,
        buffer: place(&data.bytes),
        offsets: place(data.offsets.as_bytes()),
        ..TransactionData::default()
    };
    for patch in &data.patch {
        match *patch {
            Patch::DataSize(size) => header.data_size = size,
            Patch::OffsetsSize(size) => header.offsets_size = size,
            Patch::DataPointer(pointer) => header.buffer = pointer,
            Patch::OffsetsPointer(pointer) => header.offsets = pointer,
        }
    }
    let code = match (data.is_reply, data.buffers.is_some()) {
        (false, false) => bc::BC_TRANSACTION,
        (false, true) => bc::BC_TRANSACTION_SG,
        (true, false) => bc::BC_REPLY,
        (true, true) => bc::BC_REPLY_SG,
    };
    stream.extend_from_slice(&code.to_le_bytes());
    match data.buffers {
        None => stream.extend_from_slice(header.as_bytes()),
        Some(buffers_size) => {
            let header = TransactionDataSg {
                transaction_data: header,
                buffers_size,
            };
            stream.extend_from_slice(header.as_bytes());
        }
    }
}
