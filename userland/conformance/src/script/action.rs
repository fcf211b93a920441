//! A step: who does what.

use super::commands::{Command, WriteRead};
use super::words::{Complaint, Words, bytes};
use crate::operation::{SLOTS, THREADS};
use abi::binder::ioctl;
use alloc::format;
use alloc::vec::Vec;

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Opens a device into the step's slot.
    Open { device: u8, nonblocking: bool },
    /// Maps the open device.
    Map {
        length: u64,
        writable: bool,
        shared: bool,
    },
    /// Removes the mapping from this offset to its end.
    Unmap { offset: u64 },
    /// Asks for the mapping to become writable.
    MakeWritable,
    /// Reads bytes of the mapping.
    Peek { offset: u64, length: u64 },
    /// Closes the step's slot.
    Close,
    /// Duplicates the step's descriptor into another slot.
    Duplicate { to: u8 },
    /// One `BINDER_WRITE_READ`.
    WriteRead(WriteRead),
    /// Any other ioctl with a struct of these bytes.
    Ioctl { request: u32, argument: Vec<u8> },
    /// An ioctl with the number of a named actor's process in front of these bytes.
    IoctlOfProcess {
        request: u32,
        actor: char,
        argument: Vec<u8>,
    },
    /// An ioctl with an address as it is.
    IoctlAt { request: u32, address: u64 },
    /// `poll` on the device.
    Poll { events: u16, timeout: i32 },
    /// Sets the thread's nice value.
    SetNice(i32),
    /// Prints the thread's nice value.
    Nice,
    /// Makes a pipe; prints its two descriptors.
    Pipe,
    /// Closes a descriptor that is not a slot.
    CloseDescriptor(i32),
    /// Writes bytes to a descriptor.
    Write(i32, Vec<u8>),
    /// Reads from a descriptor without waiting.
    Read(i32),
    /// Prints whether a descriptor is open, and its close-on-exec flag.
    Descriptor(i32),
    /// Ends the process.
    Die,
    /// Ends the thread with a signal delivered to it: the blocked call must answer EINTR.
    Signal,
}

/// A line of a script.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) actor: char,
    pub(crate) thread: u8,
    pub(crate) slot: u8,
    pub(crate) action: Action,
}

impl Step {
    /// Whether the step waits for whatever comes first, not for what itself brings about.
    pub(crate) fn waits_for_anything(&self) -> bool {
        matches!(&self.action, Action::WriteRead(call) if !call.commands.iter().any(Command::is_sent))
    }

    /// Whether the step freezes a process, and may have to wait for what that has under way.
    pub(crate) fn is_freeze(&self) -> bool {
        matches!(self.action, Action::IoctlOfProcess { request, .. } if request == ioctl::BINDER_FREEZE)
    }
}

/// Reads one line. `None` for an empty one.
pub(crate) fn parse(line: &str) -> Result<Option<Step>, Complaint> {
    let mut words = Words::new(line);
    let Some(who) = words.next() else { return Ok(None) };
    let (actor, thread, slot) = player(who).ok_or_else(|| format!("{who}: not of the form M.0 or M.0:1"))?;
    let action = action(&mut words)?;
    words.end()?;
    Ok(Some(Step {
        actor,
        thread,
        slot,
        action,
    }))
}

fn player(word: &str) -> Option<(char, u8, u8)> {
    let (actor, rest) = word.split_once('.')?;
    let (thread, slot) = rest.split_once(':').unwrap_or((rest, "0"));
    let mut letters = actor.chars();
    let actor = letters.next().filter(char::is_ascii_uppercase)?;
    let thread = thread.parse().ok().filter(|thread| *thread < THREADS)?;
    let slot = slot.parse().ok().filter(|slot| *slot < SLOTS)?;
    letters.next().is_none().then_some((actor, thread, slot))
}

