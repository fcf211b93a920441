//! Traces of runs: read out of the guest's memory, written as files that other programs show.
//!
//! [`memory`] finds what the kernel recorded, [`recorded`] holds it with the names of threads, [`excerpt`] cuts out the
//! line that was run, [`json`] and [`svg`] write it.

mod excerpt;
mod json;
mod memory;
mod recorded;
mod svg;
#[cfg(test)]
mod testing;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result};

use crate::layout::Scratch;
use crate::options::Options;
use crate::qemu::KernelLog;
pub(crate) use json::text as json;
pub(crate) use memory::read;
pub(crate) use recorded::Recorded;

/// The guest's memory among the files of a run.
pub(crate) const MEMORY: &str = "memory";

/// How many records a trace has when nothing is said about it: 32 MiB.
const RECORDS: u32 = 524_288;

/// How many records fit into a MiB.
const RECORDS_IN_MEBIBYTE: u32 = 16_384;

/// A file for a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    path: PathBuf,
    format: Format,
}

/// What the file's name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Trace events, for Perfetto.
    Json,
    /// A sequence diagram.
    Svg,
}

impl Output {
    /// A file of trace events.
    pub(crate) fn json(path: PathBuf) -> Self {
        let format = Format::Json;
        Self { path, format }
    }

    /// A file with a sequence diagram.
    pub(crate) fn svg(path: PathBuf) -> Self {
        let format = Format::Svg;
        Self { path, format }
    }

    /// Fails if the file cannot be written, which is better known before a long run than behind it.
    pub(crate) fn check(&self) -> Result<()> {
        let path = &self.path;
        let opened = fs::OpenOptions::new().append(true).create(true).open(path);
        opened
            .map(drop)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let format = match path.extension().and_then(OsStr::to_str) {
            Some("json") => Format::Json,
            Some("svg") => Format::Svg,
            _ => return Err("a trace is a file that ends in .json or .svg".to_owned()),
        };
        Ok(Self { path, format })
    }
}

/// How many records the guest shall keep.
pub(crate) fn records(options: &Options) -> u32 {
    let room = (options.memory / 4).saturating_mul(RECORDS_IN_MEBIBYTE);
    options.trace_size.unwrap_or(room.min(RECORDS))
}

/// Writes what a guest recorded, once its machine is off, and says what is missing in it.
pub(crate) fn write(output: &Output, options: &Options, log: &KernelLog, scratch: &Scratch) -> Result<()> {
    let recorded = read(&scratch.file(MEMORY), options.memory, &log.text())?;
    let text = match output.format {
        Format::Json => json::text(&recorded),
        Format::Svg => {
            let title = options.exec.as_deref().unwrap_or("a session");
            svg::text(&recorded, title, &options.trace_of)
        }
    };
    let path = &output.path;
    let mut file = fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))?;
    if recorded.lost > 0 {
        eprintln!(
            "bindery: the trace lacks its first {} events; --trace-size {} would have kept all",
            recorded.lost,
            recorded.lost + recorded.records.len() as u64
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Format, Output};

    #[test]
    fn the_ending_chooses_the_format() {
        let format = |name: &str| name.parse::<Output>().map(|output| output.format);
        assert_eq!(format("run.json"), Ok(Format::Json));
        assert_eq!(format("a/b.svg"), Ok(Format::Svg));
        assert!(format("run.txt").is_err());
        assert!(format("json").is_err());
        assert!(format(".svg").is_err());
    }
}
