//! Turns the commands of a script into bytes in a thread's arena.

use super::actor::Player;
use crate::operation::{COMMANDS, PAYLOADS, RETURNS, ZEROS};
use crate::script::{Command, Free, Item, Payload, Transaction, WriteRead};
use abi::binder::TransactionData;
use abi::binder::command as bc;
use abi::binder::object::{
    BINDER_BUFFER_FLAG_HAS_PARENT, BINDER_TYPE_FD, BINDER_TYPE_FDA, BINDER_TYPE_PTR, BufferObject,
    FdArrayObject, FdObject, FlatBinderObject,
};
use alloc::vec::Vec;
use zerocopy::IntoBytes;

/// The memory of one `BINDER_WRITE_READ` before the call, and its struct.
pub(super) struct Prepared {
    pub(super) memory: Vec<(u64, Vec<u8>)>,
    pub(super) header: [u64; 6],
}

/// Lays out one call in the arena of its thread.
pub(super) fn prepare(thread: u8, call: &WriteRead, players: &mut [Player]) -> Prepared {
    let base = players[thread as usize].arena;
    let mut layout = Layout {
        next: base + PAYLOADS,
        memory: Vec::new(),
        end: base + ZEROS,
    };
    let mut commands = Vec::new();
    for command in &call.commands {
        layout.command(&mut commands, command, thread, players);
    }
    let size = commands.len() as u64;
    layout.memory.push((base + COMMANDS, commands));
    let header = [
        call.write_size.unwrap_or(size),
        call.write_consumed,
        call.write_buffer.unwrap_or(base + COMMANDS),
        call.read_size,
        call.read_consumed,
        call.read_buffer.unwrap_or(base + RETURNS),
    ];
    Prepared {
        memory: layout.memory,
        header,
    }
}

struct Layout {
    next: u64,
    memory: Vec<(u64, Vec<u8>)>,
    /// Where the payloads must end, and the zeros begin.
    end: u64,
}

impl Layout {
    /// Puts bytes into the arena; their address.
    fn place(&mut self, bytes: Vec<u8>) -> u64 {
        let address = self.next;
        self.next = (address + bytes.len() as u64).next_multiple_of(16);
        assert!(
            self.next <= self.end,
            "the payloads of one call outgrow the arena"
        );
        self.memory.push((address, bytes));
        address
    }

    fn command(&mut self, out: &mut Vec<u8>, command: &Command, thread: u8, players: &mut [Player]) {
        match command {
            Command::Transact(transaction) => self.transact(out, transaction),
            Command::Free(free) => {
                let address = match *free {
                    Free::Address(address) => address,
                    Free::Offset(offset) => players[thread as usize].map_base.wrapping_add(offset),
                    Free::Newest => players[thread as usize].received(0),
                    Free::Received { thread, age } => players[thread as usize].received(age),
                };
                out.extend_from_slice(&bc::BC_FREE_BUFFER.to_le_bytes());
                out.extend_from_slice(&address.to_le_bytes());
            }
            Command::Short(code, words) => {
                out.extend_from_slice(&code.to_le_bytes());
                out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            }
            Command::Each(code, handles) => {
                for handle in handles.clone() {
                    out.extend_from_slice(&code.to_le_bytes());
                    out.extend_from_slice(&handle.to_le_bytes());
                }
            }
            Command::Long(code, words) => {
                out.extend_from_slice(&code.to_le_bytes());
                out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            }
            Command::HandleCookie(code, handle, cookie) => {
                out.extend_from_slice(&code.to_le_bytes());
                out.extend_from_slice(&handle.to_le_bytes());
                out.extend_from_slice(&cookie.to_le_bytes());
            }
            Command::Acknowledge => {
                for (code, node) in players[thread as usize].unacknowledged.drain(..) {
                    out.extend_from_slice(&code.to_le_bytes());
                    out.extend_from_slice(node.as_bytes());
                }
            }
            Command::Raw(bytes) => out.extend_from_slice(bytes),
        }
    }

