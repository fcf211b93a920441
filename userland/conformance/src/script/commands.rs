//! The commands of one `BINDER_WRITE_READ` as a script writes them, separated by semicolons.

use super::payload::Payload;
use super::words::{Complaint, Words, bytes};
use abi::binder::command as bc;
use alloc::format;
use alloc::vec::Vec;

/// A transaction or reply, plain or with room for scattered buffers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) command: u32,
    pub(crate) target: u64,
    pub(crate) code: u32,
    pub(crate) flags: u32,
    pub(crate) payload: Payload,
    /// Room for scattered buffers, if not what they need.
    pub(crate) buffers_size: Option<u64>,
}

/// Which buffer to free.
#[derive(Clone, Debug)]
pub(crate) enum Free {
    /// The newest one that this thread received.
    Newest,
    /// The one that a thread received `age` deliveries ago.
    Received { thread: u8, age: usize },
    /// At this distance from the start of the mapping.
    Offset(u64),
    /// Anywhere.
    Address(u64),
}

/// One command.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    Transact(Transaction),
    Free(Free),
    /// A command whose payload is 32-bit words.
    Short(u32, Vec<u32>),
    /// A command for each of these handles.
    Each(u32, core::ops::Range<u32>),
    /// A command whose payload is 64-bit words.
    Long(u32, Vec<u64>),
    /// A command with a handle and a cookie.
    HandleCookie(u32, u32, u64),
    /// Acknowledges every refcount request that the thread has read and not acknowledged.
    Acknowledge,
    /// Bytes as they are.
    Raw(Vec<u8>),
}

/// One `BINDER_WRITE_READ`.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteRead {
    pub(crate) commands: Vec<Command>,
    pub(crate) read_size: u64,
    pub(crate) write_size: Option<u64>,
    pub(crate) write_consumed: u64,
    pub(crate) read_consumed: u64,
    pub(crate) write_buffer: Option<u64>,
    pub(crate) read_buffer: Option<u64>,
}

impl Command {
    /// Its codes.
    pub(crate) fn codes(&self) -> &[u32] {
        match self {
            Self::Transact(transaction) => core::slice::from_ref(&transaction.command),
            Self::Free(_) => &[bc::BC_FREE_BUFFER],
            Self::Short(code, _)
            | Self::Each(code, _)
            | Self::Long(code, _)
            | Self::HandleCookie(code, ..) => core::slice::from_ref(code),
            Self::Acknowledge => &[bc::BC_INCREFS_DONE, bc::BC_ACQUIRE_DONE],
            Self::Raw(_) => &[],
        }
    }

    /// Whether this is a call or a reply.
    pub(crate) const fn is_sent(&self) -> bool {
        matches!(self, Self::Transact(_))
    }

    /// Whether this answers a call.
    pub(crate) fn is_reply(&self) -> bool {
        matches!(self, Self::Transact(transaction) if matches!(transaction.command, bc::BC_REPLY | bc::BC_REPLY_SG))
    }
}

impl WriteRead {
    pub(crate) fn parse(words: &mut Words<'_>) -> Result<Self, Complaint> {
        let mut call = Self::default();
        while let Some(word) = words.next() {
            match word {
                ";" => {}
                "read" => call.read_size = words.number("read size")?,
                "write-size" => call.write_size = Some(words.number("write size")?),
                "wc" => call.write_consumed = words.number("write consumed")?,
                "rc" => call.read_consumed = words.number("read consumed")?,
                "write-at" => call.write_buffer = Some(words.number("write buffer")?),
                "read-at" => call.read_buffer = Some(words.number("read buffer")?),
                word => call.commands.push(command(word, words)?),
            }
        }
        Ok(call)
    }
}

