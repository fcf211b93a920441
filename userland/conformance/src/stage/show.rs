//! Writes returns and deliveries without what differs from run to run.
//!
//! Addresses in the mapping become distances from its start, processes become the letters of their actors, and a
//! transaction's debug id becomes "some id".

use super::names;
use super::returns::Return;
use crate::operation::Delivery;
use abi::binder::TransactionData;
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_FD, BINDER_TYPE_FDA, BINDER_TYPE_HANDLE, BINDER_TYPE_PTR,
    BINDER_TYPE_WEAK_BINDER, BINDER_TYPE_WEAK_HANDLE, BufferObject, FdArrayObject, FdObject,
    FlatBinderObject,
};
use alloc::string::String;
use core::fmt::Write;
use zerocopy::FromBytes;

/// Bytes of data that a trace shows before it only says how many there are.
const SHOWN: usize = 64;

/// One mapping, to make its addresses relative.
#[derive(Clone, Copy)]
pub(super) struct Mapping {
    pub(super) base: u64,
    pub(super) length: u64,
}

impl Mapping {
    fn address(&self, out: &mut String, address: u64) {
        let _ = match address
            .checked_sub(self.base)
            .filter(|offset| *offset <= self.length)
        {
            Some(offset) => write!(out, "map+{offset:#x}"),
            None => write!(out, "{address:#x}"),
        };
    }
}

/// Writes one return.
pub(super) fn one(
    out: &mut String,
    item: &Return,
    delivery: Option<&Delivery>,
    mapping: Mapping,
    actor_of: impl Fn(i32) -> Option<char>,
) {
    let _ = match item {
        Return::Bare(code) => write!(out, "{}", names::reply(*code)),
        Return::Node(code, node) => {
            write!(out, "{}({:#x},{:#x})", names::reply(*code), node.ptr, node.cookie)
        }
        Return::Cookie(code, cookie) => write!(out, "{}({cookie:#x})", names::reply(*code)),
        Return::Frozen(info) => write!(
            out,
            "FROZEN_BINDER({:#x},{},{})",
            info.cookie, info.is_frozen, info.reserved
        ),
        Return::Rest(bytes) => write!(out, "rest {bytes:02x?}"),
        Return::Transaction(code, data, context) => {
            let _ = write!(out, "{}[", names::reply(*code));
            header(out, data, mapping, actor_of);
            if let Some(delivery) = delivery {
                if let Some(context) = context {
                    out.push_str(" context ");
                    mapping.address(out, *context);
                    let _ = write!(out, " {:?}", String::from_utf8_lossy(&delivery.context));
                }
                contents(out, delivery, mapping);
            }
            write!(out, "]")
        }
    };
}

fn header(
    out: &mut String,
    data: &TransactionData,
    mapping: Mapping,
    actor_of: impl Fn(i32) -> Option<char>,
) {
    let _ = write!(out, "code {:#x} flags {:#x}", data.code, data.flags);
    if data.target != 0 || data.cookie != 0 {
        let _ = write!(out, " node {:#x},{:#x}", data.target, data.cookie);
    }
    let _ = match (data.sender_pid, actor_of(data.sender_pid)) {
        (0, _) => write!(out, " pid 0"),
        (_, Some(actor)) => write!(out, " pid {actor}"),
        (pid, None) => write!(out, " pid ?{pid}"),
    };
    let _ = write!(out, " euid {} at ", data.sender_euid);
    mapping.address(out, data.buffer);
    let _ = write!(out, " size {} offsets at ", data.data_size);
    mapping.address(out, data.offsets);
    let _ = write!(out, " size {}", data.offsets_size);
}

fn contents(out: &mut String, delivery: &Delivery, mapping: Mapping) {
    let mut position = 0;
    let mut buffers = delivery.buffers.iter();
    for &offset in &delivery.offsets {
        let offset = offset as usize;
        let Some(gap) = delivery.data.get(position..offset) else {
            break;
        };
        bytes(out, gap);
        let Some(size) = delivery
            .data
            .get(offset..)
            .and_then(|object| self::object(out, object, &mut buffers, mapping))
        else {
            break;
        };
        position = offset + size;
    }
    if let Some(rest) = delivery.data.get(position..) {
        bytes(out, rest);
    }
}

fn bytes(out: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    out.push(' ');
    for byte in bytes.iter().take(SHOWN) {
        let _ = write!(out, "{byte:02x}");
    }
    if bytes.len() > SHOWN {
        // The sum tells whether the part that is not shown differs.
        let sum = bytes.iter().fold(0_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
        });
        let _ = write!(out, "…{} bytes, sum {sum:08x}", bytes.len());
    }
}

/// Writes an object; its size.
fn object<'a>(
    out: &mut String,
    bytes: &[u8],
    buffers: &mut impl Iterator<Item = &'a alloc::vec::Vec<u8>>,
    mapping: Mapping,
) -> Option<usize> {
    let (kind, _) = u32::read_from_prefix(bytes).ok()?;
    let flat = |out: &mut String, name: &str| {
        let (object, _) = FlatBinderObject::read_from_prefix(bytes).ok()?;
        let FlatBinderObject {
            flags,
            binder,
            cookie,
            ..
        } = object;
        let _ = write!(out, " {name}({binder:#x},{cookie:#x},{flags:#x})");
        Some(size_of::<FlatBinderObject>())
    };
    match kind {
        BINDER_TYPE_BINDER => flat(out, "binder"),
        BINDER_TYPE_WEAK_BINDER => flat(out, "weak-binder"),
        BINDER_TYPE_HANDLE => flat(out, "handle"),
        BINDER_TYPE_WEAK_HANDLE => flat(out, "weak-handle"),
        BINDER_TYPE_FD => {
            let (object, _) = FdObject::read_from_prefix(bytes).ok()?;
            let _ = write!(
                out,
                " fd({:#x},{:#x},{:#x})",
                object.fd, object.cookie, object.pad_flags
            );
            Some(size_of::<FdObject>())
        }
        BINDER_TYPE_PTR => {
            let (object, _) = BufferObject::read_from_prefix(bytes).ok()?;
            let _ = write!(out, " ptr(");
            mapping.address(out, object.buffer);
            let _ = write!(
                out,
                ",{},{:#x},{},{}:",
                object.length, object.flags, object.parent, object.parent_offset
            );
            if let Some(contents) = buffers.next() {
                words(out, contents, mapping);
            }
            out.push(')');
            Some(size_of::<BufferObject>())
        }
        BINDER_TYPE_FDA => {
            let (object, _) = FdArrayObject::read_from_prefix(bytes).ok()?;
            let _ = write!(
                out,
                " fda({},{},{})",
                object.num_fds, object.parent, object.parent_offset
            );
            Some(size_of::<FdArrayObject>())
        }
        _ => None,
    }
}

/// A scattered buffer. The driver writes addresses into it, at any place that the sender named.
fn words(out: &mut String, contents: &[u8], mapping: Mapping) {
    let mut rest = contents.get(..SHOWN).unwrap_or(contents);
    out.push(' ');
    while let Some((byte, behind)) = rest.split_first() {
        match rest.first_chunk().copied().map(u64::from_le_bytes) {
            Some(word) if word.wrapping_sub(mapping.base) < mapping.length => {
                out.push('<');
                mapping.address(out, word);
                out.push('>');
                rest = rest.get(8..).unwrap_or_default();
            }
            _ => {
                let _ = write!(out, "{byte:02x}");
                rest = behind;
            }
        }
    }
}