    fn transact(&mut self, out: &mut Vec<u8>, transaction: &Transaction) {
        let payload = &transaction.payload;
        let (data, offsets, room) = self.payload(payload);
        let data_size = payload.data_size.unwrap_or(data.len() as u64);
        let buffer = payload.data_address.unwrap_or_else(|| {
            if data.is_empty() && data_size > 0 {
                self.end
            } else {
                self.place_sized(data, data_size)
            }
        });
        let offsets: Vec<u64> = payload.offsets.clone().unwrap_or(offsets);
        let offsets_size = payload.offsets_size.unwrap_or(offsets.len() as u64 * 8);
        let offsets = payload
            .offsets_address
            .unwrap_or_else(|| self.place(offsets.as_bytes().to_vec()));
        let header = TransactionData {
            target: transaction.target,
            code: transaction.code,
            flags: transaction.flags,
            data_size,
            offsets_size,
            buffer,
            offsets,
            ..TransactionData::default()
        };
        out.extend_from_slice(&transaction.command.to_le_bytes());
        out.extend_from_slice(header.as_bytes());
        if matches!(transaction.command, bc::BC_TRANSACTION_SG | bc::BC_REPLY_SG) {
            out.extend_from_slice(&transaction.buffers_size.unwrap_or(room).to_le_bytes());
        }
    }

    /// Data followed by zeros up to `size`, as far as the arena's payload part goes.
    fn place_sized(&mut self, mut data: Vec<u8>, size: u64) -> u64 {
        const MOST: u64 = 0x1_0000;
        if size > data.len() as u64 {
            data.resize(size.min(MOST) as usize, 0);
        }
        self.place(data)
    }

    /// The bytes of the data, the offsets of its objects, and the room that its scattered buffers need.
    fn payload(&mut self, payload: &Payload) -> (Vec<u8>, Vec<u64>, u64) {
        let mut data = Vec::new();
        let mut offsets = Vec::new();
        let mut room = 0;
        for item in &payload.items {
            if !matches!(item, Item::Bytes(_)) {
                offsets.push(data.len() as u64);
            }
            match item {
                Item::Bytes(bytes) => data.extend_from_slice(bytes),
                Item::Flat {
                    kind,
                    flags,
                    binder,
                    cookie,
                } => data.extend_from_slice(
                    FlatBinderObject {
                        kind: *kind,
                        flags: *flags,
                        binder: *binder,
                        cookie: *cookie,
                    }
                    .as_bytes(),
                ),
                Item::Descriptor {
                    descriptor,
                    pad_flags,
                    cookie,
                } => data.extend_from_slice(
                    FdObject {
                        kind: BINDER_TYPE_FD,
                        pad_flags: *pad_flags,
                        fd: *descriptor,
                        cookie: *cookie,
                    }
                    .as_bytes(),
                ),
                Item::Buffer {
                    bytes,
                    length,
                    parent,
                } => {
                    let length = length.unwrap_or(bytes.len() as u64);
                    room += length.next_multiple_of(8);
                    let buffer = self.place(bytes.clone());
                    let (flags, (parent, parent_offset)) = match parent {
                        Some(parent) => (BINDER_BUFFER_FLAG_HAS_PARENT, *parent),
                        None => (0, (0, 0)),
                    };
                    let object = BufferObject {
                        kind: BINDER_TYPE_PTR,
                        flags,
                        buffer,
                        length,
                        parent,
                        parent_offset,
                    };
                    data.extend_from_slice(object.as_bytes());
                }
                Item::WildBuffer { address, length } => {
                    room += length.next_multiple_of(8);
                    let object = BufferObject {
                        kind: BINDER_TYPE_PTR,
                        buffer: *address,
                        length: *length,
                        ..BufferObject::default()
                    };
                    data.extend_from_slice(object.as_bytes());
                }
                Item::DescriptorArray {
                    count,
                    parent,
                    parent_offset,
                } => data.extend_from_slice(
                    FdArrayObject {
                        kind: BINDER_TYPE_FDA,
                        pad: 0,
                        num_fds: *count,
                        parent: *parent,
                        parent_offset: *parent_offset,
                    }
                    .as_bytes(),
                ),
            }
        }
        (data, offsets, room)
    }
}
