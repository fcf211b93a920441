//! Records as text.

use super::{CALL, Event, ONE_WAY, Record};
use crate::binder::{command, reply};
use core::fmt;

/// Who knows what processes are called.
pub trait Names {
    /// The program of a process.
    fn process(&self, number: u32) -> Option<&str>;
}

/// A record's event in words.
pub struct Shown<'a, N> {
    record: &'a Record,
    names: &'a N,
}

impl Record {
    /// Its event in words, without the thread that acted.
    pub const fn shown<'a, N: Names>(&'a self, names: &'a N) -> Shown<'a, N> {
        Shown { record: self, names }
    }
}

impl<N: Names> Shown<'_, N> {
    fn process(&self, number: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names.process(number) {
            Some(name) => f.write_str(name),
            None if number == 0 => f.write_str("kernel"),
            None => write!(f, "process {number}"),
        }
    }
}

impl<N: Names> fmt::Display for Shown<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(event) = self.record.event() else {
            return write!(f, "kind {}", self.record.kind);
        };
        match event {
            Event::Name { thread, program } => write!(f, "is {thread} of {program}"),
            Event::Mark { text } => write!(f, "mark: {text}"),
            Event::Enter { request: 0 } => f.write_str("goes on in the driver"),
            Event::Enter { request } => write!(f, "enters the driver, request {request:#x}"),
            Event::Leave { result } => write!(f, "leaves the driver with {result}"),
            Event::Block {} => f.write_str("waits"),
            Event::Command { code } => code_name(command::name(code), code, f),
            Event::Return { code } => code_name(reply::name(code), code, f),
            Event::Interface { name } => write!(f, "interface {name}"),
            Event::Sent {
                id,
                form,
                to,
                node,
                code,
                data_size,
                ..
            } => {
                let form = match form {
                    CALL => "call",
                    ONE_WAY => "one-way call",
                    _ => "reply",
                };
                write!(f, "{form} #{id} to ")?;
                self.process(to, f)?;
                if node == 0 {
                    write!(f, " ({data_size} bytes)")
                } else {
                    write!(f, " (node {node}, code {code}, {data_size} bytes)")
                }
            }
            Event::Received { id } => write!(f, "receives #{id}"),
            Event::Failed { id, reply, parameter } => {
                write!(f, "#{id} fails: ")?;
                code_name(reply::name(reply), reply, f)?;
                write!(f, " {parameter}")
            }
            Event::Wake { woken } => write!(f, "wakes thread {woken}"),
            Event::Switch { from } => write!(f, "runs after thread {from}"),
            Event::BufferAllocated { owner, offset, size } => {
                write!(f, "takes {size} bytes at {offset:#x} in ")?;
                self.process(owner, f)
            }
            Event::BufferFreed { owner, offset } => {
                write!(f, "frees {offset:#x} in ")?;
                self.process(owner, f)
            }
            Event::PagesMapped { owner, first, count } => {
                match count {
                    1 => write!(f, "backs page {first} in ")?,
                    _ => write!(f, "backs {count} pages from page {first} in ")?,
                }
                self.process(owner, f)
            }
            Event::Node {
                owner,
                node,
                strong,
                weak,
            } => {
                write!(f, "tells ")?;
                self.process(owner, f)?;
                write!(f, " of node {node}: strong {strong}, weak {weak}")
            }
            Event::Looper { code } => {
                f.write_str("pool: ")?;
                code_name(command::name(code), code, f)
            }
            Event::Death { owner, cookie } => {
                write!(f, "tells ")?;
                self.process(owner, f)?;
                write!(f, " of a death, cookie {cookie:#x}")
            }
        }
    }
}

fn code_name(name: Option<&str>, code: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match name {
        Some(name) => f.write_str(name),
        None => write!(f, "code {code:#x}"),
    }
}
