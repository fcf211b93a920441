//! Recording what binder does.

use super::{Trace, ask};
use crate::parcel::{FromParcel, Parcel};
use crate::status::{Result, StatusCode};
use abi::kernel_objects::trace;
use abi::trace::Record;
use alloc::vec::Vec;

/// How a trace stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceStatus {
    /// Whether it goes on.
    pub on: bool,
    /// How many records the ring keeps.
    pub capacity: u64,
    /// How many were written.
    pub written: u64,
    /// How many of those were overwritten by later ones.
    pub lost: u64,
}

impl FromParcel for TraceStatus {
    fn read_from(parcel: &Parcel) -> core::result::Result<Self, StatusCode> {
        Ok(Self {
            on: parcel.read()?,
            capacity: parcel.read()?,
            written: parcel.read()?,
            lost: parcel.read()?,
        })
    }
}

impl Trace {
    /// Begins a new trace with room for so many records; 0 for as many as before.
    ///
    /// # Errors
    ///
    /// A service-specific exception with ENOMEM when they do not fit into memory.
    pub fn start(&self, records: i32) -> Result<()> {
        ask(self.as_binder(), trace::DESCRIPTOR, trace::START, |data| {
            data.write(&records)
        })
    }

    /// Ends the trace. It can still be read.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn stop(&self) -> Result<()> {
        ask(self.as_binder(), trace::DESCRIPTOR, trace::STOP, |_| Ok(()))
    }

    /// How it stands.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn status(&self) -> Result<TraceStatus> {
        ask(self.as_binder(), trace::DESCRIPTOR, trace::STATUS, |_| Ok(()))
    }

    /// Some records from this number on, and the number of the first of them; none where there are no more.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn read(&self, from: u64) -> Result<(u64, Vec<Record>)> {
        let (first, bytes): (u64, Vec<u8>) = ask(self.as_binder(), trace::DESCRIPTOR, trace::READ, |data| {
            data.write(&from)
        })?;
        Ok((first, Record::all_in(&bytes).collect()))
    }

    /// The names of all threads in the trace.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn names(&self) -> Result<Vec<Record>> {
        let mut names = Vec::new();
        loop {
            let place = i32::try_from(names.len()).unwrap_or(i32::MAX);
            let bytes: Vec<u8> = ask(self.as_binder(), trace::DESCRIPTOR, trace::NAMES, |data| {
                data.write(&place)
            })?;
            let before = names.len();
            names.extend(Record::all_in(&bytes));
            if names.len() == before {
                return Ok(names);
            }
        }
    }

    /// Puts a mark into the trace.
    ///
    /// # Errors
    ///
    /// Why the kernel did not answer.
    pub fn mark(&self, text: &str) -> Result<()> {
        ask(self.as_binder(), trace::DESCRIPTOR, trace::MARK, |data| {
            data.write(text)
        })
    }
}
