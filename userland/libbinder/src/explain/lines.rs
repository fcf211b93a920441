//! An observer that prints numbered lines.

use super::{Observer, Station};
use crate::binder::{
    DEBUG_PID_TRANSACTION, DUMP_TRANSACTION, EXTENSION_TRANSACTION, INTERFACE_TRANSACTION, PING_TRANSACTION,
};
use crate::parcel::Parcel;
use abi::binder::{PtrCookie, TransactionData, TransactionFlags, command, payload_size, reply};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;
use rt::binder::{Exchange, Return};
use rt::println;
use rt::sync::Mutex;
use rt::syscall::{getpid, gettid};

/// Prints each station as a line `LABEL NUMBER [PID:TID] what`, and its data below it.
pub struct Lines {
    label: String,
    /// Locked while a station is printed, so that the numbers ascend on the screen.
    count: Mutex<u32>,
}

impl Lines {
    /// An observer whose lines begin with `label`: the role of this process.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            count: Mutex::new(0),
        }
    }

    /// Prints one station as a whole, so that lines of other processes do not come between.
    fn say(&self, what: &str, details: &[String]) {
        let mut number = self.count.lock();
        *number += 1;
        let mut text = format!("{} {number} [{}:{}] {what}", self.label, getpid(), gettid());
        for detail in details {
            text.push_str("\n      ");
            text.push_str(detail);
        }
        println!("{text}");
    }
}

impl Observer for Lines {
    fn at(&self, station: &Station<'_>) {
        match station {
            Station::Opened { path, region, length } => {
                let region = format!("region of {length} bytes mapped at {region:#x}");
                self.say(&format!("ProcessState: opened {path}"), &[region]);
            }
            Station::Proxy { proxy, method, code } => {
                self.say(&format!("{proxy}.{method}: code {code}"), &[]);
            }
            Station::Parcel(parcel) => self.say(&parcel_headline(parcel), &hexdump(parcel.data())),
            Station::TransactionData(code, data) => {
                let name = command::name(*code).unwrap_or("?");
                self.say(
                    &format!("IpcThreadState.write_transaction_data: {name}"),
                    &transaction(data),
                );
            }
            Station::Commands(bytes) => {
                if !bytes.is_empty() {
                    self.say("IpcThreadState.talk_with_driver: commands", &commands(bytes));
                }
            }
            Station::WriteRead(exchange, _) => self.say("ioctl BINDER_WRITE_READ", &write_read(exchange)),
            Station::Return(code, value) => {
                let name = reply::name(*code).unwrap_or("?");
                self.say(
                    &format!("IpcThreadState.execute_command: {name}"),
                    &returned(value),
                );
            }
            Station::Transact {
                object,
                descriptor,
                code,
            } => {
                let code = call_name(*code);
                self.say(
                    &format!("BBinder.transact: object {object}, {descriptor}, {code}"),
                    &[],
                );
            }
            Station::OnTransact { native, method, code } => {
                self.say(&format!("{native}.on_transact: code {code} is {method}"), &[]);
            }
        }
    }
}

fn parcel_headline(parcel: &Parcel) -> String {
    let (data, objects) = (parcel.data().len(), parcel.objects());
    match parcel.region_address() {
        None => format!("Parcel: {data} bytes written, objects at {objects:?}"),
        Some(address) => {
            format!(
                "Parcel: {data} bytes read where the driver copied them, at {address:#x}, objects at {objects:?}"
            )
        }
    }
}

fn transaction(data: &TransactionData) -> Vec<String> {
    let flags = TransactionFlags::from_bits_retain(data.flags);
    let mut names: String = flags
        .iter_names()
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
        .join(" ");
    if names.is_empty() {
        names.push_str("none");
    }
    [
        format!(
            "target {:#x}, cookie {:#x}, code {}",
            data.target,
            data.cookie,
            call_name(data.code)
        ),
        format!(
            "flags {:#x} ({names}), sender pid {} euid {}",
            data.flags, data.sender_pid, data.sender_euid
        ),
        format!("data_size {}, offsets_size {}", data.data_size, data.offsets_size),
        format!("buffer {:#x}, offsets {:#x}", data.buffer, data.offsets),
    ]
    .into()
}

fn call_name(code: u32) -> String {
    match code {
        PING_TRANSACTION => "PING".into(),
        INTERFACE_TRANSACTION => "INTERFACE".into(),
        DUMP_TRANSACTION => "DUMP".into(),
        EXTENSION_TRANSACTION => "EXTENSION".into(),
        DEBUG_PID_TRANSACTION => "DEBUG_PID".into(),
        code => code.to_string(),
    }
}

fn commands(mut bytes: &[u8]) -> Vec<String> {
    let mut list = Vec::new();
    while let Some((code, rest)) = bytes
        .split_first_chunk()
        .map(|(code, rest)| (u32::from_le_bytes(*code), rest))
    {
        let Some((payload, rest)) = rest.split_at_checked(payload_size(code)) else {
            break;
        };
        let name = command::name(code).unwrap_or("?");
        list.push(match (payload.len(), payload.split_first_chunk()) {
            (4, Some((word, _))) => format!("{name} handle {}", u32::from_le_bytes(*word)),
            (8, _) => match payload.first_chunk() {
                Some(word) => format!("{name} {:#x}", u64::from_le_bytes(*word)),
                None => name.into(),
            },
            (0, _) => name.into(),
            (length, _) => format!("{name} with {length} bytes"),
        });
        bytes = rest;
    }
    list
}

fn write_read(exchange: &Exchange) -> Vec<String> {
    let (before, after) = (&exchange.before, &exchange.after);
    let mut list = Vec::new();
    if before.write_size > 0 {
        list.push(format!(
            "write_size {}, write_buffer {:#x}, write_consumed {} -> {}",
            before.write_size, before.write_buffer, before.write_consumed, after.write_consumed
        ));
    }
    if before.read_size > 0 {
        list.push(format!(
            "read_size {}, read_buffer {:#x}, read_consumed {} -> {}",
            before.read_size, before.read_buffer, before.read_consumed, after.read_consumed
        ));
    }
    if let Err(errno) = exchange.result {
        list.push(format!("failed: {errno}"));
    }
    list
}

fn returned(value: &Return) -> Vec<String> {
    let node = |node: &PtrCookie| [format!("node ptr {:#x}, cookie {:#x}", node.ptr, node.cookie)].into();
    match value {
        Return::Transaction(incoming) | Return::Reply(incoming) => transaction(&incoming.data),
        Return::IncRefs(ptr) | Return::Acquire(ptr) | Return::Release(ptr) | Return::DecRefs(ptr) => {
            node(ptr)
        }
        Return::DeadBinder(cookie) | Return::ClearDeathNotificationDone(cookie) => {
            [format!("cookie {cookie:#x}")].into()
        }
        _ => Vec::new(),
    }
}

/// Sixteen bytes a line, with the letters that are among them.
fn hexdump(bytes: &[u8]) -> Vec<String> {
    let line = |(index, chunk): (usize, &[u8])| {
        let mut text = format!("{:04x} ", index * 16);
        for byte in chunk {
            // Formatting into a string cannot fail.
            let _ = write!(text, " {byte:02x}");
        }
        text.extend(core::iter::repeat_n("   ", 16 - chunk.len()));
        text.push_str("  ");
        text.extend(chunk.iter().map(|&byte| {
            if (0x20..0x7f).contains(&byte) {
                char::from(byte)
            } else {
                '.'
            }
        }));
        text
    };
    bytes.chunks(16).enumerate().map(line).collect()
}
