//! The data of a transaction as a script writes it: `{ u32 7 binder 0x10 0x20 0 }`.
//!
//! Objects enter the offsets array by themselves; `offsets a b c` after the braces replaces it, for wrong ones.

use super::words::{Complaint, Words, bytes};
use alloc::format;
use alloc::vec::Vec;

/// One piece of the data.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// A flat object: type, flags, `binder` or handle, cookie.
    Flat {
        kind: u32,
        flags: u32,
        binder: u64,
        cookie: u64,
    },
    /// A file descriptor.
    Descriptor {
        descriptor: u64,
        pad_flags: u32,
        cookie: u64,
    },
    /// A scattered buffer with these bytes.
    Buffer {
        bytes: Vec<u8>,
        length: Option<u64>,
        parent: Option<(u64, u64)>,
    },
    /// A scattered buffer at a wild address.
    WildBuffer { address: u64, length: u64 },
    /// An array of descriptors inside a scattered buffer.
    DescriptorArray {
        count: u64,
        parent: u64,
        parent_offset: u64,
    },
}

/// Data and offsets of a transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload {
    pub(crate) items: Vec<Item>,
    /// Replaces the offsets array that the objects give.
    pub(crate) offsets: Option<Vec<u64>>,
    /// Replaces `data_size`; the data behind the items is zero.
    pub(crate) data_size: Option<u64>,
    /// Replaces `offsets_size`.
    pub(crate) offsets_size: Option<u64>,
    /// Replaces the address of the data.
    pub(crate) data_address: Option<u64>,
    /// Replaces the address of the offsets.
    pub(crate) offsets_address: Option<u64>,
}

impl Payload {
    /// Reads the items between braces, the opening one taken already.
    pub(crate) fn items(&mut self, words: &mut Words<'_>) -> Result<(), Complaint> {
        use abi::binder::object as types;
        loop {
            let item = match words.word("closing brace")? {
                "}" => return Ok(()),
                "u32" => Item::Bytes(words.number32("u32")?.to_le_bytes().to_vec()),
                "u64" => Item::Bytes(words.number("u64")?.to_le_bytes().to_vec()),
                "zero" => Item::Bytes(alloc::vec![0; words.number("number of bytes")? as usize]),
                "bytes" => Item::Bytes(bytes(words.word("bytes")?)?),
                "binder" => own(types::BINDER_TYPE_BINDER, words)?,
                "binders" => {
                    let (count, first) = (words.number("count")?, words.number("first ptr")?);
                    self.items.extend((0..count).map(|index| Item::Flat {
                        kind: types::BINDER_TYPE_BINDER,
                        flags: 0,
                        binder: first + 8 * index,
                        cookie: 0x20,
                    }));
                    continue;
                }
                "weak-binder" => own(types::BINDER_TYPE_WEAK_BINDER, words)?,
                "handle" => foreign(types::BINDER_TYPE_HANDLE, words)?,
                "weak-handle" => foreign(types::BINDER_TYPE_WEAK_HANDLE, words)?,
                "object" => Item::Flat {
                    kind: words.number32("type")?,
                    flags: words.number32("flags")?,
                    binder: words.number("binder")?,
                    cookie: words.number("cookie")?,
                },
                "fd" => Item::Descriptor {
                    descriptor: words.number("descriptor")?,
                    pad_flags: 0,
                    cookie: 0,
                },
                "fd-full" => Item::Descriptor {
                    descriptor: words.number("descriptor")?,
                    pad_flags: words.number32("pad flags")?,
                    cookie: words.number("cookie")?,
                },
                "ptr" => Item::Buffer {
                    bytes: contents(words)?,
                    length: None,
                    parent: None,
                },
                "ptr-length" => {
                    let length = words.number("length")?;
                    Item::Buffer {
                        bytes: contents(words)?,
                        length: Some(length),
                        parent: None,
                    }
                }
                "child" => {
                    let parent = (words.number("parent")?, words.number("parent offset")?);
                    Item::Buffer {
                        bytes: contents(words)?,
                        length: None,
                        parent: Some(parent),
                    }
                }
                "wild-ptr" => Item::WildBuffer {
                    address: words.number("address")?,
                    length: words.number("length")?,
                },
                "fda" => Item::DescriptorArray {
                    count: words.number("count")?,
                    parent: words.number("parent")?,
                    parent_offset: words.number("parent offset")?,
                },
                word => return Err(format!("{word}: no such item of data")),
            };
            self.items.push(item);
        }
    }
}

fn own(kind: u32, words: &mut Words<'_>) -> Result<Item, Complaint> {
    Ok(Item::Flat {
        kind,
        binder: words.number("ptr")?,
        cookie: words.number("cookie")?,
        flags: words.number32("flags")?,
    })
}

fn foreign(kind: u32, words: &mut Words<'_>) -> Result<Item, Complaint> {
    Ok(Item::Flat {
        kind,
        binder: words.number("handle")?,
        cookie: 0,
        flags: 0,
    })
}

/// The contents of a scattered buffer: `-` for none, `u32:1,2,3` for words, else hexadecimal digits.
fn contents(words: &mut Words<'_>) -> Result<Vec<u8>, Complaint> {
    let word = words.word("contents")?;
    if word == "-" {
        return Ok(Vec::new());
    }
    let Some(list) = word.strip_prefix("u32:") else {
        return bytes(word);
    };
    let mut out = Vec::new();
    for value in list.split(',') {
        let value = super::words::number(value).ok_or_else(|| format!("{value}: not a number"))?;
        out.extend_from_slice(&(value as u32).to_le_bytes());
    }
    Ok(out)
}
