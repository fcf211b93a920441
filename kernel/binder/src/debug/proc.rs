//! Procs, threads, nodes and references in the debug files.

use super::{Detail, Now, in_order};
use crate::driver::Driver;
use crate::machine::TaskId;
use crate::node::Told;
use crate::proc::Proc;
use crate::table::{Id, NodeId, ProcId, RefId, ThreadId};
use crate::thread::{Blocked, Looper, Unread};
use abi::binder::reply::BR_OK;
use core::fmt::{Result, Write};

/// What both files of procs begin with.
#[inline(never)]
pub(super) fn write_name(proc: &Proc, out: &mut impl Write) -> Result {
    writeln!(out, "proc {}\ncontext {}", proc.pid.0, proc.context.name())
}

impl Driver {
    /// A proc with all that belongs to it. If only busy ones are wanted, a proc that is not is left out.
    pub(super) fn write_proc(&self, id: ProcId, detail: Detail, now: Now, out: &mut impl Write) -> Result {
        if detail == Detail::Busy && !self.is_busy(id) {
            return Ok(());
        }
        let proc = &self.procs[id];
        write_name(proc, out)?;
        let threads = proc.threads.iter(&self.threads);
        let tasks = &mut threads.map(|id| (self.threads[id].task.0.into(), Id::to_number(id)));
        for (_, thread) in in_order(tasks) {
            let thread: ThreadId = Id::from_number(thread);
            if detail == Detail::Everything || self.is_busy_thread(thread) {
                self.write_thread(thread, now, out)?;
            }
        }
        let nodes = proc.nodes.iter(&self.nodes);
        let pointers = &mut nodes.map(|id| (self.nodes[id].name.ptr, id.to_number()));
        for (_, node) in in_order(pointers) {
            let node = NodeId::from_number(node);
            if detail == Detail::Everything || self.nodes[node].oneway_active {
                self.write_node(node, now, out)?;
            }
        }
        if detail == Detail::Everything {
            for handle in 0..proc.handles.end() {
                if let Some(reference) = proc.handles.get(handle) {
                    self.write_ref(reference, out)?;
                }
            }
        }
        self.write_buffers(id, out)?;
        for work in proc.todo.iter(&self.works) {
            let work = self.works[work].work;
            self.write_work(id, "  ", "  pending transaction", work, now, out)?;
        }
        if !proc.due_deaths.is_empty() {
            out.write_str("  has delivered dead binder\n")?;
        }
        if !proc.due_freezes.is_empty() {
            out.write_str("  has delivered freeze binder\n")?;
        }
        Ok(())
    }

    fn is_busy(&self, id: ProcId) -> bool {
        let proc = &self.procs[id];
        proc.threads
            .iter(&self.threads)
            .any(|thread| self.is_busy_thread(thread))
            || proc
                .nodes
                .iter(&self.nodes)
                .any(|node| self.nodes[node].oneway_active)
            || proc
                .region
                .as_ref()
                .is_some_and(|region| region.space.iter().next().is_some())
            || !proc.todo.is_empty()
            || !proc.due_deaths.is_empty()
            || !proc.due_freezes.is_empty()
    }

    fn is_busy_thread(&self, id: ThreadId) -> bool {
        let thread = &self.threads[id];
        thread.stack.is_some() || !thread.has_nothing()
    }

    fn write_thread(&self, id: ThreadId, now: Now, out: &mut impl Write) -> Result {
        let thread = &self.threads[id];
        let TaskId(task) = thread.task;
        let blocked = match thread.blocked {
            Blocked::PlainRead | Blocked::Read => Looper::BLOCKED,
            Blocked::No | Blocked::Freeze => 0,
        };
        writeln!(
            out,
            "  thread {task}: l {:02x} need_return {} tr 0",
            thread.looper.bits() | blocked,
            u8::from(thread.need_return)
        )?;
        let mut next = thread.stack;
        while let Some(entry) = next {
            let transaction = &self.transactions[entry];
            if transaction.from == Some(id) {
                self.write_transaction(thread.proc, "    outgoing transaction", entry, now, out)?;
                next = transaction.from_parent;
            } else {
                self.write_transaction(thread.proc, "    incoming transaction", entry, now, out)?;
                next = transaction.to_parent;
            }
        }
        for unread in thread.all_unread(&self.works) {
            match unread {
                Unread::Error(kind) => {
                    let code = thread.errors.code(kind).unwrap_or(BR_OK);
                    writeln!(out, "    transaction error: {code}")?;
                }
                Unread::Work(work) => {
                    self.write_work(thread.proc, "    ", "    pending transaction", work, now, out)?;
                }
            }
        }
        Ok(())
    }

    /// A node with who refers to it, and the one-way calls that wait for it.
    pub(super) fn write_node(&self, id: NodeId, now: Now, out: &mut impl Write) -> Result {
        let node = &self.nodes[id];
        let told = |told: Told| u8::from(told != Told::NoRef);
        write!(
            out,
            "  node {}: u{:016x} c{:016x} hs {} hw {} ls {} lw {} is {} iw {} tr 1",
            node.id,
            node.name.ptr,
            node.name.cookie,
            told(node.told_strong),
            told(node.told_weak),
            node.local_strong.get(),
            node.local_weak.get(),
            node.remote_strong.get(),
            node.refs.len(&self.refs)
        )?;
        if !node.refs.is_empty() {
            out.write_str(" proc")?;
            for reference in node.refs.iter(&self.refs) {
                write!(out, " {}", self.procs[self.refs[reference].proc].pid.0)?;
            }
        }
        out.write_str("\n")?;
        if let Some(owner) = node.owner {
            for work in node.oneways.iter(&self.works) {
                let work = self.works[work].work;
                self.write_work(owner, "    ", "    pending async transaction", work, now, out)?;
            }
        }
        Ok(())
    }

    fn write_ref(&self, id: RefId, out: &mut impl Write) -> Result {
        let reference = &self.refs[id];
        let node = &self.nodes[reference.node];
        // A registration has no number of its own; that of the reference tells them apart.
        let death = if reference.death.is_some() {
            reference.id
        } else {
            0
        };
        writeln!(
            out,
            "  ref {}: desc {} {}node {} s {} w {} d {death:016x}",
            reference.id,
            reference.handle,
            if node.owner.is_none() { "dead " } else { "" },
            node.id,
            reference.strong.get(),
            reference.weak.get()
        )
    }

    fn write_buffers(&self, id: ProcId, out: &mut impl Write) -> Result {
        let Some(region) = &self.procs[id].region else {
            return Ok(());
        };
        for (offset, _, &buffer) in region.space.iter() {
            let buffer = &self.buffers[buffer];
            writeln!(
                out,
                "  buffer {}: {offset:x} size {}:{}:{} {}",
                buffer.id,
                buffer.request.data,
                buffer.request.offsets,
                buffer.request.extra,
                if buffer.transaction.is_some() {
                    "active"
                } else {
                    "delivered"
                }
            )?;
        }
        Ok(())
    }
}
