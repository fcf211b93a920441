//! Finding a trace in the file that was the guest's memory.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use abi::trace::{MAGIC, Record, Table};
use anyhow::{Context, Result, bail, ensure};
use zerocopy::{FromBytes, IntoBytes};

use super::recorded::Recorded;

/// What the kernel's log says about a trace, in front of its table's address.
const MARK: &str = "table at 0x";

/// Above this, QEMU leaves room for devices: memory that does not fit below goes on at 4 GiB.
const GIBIBYTE: u64 = 1 << 30;

/// Reads the trace that the log speaks of.
pub(crate) fn read(file: &Path, mebibytes: u32, log: &str) -> Result<Recorded> {
    let memory = Memory {
        file: File::open(file).with_context(|| format!("cannot open {}", file.display()))?,
        size: u64::from(mebibytes) << 20,
    };
    let Some(address) = table_address(log) else {
        match log.lines().find(|line| line.contains("trace: cannot begin")) {
            Some(line) => bail!("the guest could not trace: {line}"),
            None => bail!("the guest recorded nothing: it ended before its kernel began"),
        }
    };
    let table: Table = memory.value(address)?;
    ensure!(table.magic == MAGIC, "the guest's memory holds no trace");
    let kept = table.written.min(table.capacity);
    ensure!(
        table.chunk > 0 && kept * size_of::<Record>() as u64 <= memory.size,
        "the guest's trace makes no sense"
    );
    let chunks: Vec<u64> = memory.values(table.chunks, table.capacity / table.chunk)?;
    let mut places: Vec<Record> = Vec::new();
    for chunk in chunks {
        let left = kept - places.len() as u64;
        places.extend(memory.values::<Record>(chunk, left.min(table.chunk))?);
    }
    // The oldest lies where the next would go.
    if table.written > table.capacity {
        places.rotate_left((table.written % table.capacity) as usize);
    }
    let names: Vec<Record> = memory.values(table.names, table.name_count)?;
    Ok(Recorded::new(places, &names, table.written - kept))
}

/// The address in the last line of a log that tells one.
fn table_address(log: &str) -> Option<u64> {
    let (_, told) = log.rsplit_once(MARK)?;
    let digits = told.split(|c: char| !c.is_ascii_hexdigit()).next()?;
    u64::from_str_radix(digits, 16).ok()
}

/// The guest's memory.
struct Memory {
    file: File,
    size: u64,
}

impl Memory {
    /// Where in the file a physical address lies.
    fn offset(&self, address: u64) -> u64 {
        let below = if self.size >= 0xe000_0000 {
            3 * GIBIBYTE
        } else {
            self.size
        };
        if address >= 4 * GIBIBYTE {
            address - 4 * GIBIBYTE + below
        } else {
            address
        }
    }

    fn value<T: FromBytes + IntoBytes>(&self, address: u64) -> Result<T> {
        let mut value = T::new_zeroed();
        self.fill(value.as_mut_bytes(), address)?;
        Ok(value)
    }

    fn values<T: FromBytes + IntoBytes>(&self, address: u64, count: u64) -> Result<Vec<T>> {
        ensure!(count <= self.size, "the guest's trace makes no sense");
        let mut values = Vec::new();
        values.resize_with(count as usize, T::new_zeroed);
        self.fill(values.as_mut_slice().as_mut_bytes(), address)?;
        Ok(values)
    }

    fn fill(&self, bytes: &mut [u8], address: u64) -> Result<()> {
        self.file
            .read_exact_at(bytes, self.offset(address))
            .context("the guest's trace lies outside of its memory")
    }
}

#[cfg(test)]
mod tests {
    use super::table_address;

    #[test]
    fn the_newest_table_counts() {
        let log = "trace: 64 records, table at 0x1000\nx\n[1.0] trace: 128 records, table at 0x2f00\nend\n";
        assert_eq!(table_address(log), Some(0x2f00));
        assert_eq!(table_address("trace: cannot begin: ENOMEM"), None);
    }
}