fn command(word: &str, words: &mut Words<'_>) -> Result<Command, Complaint> {
    Ok(match word {
        "call" => transact(bc::BC_TRANSACTION, words)?,
        "call-sg" => transact(bc::BC_TRANSACTION_SG, words)?,
        "reply" => transact(bc::BC_REPLY, words)?,
        "reply-sg" => transact(bc::BC_REPLY_SG, words)?,
        "free" => Command::Free(free(words)?),
        "increfs" => Command::Short(bc::BC_INCREFS, alloc::vec![words.number32("handle")?]),
        "acquire" => Command::Short(bc::BC_ACQUIRE, alloc::vec![words.number32("handle")?]),
        "release" => Command::Short(bc::BC_RELEASE, alloc::vec![words.number32("handle")?]),
        "decrefs" => Command::Short(bc::BC_DECREFS, alloc::vec![words.number32("handle")?]),
        "acquires" => Command::Each(bc::BC_ACQUIRE, handles(words)?),
        "releases" => Command::Each(bc::BC_RELEASE, handles(words)?),
        "acquire-result" => Command::Short(bc::BC_ACQUIRE_RESULT, alloc::vec![words.number32("result")?]),
        "attempt-acquire" => Command::Short(
            bc::BC_ATTEMPT_ACQUIRE,
            alloc::vec![words.number32("priority")?, words.number32("handle")?],
        ),
        "increfs-done" => Command::Long(
            bc::BC_INCREFS_DONE,
            alloc::vec![words.number("ptr")?, words.number("cookie")?],
        ),
        "acquire-done" => Command::Long(
            bc::BC_ACQUIRE_DONE,
            alloc::vec![words.number("ptr")?, words.number("cookie")?],
        ),
        "ack" => Command::Acknowledge,
        "register" => Command::Short(bc::BC_REGISTER_LOOPER, Vec::new()),
        "enter" => Command::Short(bc::BC_ENTER_LOOPER, Vec::new()),
        "exit" => Command::Short(bc::BC_EXIT_LOOPER, Vec::new()),
        "death" => handle_cookie(bc::BC_REQUEST_DEATH_NOTIFICATION, words)?,
        "clear-death" => handle_cookie(bc::BC_CLEAR_DEATH_NOTIFICATION, words)?,
        "dead-done" => Command::Long(bc::BC_DEAD_BINDER_DONE, alloc::vec![words.number("cookie")?]),
        "watch-freeze" => handle_cookie(bc::BC_REQUEST_FREEZE_NOTIFICATION, words)?,
        "clear-freeze" => handle_cookie(bc::BC_CLEAR_FREEZE_NOTIFICATION, words)?,
        "freeze-done" => Command::Long(
            bc::BC_FREEZE_NOTIFICATION_DONE,
            alloc::vec![words.number("cookie")?],
        ),
        "raw" => Command::Raw(bytes(words.word("bytes")?)?),
        word => return Err(format!("{word}: no such command")),
    })
}

/// The first handle and how many there are.
fn handles(words: &mut Words<'_>) -> Result<core::ops::Range<u32>, Complaint> {
    let (first, count) = (words.number32("first handle")?, words.number32("count")?);
    Ok(first..first.saturating_add(count))
}

fn handle_cookie(command: u32, words: &mut Words<'_>) -> Result<Command, Complaint> {
    Ok(Command::HandleCookie(
        command,
        words.number32("handle")?,
        words.number("cookie")?,
    ))
}

fn transact(command: u32, words: &mut Words<'_>) -> Result<Command, Complaint> {
    let mut call = Transaction {
        command,
        ..Transaction::default()
    };
    if matches!(command, bc::BC_TRANSACTION | bc::BC_TRANSACTION_SG) {
        call.target = words.number("handle")?;
    }
    loop {
        match words.peek() {
            None | Some(";") => return Ok(Command::Transact(call)),
            Some(_) => {}
        }
        match words.word("field")? {
            "code" => call.code = words.number32("code")?,
            "flags" => call.flags |= words.number32("flags")?,
            "oneway" => call.flags |= 1,
            "{" => call.payload.items(words)?,
            "size" => call.payload.data_size = Some(words.number("size")?),
            "data-at" => call.payload.data_address = Some(words.number("address")?),
            "offsets-at" => call.payload.offsets_address = Some(words.number("address")?),
            "offsets-size" => call.payload.offsets_size = Some(words.number("offsets size")?),
            "offsets" => {
                let mut offsets = Vec::new();
                while let Some(offset) = words.number_if_any() {
                    offsets.push(offset);
                }
                call.payload.offsets = Some(offsets);
            }
            "buffers-size" => call.buffers_size = Some(words.number("buffers size")?),
            word => return Err(format!("{word}: no such field of a transaction")),
        }
    }
}

fn free(words: &mut Words<'_>) -> Result<Free, Complaint> {
    let Some(word) = words.peek().filter(|word| *word != ";" && *word != "read") else {
        return Ok(Free::Newest);
    };
    words.next();
    if let Some(offset) = word.strip_prefix('+') {
        let offset = super::words::number(offset).ok_or_else(|| format!("{word}: not an offset"))?;
        return Ok(Free::Offset(offset));
    }
    if let Some(received) = word.strip_prefix('@') {
        let (thread, age) = received.split_once('-').unwrap_or((received, "0"));
        return match (thread.parse(), age.parse()) {
            (Ok(thread), Ok(age)) => Ok(Free::Received { thread, age }),
            _ => Err(format!("{word}: not of the form @THREAD-AGE")),
        };
    }
    super::words::number(word)
        .map(Free::Address)
        .ok_or_else(|| format!("{word}: not an address"))
}
