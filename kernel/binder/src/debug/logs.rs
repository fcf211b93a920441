//! The transaction logs as files.

use crate::driver::Driver;
use crate::log::{Completeness, Log, LogKind};
use core::fmt::{Result, Write};

impl Driver {
    /// A log, the oldest entry first.
    pub(super) fn write_log(&self, log: &Log, out: &mut impl Write) -> Result {
        for entry in log.iter() {
            let kind = match entry.kind {
                LogKind::Call => "call ",
                LogKind::OneWay => "async",
                LogKind::Reply => "reply",
            };
            let (reply, parameter) = entry
                .failure
                .map_or((0, 0), |failure| (failure.reply(), failure.parameter()));
            write!(
                out,
                "{}: {kind} from {}:{} to {}:{} context {} node {} handle {} size {}:{} ret {reply}/{parameter} l=0",
                entry.id,
                entry.from_proc.0,
                entry.from_thread.0,
                entry.to_proc.0,
                entry.to_thread.0,
                entry.context.name(),
                entry.to_node,
                entry.target_handle.cast_signed(),
                entry.data_size,
                entry.offsets_size,
            )?;
            out.write_str(match entry.completeness {
                Completeness::Complete => "\n",
                Completeness::Incomplete => " (incomplete)\n",
            })?;
        }
        Ok(())
    }
}
