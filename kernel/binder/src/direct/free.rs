//! Freeing a buffer that holds nothing but its data.

use super::Unusual;
use crate::buffer::Charge;
use crate::driver::Driver;
use crate::message::size;
use crate::node::Node;
use crate::region::Buffer;
use crate::region::Delivery;
use crate::table::{BufferId, NodeId, ProcId, Table, TransactionId};
use crate::transaction::Transaction;
use abi::binder::command::BC_FREE_BUFFER;

impl Driver {
    /// `BC_FREE_BUFFER` for a delivered buffer of a call or reply, if it holds nothing but its data.
    #[inline(always)]
    pub(super) fn free_directly(&mut self, proc_id: ProcId, address: u64) -> Result<(), Unusual> {
        let proc = &mut self.procs[proc_id];
        let region = proc.region.as_mut().ok_or(Unusual)?;
        let offset = address.wrapping_sub(region.address);
        let Some(newest) = region.space.newest_at(offset) else {
            return self.free_between(proc_id, size(offset));
        };
        let id = newest.note();
        release(id, &mut self.buffers, &mut self.nodes, &mut self.transactions)?;
        newest.free();
        proc.stats.command(BC_FREE_BUFFER);
        Ok(())
    }

    /// The same for a buffer between others, or of a one-way call.
    #[inline(never)]
    fn free_between(&mut self, owner: ProcId, offset: usize) -> Result<(), Unusual> {
        let proc = &mut self.procs[owner];
        let region = proc.region.as_mut().ok_or(Unusual)?;
        let (found, &id) = region.space.find(offset).ok_or(Unusual)?;
        if self.buffers[id].charge == Charge::Async {
            return self.free_oneway(owner, id, found);
        }
        release(id, &mut self.buffers, &mut self.nodes, &mut self.transactions)?;
        region.space.free_found(found);
        proc.stats.command(BC_FREE_BUFFER);
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
    let plain = buffer.delivery == Delivery::Delivered && !buffer.clear && buffer.held.owns_nothing();
    if !plain {
        return Err(Unusual);
    }
    if let Some(target) = buffer.target {
        let node = &mut nodes[target];
        // Others refer to it still: nobody has to be told.
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
