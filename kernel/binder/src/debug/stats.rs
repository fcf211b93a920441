//! The counters as a file.

use super::proc::write_name;
use crate::buffer::PageCounts;
use crate::driver::Driver;
use crate::region::Mapping;
use crate::stats::{CommandStats, ObjectStats};
use crate::table::ProcId;
use crate::work::Work;
use abi::binder::{command, number, reply};
use core::fmt::{Result, Write};

impl Driver {
    pub(super) fn write_stats(&self, out: &mut impl Write) -> Result {
        out.write_str("binder stats:\n")?;
        write_commands("", &self.all_commands(), out)?;
        write_objects(&self.stats.objects, self.transactions.len(), out)?;
        for proc in self.order.iter(&self.procs) {
            self.write_proc_stats(proc, out)?;
        }
        Ok(())
    }

    fn write_proc_stats(&self, id: ProcId, out: &mut impl Write) -> Result {
        let proc = &self.procs[id];
        let pool = proc.pool;
        let region = proc.region.as_ref();
        let (mut strong, mut weak) = (0_u64, 0_u64);
        for handle in 0..proc.handles.end() {
            if let Some(reference) = proc.handles.get(handle) {
                let reference = &self.refs[reference];
                strong = strong.saturating_add(u64::from(reference.strong.get()));
                weak = weak.saturating_add(u64::from(reference.weak.get()));
            }
        }
        let pages = region
            .filter(|region| region.mapping == Mapping::Open)
            .map_or(PageCounts::default(), |region| region.space.page_counts());
        let pending = proc
            .todo
            .iter(&self.works)
            .filter(|&work| matches!(self.works[work].work, Work::Transaction(_)))
            .count();
        write_name(proc, out)?;
        write!(
            out,
            "  threads: {}
  requested threads: {}+{}/{}
  ready threads {}
  free async space {}
  nodes: {}
  refs: {} s {strong} w {weak}
  buffers: {}
  pages: {}:{}:{}
  pages high watermark: {}
  pending transactions: {pending}
",
            proc.threads.len(&self.threads),
            pool.requested,
            pool.started,
            pool.max,
            proc.waiting.len(&self.threads),
            region.map_or(0, |region| region.space.free_async()),
            proc.nodes.len(&self.nodes),
            proc.handles.len(),
            region.map_or(0, |region| region.space.iter().count()),
            pages.active,
            pages.lru,
            pages.free,
            region.map_or(0, |region| region.space.pages_high()),
        )?;
        write_commands("  ", &proc.stats, out)
    }
}

fn write_commands(prefix: &str, stats: &CommandStats, out: &mut impl Write) -> Result {
    for &code in command::ALL {
        let count = stats.commands.get(usize::from(number(code)));
        write_count(prefix, command::name(code), count, out)?;
    }
    // The name of a return that two codes share is that of the first.
    let mut last = None;
    for &code in reply::ALL {
        if last.replace(number(code)) != Some(number(code)) {
            let count = stats.returns.get(usize::from(number(code)));
            write_count(prefix, reply::name(code), count, out)?;
        }
    }
    Ok(())
}

fn write_count(prefix: &str, name: Option<&str>, count: Option<&u32>, out: &mut impl Write) -> Result {
    match (name, count) {
        (Some(name), Some(count)) if *count != 0 => writeln!(out, "{prefix}{name}: {count}"),
        _ => Ok(()),
    }
}

fn write_objects(objects: &ObjectStats, transactions: usize, out: &mut impl Write) -> Result {
    for (name, tally) in [
        ("proc", objects.procs),
        ("thread", objects.threads),
        ("node", objects.nodes),
        ("ref", objects.refs),
        ("death", objects.deaths),
        ("transaction", objects.transactions.with(transactions)),
        (
            "transaction_complete",
            objects.completions.of(objects.transactions),
        ),
        ("freeze", objects.freezes),
    ] {
        if tally.total != 0 {
            writeln!(out, "{name}: active {} total {}", tally.active, tally.total)?;
        }
    }
    Ok(())
}
