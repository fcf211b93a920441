//! Freeing a buffer.

use super::Unusual;
use super::commands::FREE;
use super::oneway::free_oneway;
use crate::buffer::Charge;
use crate::count::Strength;
use crate::driver::Driver;
use crate::held::Held;
use crate::message::size;
use crate::node::{Holder, Node};
use crate::region::{Buffer, Delivery};
use crate::table::{BufferId, NodeId, ProcId, Table, ThreadId, TransactionId};
use crate::transaction::Transaction;
use abi::binder::command::BC_FREE_BUFFER;

impl Driver {
    /// `BC_FREE_BUFFER` for a delivered buffer, if only the driver has to do with what it holds.
    #[inline(always)]
    pub(super) fn free_directly(
        &mut self,
        caller: ThreadId,
        proc_id: ProcId,
        address: u64,
    ) -> Result<(), Unusual> {
        let proc = &mut self.procs[proc_id];
        let region = proc.region.as_mut().ok_or(Unusual)?;
        let offset = address.wrapping_sub(region.address);
        let Some(newest) = region.space.newest_at(offset) else {
            return self.free_apart::<()>(caller, proc_id, address);
        };
        let id = newest.note();
        if release(id, &mut self.buffers, &mut self.nodes, &mut self.transactions).is_err() {
            return self.free_holding::<()>(caller, id);
        }
        newest.free();
        proc.stats.command(BC_FREE_BUFFER);
        Ok(())
    }

    /// The same for a buffer between others, or of a one-way call.
    ///
    /// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
    #[inline(never)]
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "what is generic is compiled where it is called from"
    )]
    pub(super) fn free_apart<Here>(
        &mut self,
        caller: ThreadId,
        owner: ProcId,
        address: u64,
    ) -> Result<(), Unusual> {
        let proc = &mut self.procs[owner];
        let region = proc.region.as_mut().ok_or(Unusual)?;
        let offset = size(address.wrapping_sub(region.address));
        let (found, &id) = region.space.find(offset).ok_or(Unusual)?;
        let mut buffer = self.buffers.find(id).ok_or(Unusual)?;
        if buffer.value().charge == Charge::Async {
            // What goes on then may be one that is to be found while it waits.
            if !self.updates.is_empty() {
                return Err(Unusual);
            }
            return free_oneway((owner, proc), (buffer, found), &mut self.nodes, &mut self.works);
        }
        if release(id, &mut self.buffers, &mut self.nodes, &mut self.transactions).is_err() {
            return self.free_holding::<()>(caller, id);
        }
        region.space.free_found(found);
        proc.stats.command(BC_FREE_BUFFER);
        Ok(())
    }

    /// The same for a buffer that holds nodes or handles. If somebody has to be woken for them, or the caller has something
    /// to read then, all that is left to do is done in the general way.
    ///
    /// Generic, so that it is compiled where it is called from: with the kernel's program, for speed.
    #[inline(never)]
    #[expect(
        clippy::extra_unused_type_parameters,
        reason = "what is generic is compiled where it is called from"
    )]
    fn free_holding<Here>(&mut self, caller: ThreadId, id: BufferId) -> Result<(), Unusual> {
        let mut found = self.buffers.find(id).ok_or(Unusual)?;
        let buffer = found.value();
        let is_descriptor = |held| matches!(held, Held::Descriptor(_));
        let usual = buffer.delivery.contains(Delivery::DELIVERED)
            && buffer.charge == Charge::Sync
            && !buffer.is_cleared()
            && !buffer.held.iter().any(is_descriptor);
        if !usual {
            return Err(Unusual);
        }
        let (owner, offset) = (buffer.proc, buffer.offset);
        let (transaction, target) = (buffer.transaction, buffer.target);
        let held = buffer.held.take();
        found.discard();
        if let Some(transaction) = transaction {
            self.transactions[transaction].buffer = None;
        }
        if let Some(target) = target {
            self.lower_node(target, Strength::Strong, Holder::Local);
        }
        for held in held {
            match held {
                Held::Node(node, strength) => {
                    self.lower_node(node, strength, Holder::Local);
                    self.settle_node(node);
                }
                Held::Handle(handle, strength) => self.lower_handle(owner, handle, strength),
                Held::Descriptor(_) => {}
            }
        }
        let proc = &mut self.procs[owner];
        proc.stats.command(BC_FREE_BUFFER);
        if let Some(region) = &mut proc.region {
            region.space.free(offset);
        }
        self.consumed = FREE;
        if !self.threads[caller].has_nothing() || !self.effects.rest.is_empty() {
            return Err(Unusual);
        }
        self.bring_acceptance_ahead(caller);
        Ok(())
    }
}

/// Ends a buffer, but for its place.
#[inline(always)]
fn release(
    id: BufferId,
    buffers: &mut Table<Buffer, BufferId>,
    nodes: &mut Table<Node, NodeId>,
    transactions: &mut Table<Transaction, TransactionId>,
) -> Result<(), Unusual> {
    let mut found = buffers.find(id).ok_or(Unusual)?;
    let buffer = found.value();
    if buffer.delivery != Delivery::PLAINLY_DELIVERED {
        return Err(Unusual);
    }
    if let Some(target) = buffer.target {
        let node = &mut nodes[target];
        // If others refer to it still, nobody has to be told.
        if node.remote_strong.is_zero() && node.local_strong.get() < 2 {
            return Err(Unusual);
        }
        node.local_strong.down();
    }
    if let Some(transaction) = buffer.transaction {
        transactions[transaction].buffer = None;
    }
    found.vacate();
    Ok(())
}