fn action(words: &mut Words<'_>) -> Result<Action, Complaint> {
    Ok(match words.word("verb")? {
        "open" => {
            let mut open = (0, false);
            while let Some(word) = words.next() {
                match word {
                    "binder" => open.0 = 0,
                    "hwbinder" => open.0 = 1,
                    "vndbinder" => open.0 = 2,
                    "nonblocking" => open.1 = true,
                    word => return Err(format!("{word}: no such device")),
                }
            }
            Action::Open {
                device: open.0,
                nonblocking: open.1,
            }
        }
        "map" => {
            let length = words.number("length")?;
            Action::Map {
                length,
                writable: words.take("writable"),
                shared: words.take("shared"),
            }
        }
        "unmap" => Action::Unmap {
            offset: words.number("offset")?,
        },
        "make-writable" => Action::MakeWritable,
        "peek" => Action::Peek {
            offset: words.number("offset")?,
            length: words.number("length")?,
        },
        "close" => Action::Close,
        "dup" => Action::Duplicate {
            to: words.number("slot")? as u8 % SLOTS,
        },
        "wr" => Action::WriteRead(WriteRead::parse(words)?),
        "version" => Action::Ioctl {
            request: ioctl::BINDER_VERSION,
            argument: alloc::vec![0; 4],
        },
        "max-threads" => word_ioctl(ioctl::BINDER_SET_MAX_THREADS, words)?,
        "spam-detection" => word_ioctl(ioctl::BINDER_ENABLE_ONEWAY_SPAM_DETECTION, words)?,
        "manager" => Action::IoctlAt {
            request: ioctl::BINDER_SET_CONTEXT_MGR,
            address: 0,
        },
        "manager-ext" => {
            let mut argument = Vec::new();
            let (ptr, cookie) = (words.number("ptr")?, words.number("cookie")?);
            argument.extend_from_slice(&abi::binder::object::BINDER_TYPE_BINDER.to_le_bytes());
            argument.extend_from_slice(&words.number32("flags")?.to_le_bytes());
            argument.extend_from_slice(&ptr.to_le_bytes());
            argument.extend_from_slice(&cookie.to_le_bytes());
            Action::Ioctl {
                request: ioctl::BINDER_SET_CONTEXT_MGR_EXT,
                argument,
            }
        }
        "thread-exit" => Action::IoctlAt {
            request: ioctl::BINDER_THREAD_EXIT,
            address: 0,
        },
        "extended-error" => Action::Ioctl {
            request: ioctl::BINDER_GET_EXTENDED_ERROR,
            argument: alloc::vec![0; 12],
        },
        "node-debug" => {
            let mut argument = words.number("ptr")?.to_le_bytes().to_vec();
            argument.resize(24, 0);
            Action::Ioctl {
                request: ioctl::BINDER_GET_NODE_DEBUG_INFO,
                argument,
            }
        }
        "node-info" => {
            let mut argument = words.number32("handle")?.to_le_bytes().to_vec();
            while let Some(value) = words.number_if_any() {
                argument.extend_from_slice(&(value as u32).to_le_bytes());
            }
            argument.resize(24, 0);
            Action::Ioctl {
                request: ioctl::BINDER_GET_NODE_INFO_FOR_REF,
                argument,
            }
        }
        "freeze" => {
            let actor = actor(words)?;
            let mut argument = words.number32("enable")?.to_le_bytes().to_vec();
            argument.extend_from_slice(&(words.number_if_any().unwrap_or(0) as u32).to_le_bytes());
            Action::IoctlOfProcess {
                request: ioctl::BINDER_FREEZE,
                actor,
                argument,
            }
        }
        "frozen-info" => Action::IoctlOfProcess {
            request: ioctl::BINDER_GET_FROZEN_INFO,
            actor: actor(words)?,
            argument: alloc::vec![0; 8],
        },
        "ioctl" => {
            let request = words.number32("request")?;
            match words.word("argument")? {
                "null" => Action::IoctlAt { request, address: 0 },
                "at" => Action::IoctlAt {
                    request,
                    address: words.number("address")?,
                },
                argument => Action::Ioctl {
                    request,
                    argument: bytes(argument)?,
                },
            }
        }
        "poll" => {
            let events = words.number_if_any().unwrap_or(1) as u16;
            Action::Poll {
                events,
                timeout: words.number_if_any().unwrap_or(0) as i32,
            }
        }
        "set-nice" => Action::SetNice(words.number("nice")? as i32),
        "nice" => Action::Nice,
        "pipe" => Action::Pipe,
        "close-fd" => Action::CloseDescriptor(words.number("descriptor")? as i32),
        "write-fd" => Action::Write(words.number("descriptor")? as i32, bytes(words.word("bytes")?)?),
        "read-fd" => Action::Read(words.number("descriptor")? as i32),
        "fd" => Action::Descriptor(words.number("descriptor")? as i32),
        "die" => Action::Die,
        "signal" => Action::Signal,
        word => return Err(format!("{word}: no such verb")),
    })
}

fn actor(words: &mut Words<'_>) -> Result<char, Complaint> {
    let word = words.word("actor")?;
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_uppercase() => Ok(letter),
        _ => Err(format!("{word}: an actor is one capital letter")),
    }
}

fn word_ioctl(request: u32, words: &mut Words<'_>) -> Result<Action, Complaint> {
    Ok(Action::Ioctl {
        request,
        argument: words.number32("value")?.to_le_bytes().to_vec(),
    })
}
